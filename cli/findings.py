"""What a probe of `devtask doctor` finds, and how findings look on a terminal."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from state.redact import Redactor


class Health(StrEnum):
    """`warning` works but should be known; `wrong` does not work."""

    OK = "ok"
    WARNING = "warning"
    WRONG = "wrong"


@dataclass(frozen=True)
class Finding:
    """One line: what was probed, how it is, and what mends it (empty where nothing needs mending)."""

    area: str
    health: Health
    text: str
    mend: str = ""

    def json(self) -> dict[str, str]:
        """The finding for scripts."""
        return {"area": self.area, "health": self.health.value, "text": self.text, "mend": self.mend}

    def without(self, redactor: Redactor) -> Finding:
        """The same without secrets: services like to repeat what they were sent."""
        return Finding(self.area, self.health, redactor.redact(self.text).text, redactor.redact(self.mend).text)


def fine(area: str, text: str) -> Finding:
    """It works."""
    return Finding(area, Health.OK, text)


def warning(area: str, text: str, mend: str) -> Finding:
    """It works, with something to know."""
    return Finding(area, Health.WARNING, text, mend)


def wrong(area: str, text: str, mend: str) -> Finding:
    """It does not work."""
    return Finding(area, Health.WRONG, text, mend)


def lines(findings: Iterable[Finding]) -> list[tuple[Health, str]]:
    """The findings as lines of a terminal, the mend below what it mends."""
    shown: list[tuple[Health, str]] = []
    for one in findings:
        shown.append((one.health, f"{one.health.value:<8} {one.area:<10} {one.text}"))
        if one.mend:
            shown.append((one.health, f"{'':<8} {'':<10} -> {one.mend}"))
    return shown
