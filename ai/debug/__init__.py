"""The debugger: why a step failed, and what would help."""
