"""What changed, as evidence: always tree against tree, in-tree attributes and external tools without a say."""

from __future__ import annotations

import os
from dataclasses import dataclass

from jobs.git.mirror import Mirror

_PLAIN = ("--no-ext-diff", "--no-textconv", "--no-renames", "--ignore-submodules=none")
_WORDS = {"A": "created", "M": "modified", "D": "deleted", "T": "modified"}
DIFF_BYTES = 2_000_000


@dataclass(frozen=True)
class Change:
    """One path that differs. `what` is created, modified or deleted; lines are None for binary files."""

    path: str
    what: str
    old_mode: str
    new_mode: str
    added: int | None = None
    removed: int | None = None


def changed_files(mirror: Mirror, base: str, tree: str) -> list[Change]:
    """The paths that differ between two commits or trees, sorted."""
    raw = mirror.git.run("diff-tree", "-r", "--raw", "-z", *_PLAIN, base, tree).split(b"\0")
    counts = _counts(mirror, base, tree)
    found = []
    for meta, name in zip(raw[0::2], raw[1::2], strict=False):
        old, new, _, _, status = meta.decode().lstrip(":").split()
        path = os.fsdecode(name)
        added, removed = counts.get(path, (None, None))
        found.append(Change(path, _WORDS.get(status[0], "modified"), old, new, added, removed))
    return sorted(found, key=lambda change: change.path)


def _counts(mirror: Mirror, base: str, tree: str) -> dict[str, tuple[int | None, int | None]]:
    lines = mirror.git.run("diff-tree", "-r", "--numstat", "-z", *_PLAIN, base, tree).split(b"\0")
    found: dict[str, tuple[int | None, int | None]] = {}
    for line in lines:
        if line:
            added, removed, path = line.split(b"\t", 2)
            found[os.fsdecode(path)] = (_count(added), _count(removed))
    return found


def _count(number: bytes) -> int | None:
    return None if number == b"-" else int(number)


def diff_text(
    mirror: Mirror, base: str, tree: str, path: str | None = None, limit: int = DIFF_BYTES
) -> tuple[str, bool]:
    """The unified diff between two commits or trees, and whether it was cut at `limit` bytes."""
    only = ("--", f":(top,literal){path}") if path else ()
    out, cut = mirror.git.capped("diff-tree", "-r", "-p", "--text", *_PLAIN, base, tree, *only, limit=limit)
    return out.decode("utf-8", "replace"), cut
