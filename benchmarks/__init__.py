"""Measured figures, printed beside their goals (`make bench`, `make soak`)."""
