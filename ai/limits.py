"""What an attempt may use, when it is warned, and when it ends."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from ai.trajectory import Used

WARN_AT: Final = (0.90, 0.75)
ADVICE: Final = {
    0.75: "Keep to what the task needs and leave time for the whole test suite.",
    0.90: "Bring what you have into a working state now, run the tests and call `{finish}`.",
}


class Exit(StrEnum):
    """How an attempt ends. A closed set: reports, brakes and the database know exactly these."""

    DONE = "done"
    SILENT = "silent"
    UNREADABLE = "unreadable"
    REFUSED = "refused"
    CONTEXT = "context_full"
    STUCK = "stuck"
    TURNS = "turns"
    TIME = "time"
    MONEY = "money"
    TOKENS = "tokens"
    CANCELLED = "cancelled"


@dataclass(frozen=True)
class Limits:
    """Turns, seconds, US dollars, tokens (in and out together) of one attempt."""

    turns: int = 60
    seconds: float = 1800.0
    dollars: float = 2.0
    tokens: int = 3_000_000

    def shares(self, used: Used) -> list[tuple[Exit, float, str]]:
        """How much of each limit is used: (what ends the attempt at 1.0, the share, the words)."""
        return [
            (Exit.TURNS, used.turns / self.turns, f"{used.turns} of {self.turns} turns"),
            (Exit.TIME, used.seconds / self.seconds, f"{used.seconds:.0f} of {self.seconds:.0f} seconds"),
            (Exit.MONEY, used.dollars / self.dollars, f"${used.dollars:.2f} of ${self.dollars:.2f}"),
            (Exit.TOKENS, used.tokens / self.tokens, f"{used.tokens:,} of {self.tokens:,} tokens"),
        ]

    def reached(self, used: Used) -> tuple[Exit, str] | None:
        """The first limit that is used up, with its words; None while there is room."""
        return next(((what, words) for what, share, words in self.shares(used) if share >= 1), None)

    def warning(self, before: Used, now: Used, finish: str) -> str:
        """One sentence when a share crosses 75 or 90 % in this turn; empty otherwise."""
        pairs = list(zip(self.shares(before), self.shares(now), strict=True))
        for mark in WARN_AT:
            crossed = [words for (_, old, _), (_, new, words) in pairs if old < mark <= new]
            if crossed:
                return f"Note: {' and '.join(crossed)} are used. {ADVICE[mark].format(finish=finish)}"
        return ""
