"""From files to blobs and index entries: by explicit mode, id and path, so that no attribute, filter or nested
repository counts.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from jobs.git.errors import Untrusted
from jobs.git.hygiene import check_path, entry_mode
from jobs.git.runner import ZERO, Git

GITLINK = "160000"


@dataclass(frozen=True)
class Entry:
    """One index entry; mode None means that the path goes."""

    path: str
    mode: str | None
    blob: str = ZERO

    def line(self) -> bytes:
        return f"{self.mode or '0'} {self.blob}\t{self.path}".encode("utf-8", "surrogateescape") + b"\0"


def touched(git: Git) -> list[str]:
    """Paths that differ from the index: changed, deleted and new ones that are not ignored. The tree must have been
    purged.
    """
    git.run("update-index", "-q", "--refresh", "--ignore-submodules", ok=(0, 1))
    changed = git.run("diff-files", "--name-only", "-z", "--no-renames", "--ignore-submodules=all")
    new = git.run("ls-files", "--others", "--exclude-standard", "-z")
    return sorted({name.decode("utf-8", "surrogateescape") for name in (changed + new).split(b"\0") if name})


def entries(git: Git, paths: Iterable[str]) -> list[Entry]:
    """Index entries for these paths as they stand in the tree. Writes their blobs. Raises Untrusted."""
    assert git.work_tree is not None
    wanted = list(dict.fromkeys(paths))
    if not wanted:
        return []
    refuse_submodules(git, wanted)
    modes = {path: entry_mode(git.work_tree, path) for path in wanted}
    blobs = _blobs(git, [path for path, mode in modes.items() if mode in {"100644", "100755"}])
    for path, mode in modes.items():
        if mode == "120000":
            target = os.readlink(os.fsencode(git.work_tree / path))  # noqa: PTH115  (Path normalises the target)
            blobs[path] = git.text("hash-object", "-w", "--no-filters", "--stdin", stdin=target)
    return [Entry(path, modes[path], blobs.get(path, ZERO)) for path in wanted]


def apply(git: Git, staged: Iterable[Entry]) -> None:
    """Puts the entries into the index; removals first, so that a file may become a folder."""
    ordered = sorted(staged, key=lambda entry: entry.mode is not None)
    lines = b"".join(entry.line() for entry in ordered)
    if lines:
        git.run("update-index", "-z", "--replace", "--index-info", stdin=lines)


@contextlib.contextmanager
def scratch_index(git: Git) -> Iterator[Git]:
    """The same repository and tree with a copy of the index, thrown away at the end."""
    assert git.index is not None
    copy = git.index.with_name(f"{git.index.name}.{os.getpid()}")
    if git.index.exists():
        shutil.copy2(git.index, copy)
    try:
        yield Git(git.git_dir, git.work_tree, copy)
    finally:
        copy.unlink(missing_ok=True)
        copy.with_name(f"{copy.name}.lock").unlink(missing_ok=True)


def _blobs(git: Git, paths: list[str]) -> dict[str, str]:
    plain = [path for path in paths if "\n" not in path]
    listing = b"".join(b"./" + os.fsencode(path) + b"\n" for path in plain)
    found = git.text("hash-object", "-w", "--no-filters", "--stdin-paths", stdin=listing).split() if plain else []
    blobs = dict(zip(plain, found, strict=True))
    for path in set(paths) - set(plain):
        blobs[path] = git.text("hash-object", "-w", "--no-filters", "--", f"./{path}")
    return blobs


def refuse_submodules(git: Git, paths: Iterable[str]) -> None:
    """Raises Untrusted for a path at or below a submodule, and for one that no repository may hold."""
    listing = git.run("ls-files", "--stage", "-z").split(b"\0")
    links = [os.fsdecode(line.split(b"\t", 1)[1]) for line in listing if line.startswith(GITLINK.encode())]
    for path in paths:
        check_path(path)
        if any(path == link or path.startswith(f"{link}/") for link in links):
            raise Untrusted(path, "belongs to a submodule")


def new_gitlinks(git: Git, old: str, new: str) -> list[str]:
    """Submodule entries in tree `new` that `old` does not have: never allowed in a commit of ours."""
    raw = git.run("diff-tree", "-r", "--raw", "-z", "--no-renames", old, new).split(b"\0")
    pairs = zip(raw[0::2], raw[1::2], strict=False)
    return [os.fsdecode(path) for meta, path in pairs if meta.split()[1:2] == [GITLINK.encode()]]


def write_tree(git: Git) -> str:
    """The index as a tree object."""
    return git.text("write-tree")


def private_git(git_dir: Path, root: Path) -> Git:
    """Git on a task's folder: `root/tree` with the private index `root/index`."""
    return Git(git_dir, root / "tree", root / "index")
