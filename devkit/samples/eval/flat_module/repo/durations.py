"""Durations as people write them: `1h 30m` is 5400 seconds."""

import re

SECONDS = {"h": 3600, "m": 60, "s": 1}
PART = re.compile(r"(\d+)([hms])")


def parse(text):
    """The seconds of a duration such as `1h 30m`. Raises ValueError for anything else."""
    found = PART.findall(text)
    if not found:
        raise ValueError(f"no duration: {text!r}")
    return sum(int(number) * SECONDS[unit] for number, unit in found)


def spell(seconds):
    """The shortest way to write so many seconds: 5400 is `1h 30m`."""
    parts = []
    for unit, size in SECONDS.items():
        number, seconds = divmod(seconds, size)
        if number:
            parts.append(f"{number}{unit}")
    return " ".join(parts) or "0s"
