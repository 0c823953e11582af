"""Längen in Metern."""

METER = {"mm": 0.001, "cm": 0.01, "m": 1.0, "km": 1000.0}


def in_meter(text: str) -> float:
    """`12 cm` ist 0.12. ValueError, wenn die Einheit fehlt oder unbekannt ist."""
    zahl, _, einheit = text.partition(" ")
    if einheit not in METER:
        raise ValueError(f"unbekannte Einheit: {einheit!r}")
    return float(zahl) * METER[einheit]
