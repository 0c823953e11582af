"""What the shared rate limits ask of every call; the SQL buckets of the installation stand behind this port."""

from __future__ import annotations

from typing import Protocol


class Budget(Protocol):
    """Asked before a call and told after it."""

    def wait(self, *, write: bool) -> float:
        """Seconds until such a call may be made; 0 means now, and a write is then spent."""

    def paused(self, seconds: float) -> None:
        """GitHub asked the whole installation to be quiet that long."""


class NoBudget:
    """No limits: tests and single calls of `doctor`."""

    def wait(self, *, write: bool) -> float:
        """Always now."""
        return 0.0

    def paused(self, seconds: float) -> None:
        """Forgotten."""
