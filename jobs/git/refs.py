"""The task's own refs in the mirror, moved by compare-and-set, and what a commit's trailers say."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass

from jobs.git.mirror import STALE_SECONDS, Mirror
from jobs.git.runner import ZERO

_KEY = re.compile(r"[a-z0-9]{1,40}(-[a-z0-9]{1,40})?")


class Moved(Exception):
    """A ref was not where the caller thought: another worker moved it."""


@dataclass(frozen=True)
class TaskRefs:
    """`refs/devtask/<key>/head` (finished steps), `.../wip` (durable progress, never pushed) and `.../left`
    (an unfinished commit that a crash kept from being recorded).
    """

    mirror: Mirror
    key: str

    def __post_init__(self) -> None:
        if not _KEY.fullmatch(self.key):
            raise ValueError(f"not a task key: {self.key!r}")

    def name(self, which: str) -> str:
        return f"refs/devtask/{self.key}/{which}"

    def get(self, which: str = "head") -> str | None:
        """The commit that the ref names, or None."""
        found = self.mirror.git.text("rev-parse", "--verify", "--quiet", self.name(which), ok=(0, 1))
        return found or None

    def move(self, which: str, new: str | None, expected: str | None) -> None:
        """Sets the ref (None = removes it) if it still is `expected` (None = must not exist). Raises Moved."""
        self._unlock(which)
        code, _, err = self.mirror.git.raw(
            "update-ref", self.name(which), new or ZERO, expected or ZERO, stdin=b"", env=None, remote=None, seconds=30
        )
        if code:
            raise Moved(f"{self.name(which)} is {self.get(which)}, not {expected}: {err[:200]}")

    def drop(self) -> None:
        """Removes both refs: the task is archived. The commits stay until the mirror is compacted."""
        with self.mirror.lock():
            for which in ("head", "wip", "left"):
                self.mirror.git.run("update-ref", "-d", self.name(which))

    def trailers(self, which: str = "head") -> dict[str, str]:
        """The trailers of the ref's commit, by lower-case name; empty when there is no such ref."""
        commit = self.get(which)
        return trailers_of(self.mirror, commit) if commit else {}

    def _unlock(self, which: str) -> None:
        """A process killed inside update-ref leaves a lock file; the task's lease says that nobody else is at it."""
        lock = self.mirror.path / f"{self.name(which)}.lock"
        if lock.exists() and time.time() - lock.stat().st_mtime > STALE_SECONDS:
            lock.unlink(missing_ok=True)


def trailers_of(mirror: Mirror, commit: str) -> dict[str, str]:
    """Trailers of a commit: what decides whether a commit found after a crash is the step's own."""
    text = mirror.git.text("log", "-1", "--format=%(trailers:only,unfold)", commit)
    pairs = (line.partition(":") for line in text.splitlines())
    return {name.strip().lower(): value.strip() for name, _, value in pairs if value}


def parent_of(mirror: Mirror, commit: str) -> str | None:
    """The first parent, or None for a root commit."""
    found = mirror.git.text("rev-parse", "--verify", "--quiet", f"{commit}^", ok=(0, 1))
    return found or None
