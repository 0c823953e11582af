"""The commit that closes a branch: it lets CI run, on the tree as it is or without our own folder."""

from __future__ import annotations

from jobs.git.message import Authorship
from jobs.git.mirror import Mirror


def closing_commit(mirror: Mirror, head: str, text: str, who: Authorship, without: str | None = None) -> str:
    """A commit on top of `head`; `without` names a top-level folder that goes. Equal arguments, equal commit: whoever
    makes it again after a crash makes the same one.
    """
    tree = _tree(mirror, head, without)
    made = mirror.git.run("commit-tree", tree, "-p", head, "-F", "-", stdin=text.encode(), env=who.environment())
    return made.decode().strip()


def _tree(mirror: Mirror, head: str, without: str | None) -> str:
    if without is None:
        return mirror.git.text("rev-parse", f"{head}^{{tree}}")
    rows = mirror.git.run("ls-tree", "-z", "--full-tree", head).split(b"\0")
    kept = [row for row in rows if row and row.split(b"\t", 1)[1] != without.encode()]
    return mirror.git.run("mktree", "-z", stdin=b"".join(row + b"\0" for row in kept)).decode().strip()
