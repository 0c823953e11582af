"""What may stand in a task's tree. Repository code writes there, so every git command is preceded by `purge`.

A planted `.git` makes git treat a folder as a repository of its own: its files fall out of the commit and its filters
run on the host (promises, fact 3). Nothing here follows a symbolic link.
"""

from __future__ import annotations

import os
import posixpath
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

from jobs.git.errors import Untrusted

_NAMES = frozenset({".git", "git~1"})
MAX_FILE_BYTES = 100_000_000
"""GitHub refuses larger blobs (GH001)."""


def is_git_name(name: str) -> bool:
    """Whether some file system of some clone would take this name for `.git`."""
    plain = "".join(letter for letter in name if letter.isascii()).lower().rstrip(". ")
    return plain.partition(":")[0].rstrip(". ") in _NAMES


def purge(tree: Path) -> list[str]:
    """Removes every entry named .git, of any case and at any depth; returns their paths. Closed folders are opened
    again.
    """
    removed = []
    for entry in list(_planted(tree)):
        path = Path(entry)
        removed.append(path.relative_to(tree).as_posix())
        if path.is_symlink() or not path.is_dir():
            path.unlink()
        else:
            remove_tree(path)
    return removed


def remove_tree(path: Path) -> None:
    """Removes a folder that repository code may have closed against us. A missing one is fine."""
    if path.is_symlink() or not path.is_dir():
        return
    for _ in _entries(path, into_git=True):
        pass
    shutil.rmtree(path)


def _planted(tree: Path) -> Iterator[str]:
    return (entry.path for entry in _entries(tree, into_git=False) if is_git_name(entry.name))


def _entries(tree: Path, *, into_git: bool) -> Iterator[os.DirEntry[str]]:
    """Every entry below the tree. Folders without permissions for us are opened."""
    folders = [str(tree)]
    while folders:
        folder = folders.pop()
        if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
            Path(folder).chmod(0o700)
        with os.scandir(folder) as entries:
            for entry in entries:
                yield entry
                if entry.is_dir(follow_symlinks=False) and (into_git or not is_git_name(entry.name)):
                    folders.append(entry.path)


def check_path(path: str) -> None:
    """Raises Untrusted for a path that must not be committed whatever it holds."""
    parts = path.split("/")
    if path.endswith("/"):
        raise Untrusted(path, "is a repository of its own")
    if any(part in {"", ".", ".."} or is_git_name(part) for part in parts) or "\0" in path:
        raise Untrusted(path, "is not a path that a repository may hold")


def entry_mode(tree: Path, path: str) -> str | None:
    """The git mode of a path, None when there is nothing. Raises Untrusted for what a commit must not hold."""
    check_path(path)
    status = lstat_beneath(tree, path)
    if status is None or stat.S_ISDIR(status.st_mode):
        return None
    if stat.S_ISLNK(status.st_mode):
        if link_leaves(path, os.fspath((tree / path).readlink())):
            raise Untrusted(path, "is a symbolic link that leads out of the repository")
        return "120000"
    if not stat.S_ISREG(status.st_mode):
        raise Untrusted(path, "is neither a file nor a link")
    if status.st_size > MAX_FILE_BYTES:
        raise Untrusted(path, "is larger than 100 MB, which GitHub refuses")
    return "100755" if status.st_mode & 0o100 else "100644"


def lstat_beneath(tree: Path, path: str) -> os.stat_result | None:
    """lstat of a path below the tree; None when it, or a real folder on the way, is missing."""
    current = tree
    for part in path.split("/")[:-1]:
        current = current / part
        if current.is_symlink() or not current.is_dir():
            return None
    try:
        return os.lstat(tree / path)
    except (FileNotFoundError, NotADirectoryError):
        return None


def link_leaves(path: str, target: str) -> bool:
    """Whether a symbolic link at `path` points outside the repository or at a git directory."""
    if target.startswith("/") or "\0" in target:
        return True
    landed = posixpath.normpath(posixpath.join(posixpath.dirname(path), target))
    return landed == ".." or landed.startswith("../") or any(is_git_name(part) for part in landed.split("/"))
