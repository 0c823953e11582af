"""What a repository is like at a commit: read from the mirror, nothing is checked out."""

from __future__ import annotations

import os
from dataclasses import dataclass

from jobs.git.errors import GitError
from jobs.git.library import read, read_text
from jobs.git.mirror import Mirror
from jobs.git.stage import GITLINK

BRANCHES = ("development",)


@dataclass(frozen=True)
class TreeFile:
    """One path of a commit. `size` is None for a submodule."""

    path: str
    mode: str
    blob: str
    size: int | None


@dataclass(frozen=True)
class Facts:
    """What the planner has to say about a repository before anything is done."""

    files: int
    bytes: int
    large_files: bool
    submodules: tuple[str, ...]
    commits: int


@dataclass(frozen=True)
class Logged:
    """One commit of the history; `at` is ISO 8601."""

    commit: str
    at: str
    author: str
    subject: str
    files: tuple[str, ...]


def is_empty(mirror: Mirror) -> bool:
    """Whether the repository has no commit on any branch."""
    return not read(mirror.path, "for-each-ref", "--count=1", "refs/heads/")


def branch_commit(mirror: Mirror, branch: str) -> str | None:
    """The commit of a branch as last fetched, or None."""
    return (
        read_text(mirror.path, "rev-parse", "--verify", "--quiet", f"refs/heads/{branch}^{{commit}}", ok=(0, 1)) or None
    )


def base_branch(mirror: Mirror, default: str, wanted: str | None = None) -> str | None:
    """The branch to start from: `wanted`, else `development` where it exists, else the default; None when it is
    missing.
    """
    names = (wanted,) if wanted else (*BRANCHES, default)
    return next((name for name in names if branch_commit(mirror, name)), None)


def tree_files(mirror: Mirror, commit: str) -> list[TreeFile]:
    """Every path of the commit, in git's order."""
    found = []
    for line in read(mirror.path, "ls-tree", "-r", "-z", "--long", "--full-tree", commit).split(b"\0"):
        if line:
            meta, path = line.split(b"\t", 1)
            mode, _, blob, size = meta.decode().split()
            found.append(TreeFile(os.fsdecode(path), mode, blob, int(size) if size.isdigit() else None))
    return found


def facts(mirror: Mirror, commit: str) -> Facts:
    """Size, large-file storage, submodules and length of history of a commit."""
    files = tree_files(mirror, commit)
    pattern = ("grep", "--quiet", "-I", "-F", "filter=lfs", commit, "--", ":(top,glob)**/.gitattributes")
    return Facts(
        files=len(files),
        bytes=sum(file.size or 0 for file in files),
        large_files=_says(mirror, *pattern),
        submodules=tuple(file.path for file in files if file.mode == GITLINK),
        commits=int(read_text(mirror.path, "rev-list", "--count", commit)),
    )


def _says(mirror: Mirror, *args: str) -> bool:
    try:
        read(mirror.path, *args)
    except GitError as error:
        if error.code == 1:
            return False
        raise
    return True


def file_at(mirror: Mirror, commit: str, path: str) -> bytes | None:
    """A file's bytes at a commit; None when the commit has no such file."""
    line = read(mirror.path, "ls-tree", "-z", "--full-tree", commit, "--", f":(top,literal){path}").rstrip(b"\0")
    if not line or line.split()[1] != b"blob":
        return None
    return read(mirror.path, "cat-file", "blob", line.split()[2].decode())


def log(mirror: Mirror, commit: str, count: int, path: str | None = None) -> list[Logged]:
    """The last commits, newest first, with the files each touched."""
    form = "--format=%x1e%H%x1f%aI%x1f%an%x1f%s"
    only = ("--", f":(top,literal){path}") if path else ()
    out = read_text(mirror.path, "log", f"--max-count={count}", form, "--name-only", "--no-renames", commit, *only)
    return [_logged(part) for part in out.split("\x1e") if part.strip()]


def _logged(part: str) -> Logged:
    first, _, rest = part.strip("\n").partition("\n")
    commit, at, author, subject = first.split("\x1f", 3)
    return Logged(commit, at, author, subject, tuple(line for line in rest.splitlines() if line))
