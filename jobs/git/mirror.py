"""One bare mirror per repository id: cloned into a temporary name and renamed, fetched only when something is missing.

REPOS_PATH/mirrors/<id>.git        the mirror (heads as on GitHub, our own refs under refs/devtask/)
REPOS_PATH/mirrors/<id>.lock       held while it is cloned, fetched or repaired
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from jobs.git.errors import GitError
from jobs.git.remote import Remote, local_remote
from jobs.git.runner import Git
from state.failpoint import failpoint

HEADS = "+refs/heads/*:refs/heads/*"
OURS = "refs/devtask/*:refs/devtask/*"
STALE_SECONDS = 60.0
ATTRIBUTES = (
    "* !text !eol !crlf !ident !filter !working-tree-encoding !diff !merge !export-ignore !export-subst !whitespace\n"
)
"""Stronger than any .gitattributes in a tree: files keep their bytes, large-file pointers stay pointers, no filter is
looked up.
"""


@dataclass(frozen=True)
class Mirror:
    """The bare mirror of one repository. Objects and refs only; work trees are `jobs.git.workspace`'s."""

    repos: Path
    repo_id: int

    @property
    def path(self) -> Path:
        return self.repos / "mirrors" / f"{self.repo_id}.git"

    @property
    def git(self) -> Git:
        return Git(self.path)

    def sync(self, remote: Remote, want: str | None = None) -> bool:
        """Makes sure that the mirror exists and holds commit `want`; without `want` it is brought up to date.

        Returns whether the network was used. A damaged mirror is put aside and cloned afresh once. Raises GitError.
        """
        if want and self.has(want):
            return False
        with self.lock():
            if want and self.has(want):
                return False
            self._sweep()
            try:
                self._fetch(remote)
            except GitError as error:
                if not self._damaged(error):
                    raise
                self._replace(remote)
        return True

    def has(self, commit: str) -> bool:
        """Whether the commit and its root tree are here."""
        if not (self.path / "HEAD").exists():
            return False
        code, _, _ = self.git.raw("cat-file", "-e", f"{commit}^{{tree}}", stdin=b"", env=None, remote=None, seconds=30)
        return code == 0

    def repair(self, remote: Remote) -> None:
        """Puts the mirror aside and clones it afresh; our own refs are saved from the old one as far as they can be
        read.
        """
        with self.lock():
            self._replace(remote)

    @contextlib.contextmanager
    def lock(self) -> Iterator[None]:
        """One process at a time clones, fetches or repairs this mirror; the kernel drops the lock of a killed one."""
        folder = self.path.parent
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / f"{self.repo_id}.lock").open("w") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield

    def compact(self) -> None:
        """Packs what has gathered; unreachable objects younger than two weeks stay. For the scheduler's quiet hours."""
        with self.lock():
            self.git.run("gc", "--quiet", "--prune=2.weeks.ago", seconds=3_600)

    def _fetch(self, remote: Remote) -> None:
        if not self.path.exists():
            self._clone(remote)
            return
        self.git.run(
            "fetch", "--quiet", "--prune", "--no-tags", "--no-write-fetch-head", remote.url, HEADS, remote=remote
        )

    def _clone(self, remote: Remote) -> None:
        temporary = self.path.with_name(f".{self.repo_id}.{os.getpid()}.tmp")
        shutil.rmtree(temporary, ignore_errors=True)
        git = Git(temporary)
        git.run("init", "--quiet", "--bare", str(temporary))
        (temporary / "info").mkdir(exist_ok=True)
        (temporary / "info" / "attributes").write_text(ATTRIBUTES)
        failpoint("git.clone")
        try:
            git.run("fetch", "--quiet", "--no-tags", "--no-write-fetch-head", remote.url, HEADS, remote=remote)
        except GitError:
            shutil.rmtree(temporary, ignore_errors=True)
            raise
        failpoint("git.clone.rename")
        temporary.rename(self.path)

    def _replace(self, remote: Remote) -> None:
        aside = self.path.with_name(f"{self.repo_id}.bad-{time.time_ns()}")
        if self.path.exists():
            self.path.rename(aside)
        self._clone(remote)
        if aside.exists():
            with contextlib.suppress(GitError):
                self.git.run("fetch", "--quiet", "--no-tags", aside.as_uri(), OURS, remote=local_remote(aside))
            shutil.rmtree(aside, ignore_errors=True)

    def _damaged(self, error: GitError) -> bool:
        if error.unreachable or error.denied or not self.path.exists():
            return False
        if error.corrupt:
            return True
        code, _, _ = self.git.raw(
            "fsck",
            "--connectivity-only",
            "--no-dangling",
            "--no-progress",
            stdin=b"",
            env=None,
            remote=None,
            seconds=300,
        )
        return code != 0

    def _sweep(self) -> None:
        """What a killed clone or fetch left behind; called under the lock, which no live one can then hold."""
        for leftover in self.path.parent.glob(f".{self.repo_id}.*.tmp"):
            shutil.rmtree(leftover, ignore_errors=True)
        for name in ("packed-refs.lock", "HEAD.lock", "config.lock", "shallow.lock"):
            (self.path / name).unlink(missing_ok=True)
        for lock in (self.path / "refs" / "heads").rglob("*.lock"):
            lock.unlink(missing_ok=True)
        for half in (self.path / "objects" / "pack").glob("tmp_*"):
            if time.time() - half.stat().st_mtime > STALE_SECONDS:
                half.unlink(missing_ok=True)
