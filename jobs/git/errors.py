"""What can go wrong with git, named by what the caller can do about it."""

from __future__ import annotations

STDERR_CAP = 4_000
_CORRUPT = (
    "object file",
    "bad object",
    "not a git repository",
    "is corrupt",
    "inflate:",
    "packfile",
    "index file",
    "unable to read tree",
    "unable to read sha1",
    "could not read",
    "missing blob",
    "missing tree",
    "invalid object",
    "failed to read object",
    "not a valid object",
    "loose object",
    "did not send all necessary objects",
    "failed to unpack tree",
)
_UNREACHABLE = (
    "could not resolve host",
    "failed to connect",
    "connection timed out",
    "connection refused",
    "connection reset",
    "operation timed out",
    "the requested url returned error: 5",
    "the requested url returned error: 429",
    "early eof",
    "hung up unexpectedly",
    "empty reply",
    "rpc failed",
)
_DENIED = (
    "authentication failed",
    "could not read username",
    "the requested url returned error: 401",
    "the requested url returned error: 403",
    "the requested url returned error: 404",
    "repository not found",
    "terminal prompts disabled",
)


class GitError(Exception):
    """A git command ended badly. `stderr` is capped and without secrets."""

    def __init__(self, command: str, code: int, stderr: str) -> None:
        super().__init__(f"git {command} ended with {code}: {stderr.strip()[:400]}")
        self.command = command
        self.code = code
        self.stderr = stderr

    @property
    def corrupt(self) -> bool:
        """The local repository is damaged; a fresh clone mends it."""
        return _any(_CORRUPT, self.stderr) and not self.unreachable and not self.denied

    @property
    def unreachable(self) -> bool:
        """The far end did not answer properly; waiting may help."""
        return _any(_UNREACHABLE, self.stderr)

    @property
    def denied(self) -> bool:
        """The far end does not let us in, or says that there is nothing."""
        return _any(_DENIED, self.stderr)


class GitTimeout(GitError):
    """A git command did not end in its time; it was killed."""

    def __init__(self, command: str, seconds: float) -> None:
        super().__init__(command, -9, f"killed after {seconds:g} s")

    @property
    def unreachable(self) -> bool:
        return True


class Untrusted(Exception):
    """The tree holds something that must not become part of a commit; `path` names it, `reason` says why."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path
        self.reason = reason


class AddressRefused(Exception):
    """A clone address that does not belong to the configured GitHub."""


def _any(needles: tuple[str, ...], text: str) -> bool:
    lower = text.lower()
    return any(needle in lower for needle in needles)
