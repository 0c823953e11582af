"""A task's place to work: a plain tree without git directory, a private index on it, and folders for the sandbox.

REPOS_PATH/trees/<key>/tree      what the agent sees (at a constant path) and may change
REPOS_PATH/trees/<key>/index     our index; it always stands at the task's last commit
REPOS_PATH/trees/<key>/scratch   home, temporary files and outputs of the sandbox
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path

from jobs.git import stage
from jobs.git.errors import GitError, Untrusted
from jobs.git.hygiene import purge, remove_tree
from jobs.git.message import Authorship
from jobs.git.mirror import Mirror
from jobs.git.refs import Moved, TaskRefs, parent_of
from jobs.git.runner import Git
from state.failpoint import failpoint


@dataclass(frozen=True)
class Workspace:
    """All that git does for one task. Use one at a time per key: the task's lease sees to that."""

    mirror: Mirror
    key: str

    @property
    def root(self) -> Path:
        return self.mirror.repos / "trees" / self.key

    @property
    def tree(self) -> Path:
        return self.root / "tree"

    @property
    def scratch(self) -> Path:
        return self.root / "scratch"

    @property
    def git(self) -> Git:
        return stage.private_git(self.mirror.path, self.root)

    @property
    def refs(self) -> TaskRefs:
        return TaskRefs(self.mirror, self.key)

    def open(self, base: str) -> str:
        """The tree at the task's last commit, else at `base`, made or reset; returns that commit. Commits must be in
        the mirror.
        """
        commit = self.refs.get() or base
        self.reset(commit)
        (self.root / "base").write_text(self.mirror.git.text("rev-parse", f"{base}^{{commit}}"))
        return commit

    def reset(self, commit: str) -> None:
        """Exactly the files of this commit: changes undone, everything else removed, ignored files too."""
        if self.git.index is not None and self.git.index.exists() and self.tree.is_dir():
            self._prepare()
            try:
                self.git.run("read-tree", "--reset", "-u", commit)
                self.git.run("clean", "-ffdxq")
            except GitError as error:
                if error.corrupt and not self.mirror.has(commit):
                    raise
                self._build(commit)
            return
        self._build(commit)

    def remove(self) -> None:
        """The task's folder goes; refs and commits stay."""
        remove_tree(self.root)

    def head(self) -> str:
        """The commit on which the index stands. Raises GitError when the workspace was never opened."""
        return self.refs.get() or (self.root / "base").read_text().strip()

    def changed(self) -> list[str]:
        """Paths that differ from the last commit, new ones included, ignored ones not."""
        self._prepare()
        return stage.touched(self.git)

    def paths(self) -> list[str]:
        """Every path that is there and not ignored, sorted; submodules left out."""
        self.purge()
        listing = self.git.run("ls-files", "--cached", "--others", "--exclude-standard", "-z").split(b"\0")
        names = {os.fsdecode(name) for name in listing if name}
        return sorted(name for name in names if (self.tree / name).is_file() or (self.tree / name).is_symlink())

    def purge(self) -> list[str]:
        """Removes what must not be in the tree when git looks at it; returns the paths."""
        return purge(self.tree)

    def snapshot(self, leave: Callable[[str], bool] = lambda _: False) -> str:
        """The tree object of everything that is there and not ignored; changes at paths that `leave` names stay out of
        it. Raises Untrusted.
        """
        self._prepare()
        with stage.scratch_index(self.git) as git:
            stage.apply(git, stage.entries(git, [path for path in stage.touched(git) if not leave(path)]))
            return stage.write_tree(git)

    def commit(self, paths: Collection[str], text: str, who: Authorship) -> str | None:
        """Commits these paths only, on top of the last commit; None when they hold no change. Raises Untrusted,
        Moved.
        """
        self._prepare()
        stage.refuse_submodules(self.git, paths)
        parent, known = self.head(), self.refs.get()
        chosen = set(paths) & set(stage.touched(self.git))
        with stage.scratch_index(self.git) as git:
            staged = stage.entries(git, sorted(chosen))
            stage.apply(git, staged)
            tree = stage.write_tree(git)
        return self._record("head", parent, known, tree, text, who)

    def save(self, text: str, who: Authorship) -> str | None:
        """Keeps everything as it is in the wip ref (durable progress); None when nothing changed since the last
        commit.
        """
        return self._record("wip", self.head(), self.refs.get("wip"), self.snapshot(), text, who)

    def undo(self, commit: str, back_to: str | None, parent: str) -> None:
        """The head ref goes back from `commit` to `back_to` (None = the ref goes) and the index to `parent`; the files
        stay as they are. Raises Moved.
        """
        self.refs.move("head", back_to, commit)
        self.git.run("read-tree", "--reset", parent)

    def restore(self) -> bool:
        """The tree as last saved, if it was saved on top of the present last commit."""
        saved, head = self.refs.get("wip"), self.head()
        if saved is None or parent_of(self.mirror, saved) != head:
            return False
        self.reset(saved)
        self.git.run("read-tree", "--reset", head)
        return True

    def _record(self, which: str, parent: str, known: str | None, tree: str, text: str, who: Authorship) -> str | None:
        git = self.git
        if tree == git.text("rev-parse", f"{parent}^{{tree}}"):
            return None
        planted = stage.new_gitlinks(git, parent, tree)
        if planted:
            raise Untrusted(planted[0], "is a new submodule entry")
        made = git.run("commit-tree", tree, "-p", parent, "-F", "-", stdin=text.encode(), env=who.environment())
        new = made.decode().strip()
        self.refs.move(which, new, known)
        if which == "head":
            failpoint("commit.after")
            git.run("read-tree", "--reset", new)
        return new

    def _prepare(self) -> None:
        purge(self.tree)
        (self.root / "index.lock").unlink(missing_ok=True)

    def _build(self, commit: str) -> None:
        remove_tree(self.tree)
        for leftover in self.root.glob("index*"):
            leftover.unlink()
        self.tree.mkdir(parents=True)
        self.git.run("read-tree", "--reset", "-u", commit)


def adopt(workspace: Workspace, recorded: str, is_mine: Callable[[dict[str, str]], bool]) -> str | None:
    """After a crash: the head commit that was made but not recorded, if its trailers are this step's and it stands on
    `recorded`.

    `recorded` is the last commit that the database knows, or the base commit before the first one.
    """
    head = workspace.refs.get()
    if head is None or head == recorded or parent_of(workspace.mirror, head) != recorded:
        return None
    return head if is_mine(workspace.refs.trailers()) else None


def checkout(mirror: Mirror, commit: str, folder: Path) -> None:
    """Exactly this commit's files in an empty or new folder: what is judged is what is pushed."""
    remove_tree(folder)
    (folder / "tree").mkdir(parents=True)
    stage.private_git(mirror.path, folder).run("read-tree", "--reset", "-u", commit)


__all__ = ["Moved", "Workspace", "adopt", "checkout"]
