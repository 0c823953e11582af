"""Where files are read from: a commit of the mirror (planner) or the work tree (executor). One set of tools reads
both.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Protocol

from jobs.git.facts import TreeFile, file_at, tree_files
from jobs.git.hygiene import purge
from jobs.git.mirror import Mirror
from jobs.git.stage import GITLINK
from jobs.git.workspace import Workspace
from jobs.tools.beneath import READ_BYTES, Beneath
from jobs.tools.errors import Refused

LINK: Final = "120000"
_BATCH_BYTES: Final = 8_000_000


class Tree(Protocol):
    """Files by clean path. `kind` is file, folder, link, special, submodule, or None where there is nothing."""

    def paths(self) -> list[str]: ...

    def kind(self, path: str) -> str | None: ...

    def link(self, path: str) -> str: ...

    def read(self, path: str) -> bytes: ...

    def contents(self, paths: Iterable[str], largest: int) -> Iterator[tuple[str, bytes]]: ...


@dataclass(frozen=True)
class CommitTree:
    """A commit of the mirror; nothing is checked out."""

    mirror: Mirror
    commit: str

    @cached_property
    def _files(self) -> dict[str, TreeFile]:
        return {file.path: file for file in tree_files(self.mirror, self.commit)}

    @cached_property
    def _folders(self) -> frozenset[str]:
        return frozenset(path[:at] for path in self._files for at in range(len(path)) if path[at] == "/")

    def paths(self) -> list[str]:
        return sorted(self._files)

    def kind(self, path: str) -> str | None:
        file = self._files.get(path)
        if file is None:
            return "folder" if not path or path in self._folders else None
        return {LINK: "link", GITLINK: "submodule"}.get(file.mode, "file")

    def link(self, path: str) -> str:
        return os.fsdecode(file_at(self.mirror, self.commit, path) or b"")

    def read(self, path: str) -> bytes:
        file = self._files[path]
        if (file.size or 0) > READ_BYTES:
            raise Refused(f"`{path}` has {file.size:,} bytes, too many to read. Search in it instead.")
        return self.mirror.git.run("cat-file", "blob", file.blob)

    def contents(self, paths: Iterable[str], largest: int) -> Iterator[tuple[str, bytes]]:
        """The regular files among these of at most `largest` bytes, a few megabytes at a time."""
        batch: list[TreeFile] = []
        for path in paths:
            file = self._files[path]
            if file.mode in {LINK, GITLINK} or (file.size or 0) > largest:
                continue
            batch.append(file)
            if sum(each.size or 0 for each in batch) > _BATCH_BYTES:
                yield from self._blobs(batch)
                batch = []
        yield from self._blobs(batch)

    def _blobs(self, batch: list[TreeFile]) -> Iterator[tuple[str, bytes]]:
        if not batch:
            return
        asked = "".join(f"{file.blob}\n" for file in batch).encode()
        out, at = self.mirror.git.run("cat-file", "--batch", stdin=asked), 0
        for file in batch:
            start = out.index(b"\n", at) + 1
            size = int(out[at : start - 1].split()[2])
            yield file.path, out[start : start + size]
            at = start + size + 1


@dataclass(frozen=True)
class WorkTree:
    """A task's work tree as it is now: what the last commit holds and what is new, ignored files left out."""

    workspace: Workspace

    @property
    def files(self) -> Beneath:
        return Beneath(self.workspace.tree, self.workspace.root)

    def paths(self) -> list[str]:
        purge(self.workspace.tree)
        out = self.workspace.git.run("ls-files", "--cached", "--others", "--exclude-standard", "-z")
        names = {os.fsdecode(name) for name in out.split(b"\0") if name}
        return sorted(name for name in names if os.path.lexists(self.workspace.tree / name))

    def kind(self, path: str) -> str | None:
        return self.files.kind(path)

    def link(self, path: str) -> str:
        return self.files.link(path)

    def read(self, path: str) -> bytes:
        return self.files.read(path)

    def contents(self, paths: Iterable[str], largest: int) -> Iterator[tuple[str, bytes]]:
        """The regular files among these of at most `largest` bytes; what cannot be opened is left out."""
        for path in paths:
            try:
                found = self.files.status(path)
                if found is not None and found.st_size <= largest and self.files.kind(path) == "file":
                    yield path, self.files.read(path)
            except (Refused, OSError):
                continue
