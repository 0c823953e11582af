from __future__ import annotations

from collections.abc import Iterable

from intervals.model import Interval


def merge(intervals: Iterable[Interval]) -> list[Interval]:
    """The same time in as few intervals as possible, in order."""
    merged: list[Interval] = []
    for one in sorted(intervals):
        if merged and merged[-1].overlaps(one):
            merged[-1] = Interval(merged[-1].start, one.end)
        else:
            merged.append(one)
    return merged
