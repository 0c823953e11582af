"""The commit that closes a branch: it lets CI run, or it takes back what was left out."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from jobs.git import stage
from jobs.git.message import Authorship
from jobs.git.mirror import Mirror
from jobs.git.runner import Git


def closing_commit(mirror: Mirror, head: str, tree: str, text: str, who: Authorship) -> str:
    """A commit of `tree` on top of `head`. Equal arguments, equal commit: whoever makes it again after a crash makes
    the same one.
    """
    made = mirror.git.run("commit-tree", tree, "-p", head, "-F", "-", stdin=text.encode(), env=who.environment())
    return made.decode().strip()


def tree_with(mirror: Mirror, commit: str, files: Mapping[str, str]) -> str:
    """The commit's tree with these files (path -> text) in it."""
    with TemporaryDirectory(prefix="devtask-") as folder:
        git = Git(mirror.path, index=Path(folder) / "index")
        git.run("read-tree", commit)
        blobs = {path: git.text("hash-object", "-w", "--stdin", stdin=text.encode()) for path, text in files.items()}
        stage.apply(git, [stage.Entry(path, "100644", blob) for path, blob in blobs.items()])
        return stage.write_tree(git)


def tree_without(mirror: Mirror, head: str, without: str | None) -> str:
    """The commit's tree, without this top-level folder where one is named."""
    if without is None:
        return mirror.git.text("rev-parse", f"{head}^{{tree}}")
    rows = mirror.git.run("ls-tree", "-z", "--full-tree", head).split(b"\0")
    kept = [row for row in rows if row and row.split(b"\t", 1)[1] != without.encode()]
    return mirror.git.run("mktree", "-z", stdin=b"".join(row + b"\0" for row in kept)).decode().strip()
