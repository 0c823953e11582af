"""What the tools need of the checks and the sandbox, as small as they need it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from jobs.sandbox.limits import Result


@dataclass(frozen=True)
class TestsSaid:
    """A run of the tests as text for the model: failures first, then counts. `ok` when the checks would take it."""

    __test__ = False
    text: str
    ok: bool


class TestRunner(Protocol):
    """Runs the repository's tests as the checks will."""

    def run(self, selection: str | None) -> TestsSaid: ...


class Checker(Protocol):
    """The checks on the work tree as it stands; each finding is a sentence of its own, in words."""

    def red(self) -> list[str]:
        """Critical checks that are red: with these the step cannot be done."""
        ...

    def failing(self) -> list[str]:
        """Checks that fail without being critical."""
        ...

    def acceptance(self) -> list[str]:
        """What must be true at the end, as the plan says it."""
        ...


class Commands(Protocol):
    """Runs a shell command at the root; `jobs.sandbox.box.Sandbox` is one."""

    def run(
        self,
        command: str | Sequence[str],
        *,
        timeout: float,
        cancel: Callable[[], bool] | None = None,
        show: int = 8_000,
    ) -> Result: ...
