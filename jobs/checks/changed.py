"""The texts of what the task changed, as they were at the base commit and as they are now."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from jobs.checks.result import Finding
from jobs.checks.scene import Scene
from jobs.git.changes import Change
from jobs.git.facts import tree_files
from jobs.git.mirror import Mirror

MAX_BYTES = 1_000_000
PLAIN = frozenset({"100644", "100755"})
_OTHERS = re.compile(
    r"(^|/)(node_modules|vendor|vendored|third_party|dist|site-packages|\.yarn)/"
    r"|(\.min\.(js|css)|\.map|\.snap|_pb2(_grpc)?\.pyi?|\.pb\.go|\.generated\.\w+)$",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Pair:
    """One changed file. `before` is empty for what is new; line ends are LF, and there is no byte-order mark."""

    path: str
    before: str
    after: str


def pairs(scene: Scene, wanted: Callable[[str], bool]) -> tuple[Pair, ...]:
    """The changed files whose path is wanted, those that are no text, huge, or somebody else's left out."""
    found, sizes = [], _sizes(scene.mirror, scene.tree)
    for change in scene.since_base:
        if not _is_text(change) or not wanted(change.path) or (sizes.get(change.path) or 0) > MAX_BYTES:
            continue
        was = _from(change, scene.since_base)
        before, after = readable(scene.before.read(was)), readable(scene.now.read(change.path))
        if after is not None:
            found.append(Pair(change.path, before or "", after))
    return tuple(found)


def _is_text(change: Change) -> bool:
    """Whether a person wrote this as a file of lines."""
    there = change.what != "deleted" and change.new_mode in PLAIN
    return there and change.added is not None and not made(change.path)


@lru_cache(maxsize=4)
def _sizes(mirror: Mirror, tree: str) -> Mapping[str, int | None]:
    return {file.path: file.size for file in tree_files(mirror, tree)}


def _from(change: Change, changes: Sequence[Change]) -> str:
    """Where a new file's text may come from: a deleted one of the same name, or the only one that was deleted."""
    gone = [one.path for one in changes if one.what == "deleted"] if change.what == "created" else []
    named = [path for path in gone if path.rpartition("/")[2] == change.path.rpartition("/")[2]] or gone
    return named[0] if len(named) == 1 else change.path


def readable(text: str | None) -> str | None:
    """The text as checks read it; None for what is not there, holds a NUL, or is too big to be read by a person."""
    if text is None or len(text) > MAX_BYTES or "\0" in text:
        return None
    return text.removeprefix("\ufeff").replace("\r\n", "\n")


def made(path: str) -> bool:
    """Whether a program made the file, or somebody else did: nobody edits it here."""
    return _OTHERS.search(path) is not None


def each(
    look: Callable[[str, str], Sequence[Finding]], files: Sequence[Pair]
) -> tuple[tuple[Finding, ...], tuple[Finding, ...]]:
    """What `look` finds in the files now, and what it finds in them as they were."""
    now = tuple(one for file in files for one in look(file.path, file.after))
    return now, tuple(one for file in files for one in look(file.path, file.before))
