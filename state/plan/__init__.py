"""The plan as data, and everything that can be said about a plan without touching the world."""
