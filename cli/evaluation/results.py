"""What came of one task, and of all of them; texts for people and values for programs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from cli.evaluation.samples import GOOD, Row


@dataclass(frozen=True)
class Result:
    """One task. `verdict` is done, failed, paused or the state that it stopped in; `resolved`: pushed and right."""

    repository: str
    script: str
    number: int
    verdict: str
    reason: str = ""
    resolved: bool = False
    why: str = ""
    branch: str = ""
    turns: int = 0
    tokens: int = 0
    cached: int = 0
    dollars: float = 0.0
    seconds: float = 0.0
    exits: tuple[str, ...] = ()
    trajectories: str = ""
    expected: Row | None = field(default=None)

    @property
    def as_expected(self) -> bool | None:
        """Whether the table's row holds; None where nothing is expected yet."""
        row = self.expected
        if row is None or row.pending:
            return None
        resolved = row.verdict == "done" and row.resolved
        return (self.verdict, self.reason, self.resolved) == (row.verdict, row.reason, resolved)

    def mark(self) -> str:
        """In one word."""
        if self.expected is not None and self.expected.pending:
            return f"pending: {self.expected.verdict}/{self.expected.reason}"
        if self.expected is None:
            return "resolved" if self.resolved else "NOT resolved"
        return "as expected" if self.as_expected else f"EXPECTED {said(self.expected.verdict, self.expected.reason)}"

    def to_json(self) -> dict[str, Any]:
        """For programs."""
        return asdict(self) | {
            "expected": self.expected and self.expected.model_dump(),
            "as_expected": self.as_expected,
        }


@dataclass(frozen=True)
class Sums:
    """Sums over some tasks."""

    tasks: int
    resolved: int
    turns: int
    tokens: int
    dollars: float
    seconds: float
    exits: str


def said(verdict: str, reason: str) -> str:
    """`failed (checks)`."""
    return f"{verdict} ({reason})" if reason else verdict


def sums(results: Sequence[Result]) -> Sums:
    """Sums; `exits` counts how the conversations ended, most frequent first."""
    ends = Counter(one for result in results for one in result.exits)
    return Sums(
        len(results),
        sum(one.resolved for one in results),
        sum(one.turns for one in results),
        sum(one.tokens for one in results),
        round(sum(one.dollars for one in results), 6),
        round(sum(one.seconds for one in results), 1),
        ", ".join(f"{name} {count}" for name, count in ends.most_common()),
    )


def good(results: Sequence[Result]) -> bool:
    """Whether every asserted row holds, and without a table whether everything was resolved."""
    return bool(results) and all(one.as_expected is not False and (one.expected or one.resolved) for one in results)


def resolve_rate(results: Sequence[Result]) -> float | None:
    """How many of those that could be were resolved, from 0 to 1; a script other than the good one is to fail."""
    wanted = [one for one in results if one.expected is None or one.script == GOOD]
    return round(sum(one.resolved for one in wanted) / len(wanted), 3) if wanted else None


def summary(results: Sequence[Result], seconds: float, models: str) -> dict[str, Any]:
    """Everything, for programs."""
    names = list(dict.fromkeys(one.repository for one in results))
    return {
        "ok": good(results),
        "models": models,
        "seconds": round(seconds, 1),
        "resolve_rate": resolve_rate(results),
        "asserted": sum(one.as_expected is not None for one in results),
        "as_expected": sum(one.as_expected is True for one in results),
        "repositories": {name: asdict(sums([one for one in results if one.repository == name])) for name in names},
        "all": asdict(sums(results)),
        "tasks": [one.to_json() for one in results],
    }
