"""Push by compare-and-set on the remote ref: git's own lease is the fencing token at the far end (promises 1.8)."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from jobs.git.errors import GitError
from jobs.git.mirror import Mirror
from jobs.git.remote import Remote
from state.failpoint import failpoint

PREFIXES = ("feature", "fix", "refactor", "docs", "test", "chore")
PROTECTED = frozenset({"main", "master", "dev", "develop", "development", "staging", "production"})
_BRANCH = re.compile(rf"(?:{'|'.join(PREFIXES)})[/-][a-z0-9](?:[a-z0-9-]{{0,47}}[a-z0-9])?")
_COMMIT = re.compile(r"[0-9a-f]{40}")
_REASONS = (
    ("GH013", "GH013"),
    ("GH006", "GH006"),
    ("GH001", "GH001"),
    ("without `workflows` permission", "workflows"),
    ("without workflows permission", "workflows"),
    ("pre-receive hook declined", "hook"),
    ("hook declined", "hook"),
    ("protected branch", "GH006"),
)
_CONFLICTS = (
    "stale info",
    "fetch first",
    "non-fast-forward",
    "failed to update ref",
    "cannot lock ref",
    "reference already exists",
)


class Outcome(StrEnum):
    """How a push ended. CONFLICT: the remote ref is neither what we expect nor what we push; never forced, never
    rebased.
    """

    PUSHED = "pushed"
    ALREADY = "already"
    CONFLICT = "conflict"
    REFUSED = "refused"
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True)
class Push:
    """The outcome with its reason, the remote's commit as far as it is known, and the remote's words (capped,
    redacted).
    """

    outcome: Outcome
    reason: str = ""
    remote_sha: str | None = None
    output: str = ""


def refuse_name(branch: str, protected: Collection[str] = ()) -> str | None:
    """Why code does not push to this branch, or None. `protected`: the default branch and what GitHub says is
    protected.
    """
    if branch in PROTECTED or branch.startswith("release") or branch in protected:
        return "protected_name"
    return None if _BRANCH.fullmatch(branch) else "bad_name"


def remote_commit(mirror: Mirror, remote: Remote, branch: str) -> str | None:
    """The commit that the remote branch names now, None when it does not exist. Raises GitError."""
    name = f"refs/heads/{branch}"
    lines = mirror.git.text("ls-remote", "--quiet", remote.url, name, remote=remote).splitlines()
    return next((line.split("\t")[0] for line in lines if line.endswith(f"\t{name}")), None)


def push(
    mirror: Mirror,
    remote: Remote,
    branch: str,
    sha: str,
    expected: str | None,
    protected: Collection[str] = (),
) -> Push:
    """Moves the remote branch from `expected` (None = must not exist) to `sha`, or says why not. Never raises for the
    far end.
    """
    reason = refuse_name(branch, protected) or _refuse_commits(mirror, sha, expected)
    if reason:
        return Push(Outcome.REFUSED, reason)
    try:
        found = remote_commit(mirror, remote, branch)
        if found == sha:
            return Push(Outcome.ALREADY, remote_sha=found)
        if found != expected:
            return Push(Outcome.CONFLICT, "deleted" if found is None else "moved", found)
        failpoint("push.before")
        _send(mirror, remote, branch, sha, expected)
    except GitError as error:
        return _failed(mirror, remote, branch, sha, error)
    failpoint("push.after")
    return Push(Outcome.PUSHED, remote_sha=sha)


def _refuse_commits(mirror: Mirror, sha: str, expected: str | None) -> str | None:
    if not _COMMIT.fullmatch(sha) or (expected is not None and not _COMMIT.fullmatch(expected)):
        return "bad_commit"
    if expected is None or expected == sha:
        return None
    code, _, _ = mirror.git.raw(
        "merge-base", "--is-ancestor", expected, sha, stdin=b"", env=None, remote=None, seconds=60
    )
    return "backwards" if code else None


def _send(mirror: Mirror, remote: Remote, branch: str, sha: str, expected: str | None) -> None:
    lease = f"--force-with-lease=refs/heads/{branch}:{expected or ''}"
    flags = ("--porcelain", "--no-verify", "--no-follow-tags", "--recurse-submodules=no", "--no-signed", lease)
    code, out, err = mirror.git.raw(
        "push", *flags, remote.url, f"{sha}:refs/heads/{branch}", stdin=b"", env=None, remote=remote, seconds=600
    )
    if code:
        raise GitError("push", code, f"{out.decode('utf-8', 'replace')[:2_000]}\n{err}")


def _failed(mirror: Mirror, remote: Remote, branch: str, sha: str, error: GitError) -> Push:
    """The far end may have applied what it did not confirm: the ref decides."""
    found = None
    if error.command == "push":
        try:
            found = remote_commit(mirror, remote, branch)
        except GitError:
            return Push(Outcome.UNAVAILABLE, "unconfirmed", None, error.stderr)
        if found == sha:
            return Push(Outcome.ALREADY, "unconfirmed", found)
    outcome, reason = classify(error)
    return Push(outcome, reason, found, error.stderr)


def classify(error: GitError) -> tuple[Outcome, str]:
    """Outcome and reason of a failed git command that talked to the remote."""
    for text, reason in _REASONS:
        if text.lower() in error.stderr.lower():
            return Outcome.REFUSED, reason
    if any(text in error.stderr.lower() for text in _CONFLICTS):
        return Outcome.CONFLICT, "moved"
    if error.denied:
        return Outcome.REFUSED, "denied"
    if error.unreachable:
        return Outcome.UNAVAILABLE, "unreachable"
    if "remote rejected" in error.stderr:
        return Outcome.REFUSED, "rejected"
    return Outcome.UNAVAILABLE, "unknown"
