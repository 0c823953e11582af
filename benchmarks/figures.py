"""One printed line a figure: `P3  intake p99 at 300/s  6.9 ms  goal < 50 ms  met`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """A measured value beside its goal."""

    name: str
    what: str
    value: str
    goal: str
    met: bool

    def line(self) -> str:
        """The printed line."""
        return f"{self.name:<5}{self.what:<76}{self.value:>12}  goal {self.goal:<10} {'met' if self.met else 'not met'}"


def at_most(name: str, what: str, value: float, limit: float, unit: str = "x") -> Figure:
    """A figure that should not exceed its limit."""
    return Figure(name, what, f"{value:.2f} {unit}", f"<= {limit:g} {unit}", value <= limit)


def at_least(name: str, what: str, value: float, limit: float, unit: str = "x") -> Figure:
    """A figure that should reach its limit."""
    return Figure(name, what, f"{value:.2f} {unit}", f">= {limit:g} {unit}", value >= limit)


def below(name: str, what: str, value: float, limit: float, unit: str) -> Figure:
    """A figure that should stay under its limit."""
    return Figure(name, what, f"{value:.1f} {unit}", f"< {limit:g} {unit}", value < limit)


def none(name: str, what: str, count: int) -> Figure:
    """A count that should be zero."""
    return Figure(name, what, str(count), "0", count == 0)
