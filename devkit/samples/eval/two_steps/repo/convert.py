"""Temperatures."""


def to_fahrenheit(celsius):
    """Degrees Fahrenheit."""
    return celsius * 9 / 5 + 32
