from __future__ import annotations

from typing import NamedTuple


class Interval(NamedTuple):
    """From `start` up to, but not including, `end`."""

    start: int
    end: int

    @property
    def length(self) -> int:
        return max(0, self.end - self.start)

    def overlaps(self, other: Interval) -> bool:
        return self.start < other.end and other.start < self.end
