"""Reading and preparing the bare repositories: every git command of the stand-in except the smart HTTP ones."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from devkit.github.hub import Hub
from devkit.github.model import Json, Repo

CLEAN = {
    "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C.UTF-8",
}
FIELDS = "%H%x00%T%x00%P%x00%an%x00%ae%x00%aI%x00%cn%x00%ce%x00%cI%x00%B"


def path_of(hub: Hub, repo: Repo) -> Path:
    return hub.store.data / "git" / f"{repo.id}.git"


def git(hub: Hub, repo: Repo, *args: str, check: bool = True, stdin: bytes = b"") -> bytes:
    """Output of one git command in the bare repository. CalledProcessError on failure when ``check``."""
    done = subprocess.run(
        ["git", "-c", "core.hooksPath=/dev/null", "-c", "core.quotePath=false", *args],
        cwd=path_of(hub, repo),
        env=CLEAN,
        input=stdin,
        capture_output=True,
        check=check,
    )
    return done.stdout


def text(hub: Hub, repo: Repo, *args: str, check: bool = True) -> str:
    return git(hub, repo, *args, check=check).decode("utf-8", "replace").rstrip("\n")


def create(hub: Hub, repo: Repo, source: str | None = None) -> None:
    """A bare repository of our own; with ``source`` all branches and tags of that one."""
    path = path_of(hub, repo)
    path.parent.mkdir(parents=True, exist_ok=True)
    branch = f"--initial-branch={repo.default_branch}"
    subprocess.run(["git", "init", "-q", "--bare", branch, str(path)], env=CLEAN, check=True, capture_output=True)
    if source:
        specs = ["+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*"]
        git(
            hub, repo, "-c", "safe.directory=*", "-c", "protocol.file.allow=always", "fetch", "-q", "--", source, *specs
        )


def default_branch_of(source: str) -> str:
    """The branch that HEAD of an existing repository names."""
    done = subprocess.run(
        ["git", "-C", source, "-c", "safe.directory=*", "symbolic-ref", "--short", "HEAD"],
        env=CLEAN,
        capture_output=True,
        check=True,
    )
    return done.stdout.decode().strip()


def remove(hub: Hub, repo: Repo) -> None:
    shutil.rmtree(path_of(hub, repo), ignore_errors=True)


def sha_of(hub: Hub, repo: Repo, name: str) -> str | None:
    """The object a full ref name or revision points at; None when there is none."""
    if name.startswith("-") or not path_of(hub, repo).exists():
        return None
    return text(hub, repo, "rev-parse", "--verify", "-q", "--end-of-options", name, check=False) or None


def commit_sha(hub: Hub, repo: Repo, name: str) -> str | None:
    """The commit that a branch, tag or abbreviated hash names."""
    for candidate in (f"refs/heads/{name}", f"refs/tags/{name}", name):
        found = sha_of(hub, repo, f"{candidate}^{{commit}}")
        if found:
            return found
    return None


def refs(hub: Hub, repo: Repo, prefix: str = "refs/heads/") -> list[tuple[str, str, str]]:
    """(full name, hash, type) under a prefix, by name."""
    shown = text(hub, repo, "for-each-ref", "--format=%(refname)%09%(objectname)%09%(objecttype)", prefix)
    rows = [line.split("\t") for line in shown.splitlines()]
    return [(name, sha, kind) for name, sha, kind in rows]


def commits(hub: Hub, repo: Repo, *args: str) -> list[Json]:
    """Parsed ``git log`` with these arguments, newest first."""
    raw = git(hub, repo, "log", "-z", f"--format=%x01{FIELDS}", *args).decode("utf-8", "replace")
    return [_commit(part) for part in raw.split("\x01")[1:]]


def _commit(part: str) -> Json:
    sha, tree, parents, author, mail, date, committer, committer_mail, committed, message = part.split("\x00", 9)
    return {
        "sha": sha,
        "tree": tree,
        "parents": parents.split(),
        "author": {"name": author, "email": mail, "date": _utc(date)},
        "committer": {"name": committer, "email": committer_mail, "date": _utc(committed)},
        "message": message.rstrip("\x00\n"),
    }


def _utc(date: str) -> str:
    from datetime import UTC, datetime

    return datetime.fromisoformat(date).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def commit(hub: Hub, repo: Repo, sha: str) -> Json:
    return commits(hub, repo, "-1", sha)[0]


def counts(hub: Hub, repo: Repo, base: str, head: str) -> Json:
    """commits, additions, deletions, changed_files between the merge base and head; zeros when either is missing."""
    empty = {"commits": 0, "additions": 0, "deletions": 0, "changed_files": 0}
    if "0" * 40 in (base, head):
        return empty
    number = text(hub, repo, "rev-list", "--count", f"{base}..{head}", check=False)
    stat = text(hub, repo, "diff", "--numstat", "--no-ext-diff", "--no-textconv", f"{base}...{head}", check=False)
    rows = [line.split("\t") for line in stat.splitlines()]
    added = sum(int(row[0]) for row in rows if row[0] != "-")
    gone = sum(int(row[1]) for row in rows if row[1] != "-")
    return {"commits": int(number or 0), "additions": added, "deletions": gone, "changed_files": len(rows)}


def is_ancestor(hub: Hub, repo: Repo, old: str, new: str) -> bool:
    return not text(hub, repo, "rev-list", "-1", old, f"^{new}", check=False)
