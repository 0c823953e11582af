"""Which lines of which files a planner was shown; what it cites must be among them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Seen:
    """Line numbers, from 1, by path; `whole` are files that were shown from beginning to end without numbers."""

    lines: Mapping[str, frozenset[int]] = field(default_factory=dict)
    whole: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.lines or self.whole)

    def __or__(self, other: Seen) -> Seen:
        paths = {*self.lines, *other.lines}
        none: frozenset[int] = frozenset()
        both = {path: self.lines.get(path, none) | other.lines.get(path, none) for path in paths}
        return Seen(both, self.whole | other.whole)

    def any_of(self, path: str) -> bool:
        """Whether anything of the file was shown."""
        return path in self.whole or bool(self.lines.get(path))

    def covers(self, path: str, first: int, last: int) -> bool:
        """Whether every one of these lines was shown."""
        return path in self.whole or self.lines.get(path, frozenset()).issuperset(range(first, last + 1))

    def shown(self, path: str) -> str:
        """The lines that were shown, as `1-40, 90`; empty where there are none."""
        return ", ".join(
            f"{first}-{last}" if last > first else f"{first}" for first, last in ranges(self.lines.get(path, ()))
        )


def ranges(numbers: Iterable[int]) -> list[tuple[int, int]]:
    """Ascending runs of whole numbers that follow each other."""
    runs: list[tuple[int, int]] = []
    for number in sorted(set(numbers)):
        if runs and runs[-1][1] == number - 1:
            runs[-1] = (runs[-1][0], number)
        else:
            runs.append((number, number))
    return runs
