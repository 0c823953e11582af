"""A repository's files as values, from a commit or from a folder, so that detection needs no checkout."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Protocol

from jobs.git.facts import file_at, tree_files
from jobs.git.mirror import Mirror


class Source(Protocol):
    """Paths and contents. `read` returns None for what is not there."""

    @property
    def paths(self) -> frozenset[str]: ...

    def read(self, path: str) -> str | None: ...


@dataclass(frozen=True)
class Files:
    """Files given as values."""

    contents: Mapping[str, str]

    @property
    def paths(self) -> frozenset[str]:
        return frozenset(self.contents)

    def read(self, path: str) -> str | None:
        return self.contents.get(path)


@dataclass(frozen=True)
class AtCommit:
    """Files of a commit in the mirror."""

    mirror: Mirror
    commit: str
    _read: dict[str, str | None] = field(default_factory=dict, init=False, compare=False, repr=False)

    @cached_property
    def paths(self) -> frozenset[str]:
        return frozenset(file.path for file in tree_files(self.mirror, self.commit))

    def read(self, path: str) -> str | None:
        if path not in self._read:
            data = file_at(self.mirror, self.commit, path)
            self._read[path] = None if data is None else data.decode("utf-8", "replace")
        return self._read[path]


def in_folder(folder: Path, names: tuple[str, ...]) -> Files:
    """The named files of a folder, as far as they are there."""
    found = {name: folder / name for name in names if (folder / name).is_file()}
    return Files({name: path.read_text(errors="replace") for name, path in found.items()})
