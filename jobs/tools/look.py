"""Two places to look at: a task's work tree, and a commit in the mirror (for planning: nothing is checked out)."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from jobs.git.errors import GitError
from jobs.git.facts import Logged, file_at, log, tree_files
from jobs.git.mirror import Mirror
from jobs.git.runner import Git
from jobs.git.stage import GITLINK
from jobs.git.workspace import Workspace
from jobs.tools.paths import MAX_BYTES, Mistake, read_bytes

GREP_BYTES = 2_000_000
GREP_SECONDS = 20.0


class Look(Protocol):
    """What the reading tools need. `root` is how commands name the repository's root."""

    @property
    def root(self) -> str: ...

    def paths(self) -> Sequence[str]: ...

    def content(self, path: str) -> bytes | None: ...

    def grep(self, flags: Sequence[str], pathspecs: Sequence[str]) -> tuple[bytes, bool]: ...

    def log(self, count: int, path: str | None) -> list[Logged]: ...


@dataclass(frozen=True)
class AtTree:
    """The work tree as it is now, ignored files left out."""

    workspace: Workspace
    root: str

    def paths(self) -> Sequence[str]:
        return self.workspace.paths()

    def content(self, path: str) -> bytes | None:
        return read_bytes(self.workspace.tree, path)

    def grep(self, flags: Sequence[str], pathspecs: Sequence[str]) -> tuple[bytes, bool]:
        self.workspace.purge()
        return _grep(self.workspace.git, ("grep", "--untracked", *flags, "--", *pathspecs))

    def log(self, count: int, path: str | None) -> list[Logged]:
        return log(self.workspace.mirror, self.workspace.head(), count, path)


@dataclass(frozen=True)
class AtCommit:
    """A commit, read from the mirror's objects."""

    mirror: Mirror
    commit: str
    root: str = "/work"
    _paths: list[str] = field(default_factory=list, init=False, compare=False, repr=False)

    def paths(self) -> Sequence[str]:
        if not self._paths:
            self._paths.extend(file.path for file in tree_files(self.mirror, self.commit) if file.mode != GITLINK)
        return self._paths

    def content(self, path: str) -> bytes | None:
        data = file_at(self.mirror, self.commit, path) if path else None
        if data is None and any(name.startswith(f"{path}/") for name in self.paths()):
            raise Mistake(f"{path} is a folder. Use list_files to see what it holds.")
        if data is not None and len(data) > MAX_BYTES:
            raise Mistake(
                f"{path} has {len(data)} bytes, more than can be shown. Use search to find the part you need."
            )
        return data

    def grep(self, flags: Sequence[str], pathspecs: Sequence[str]) -> tuple[bytes, bool]:
        out, cut = _grep(self.mirror.git, ("grep", *flags, self.commit, "--", *pathspecs))
        return out.replace(f"{self.commit}:".encode(), b""), cut

    def log(self, count: int, path: str | None) -> list[Logged]:
        return log(self.mirror, self.commit, count, path)


def _grep(git: Git, args: tuple[str, ...]) -> tuple[bytes, bool]:
    try:
        return git.capped(*args, limit=GREP_BYTES, seconds=GREP_SECONDS)
    except GitError as error:
        if error.code == 1:
            return b"", False
        raise Mistake(f"The search could not be done: {_reason(error)}") from error


def _reason(error: GitError) -> str:
    text = error.stderr.strip().removeprefix("fatal: ") or "it took too long"
    return f"{text[:200]}. Set regex to false to look for the literal text, or mend the expression."


def shown(path: str) -> str:
    """A path for a model: bytes that are no UTF-8 are escaped."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")
