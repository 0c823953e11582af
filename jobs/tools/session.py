"""What a step's tools share and remember: the tree, the sandbox, what was read, what was written."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from jobs.checks.result import CheckResult
from jobs.checks.testplan import TestPlan
from jobs.git.workspace import Workspace
from jobs.sandbox.box import Sandbox
from jobs.setup.protected import Guard
from jobs.tools.filetext import Text, decode, digest
from jobs.tools.paths import Mistake, clean, read_bytes


@dataclass
class ToolSession:
    """One step's work. `base` is the commit it started from; `planned` are the paths that the plan names for it.

    `judge` runs the checks on the tree; `acceptance` is what the plan asks of the step, in words.
    """

    workspace: Workspace
    box: Sandbox
    base: str
    judge: Callable[[], Sequence[CheckResult]]
    tests: Callable[[], TestPlan]
    planned: Collection[str] = ()
    acceptance: Sequence[str] = ()
    guard: Guard = field(default_factory=Guard)
    cancel: Callable[[], bool] | None = None
    seen: dict[str, str] = field(default_factory=dict)
    misses: dict[str, int] = field(default_factory=dict)
    written: set[str] = field(default_factory=set)
    reviewed: bool = False

    @property
    def tree(self) -> Path:
        return self.workspace.tree

    def path(self, given: object) -> str:
        """The path in one spelling. Raises Mistake."""
        return clean(given, self.box.root)

    def content(self, path: str) -> bytes | None:
        return read_bytes(self.tree, path)

    def text(self, path: str) -> Text:
        """The file as text. Raises Mistake when it is missing or no text."""
        data = self.content(path)
        if data is None:
            raise Mistake(f"There is no file {path}.")
        return decode(data, path)

    def remember(self, path: str, data: bytes) -> None:
        """The model knows this state of the file from now on."""
        self.seen[path] = digest(data)

    def writable(self, path: str) -> None:
        """Raises Mistake with the reason when the path may not be written."""
        reason = self.guard.reason(path)
        if reason:
            raise Mistake(
                f"Not written: {reason}. Leave it as it is and say in done's summary what a person has to do there."
            )

    def wrote(self, path: str, data: bytes | None) -> None:
        """Notes a write of ours; None = the file is gone."""
        self.written.add(path)
        self.misses.pop(path, None)
        self.reviewed = False
        if data is None:
            self.seen.pop(path, None)
        else:
            self.remember(path, data)

    def takes(self, extra: Collection[str] = ()) -> set[str]:
        """The paths that a commit of this step holds: written by tools, named by the plan, taken with a reason."""
        return (self.written | set(self.planned) | set(extra)) - {""}
