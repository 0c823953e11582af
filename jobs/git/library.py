"""GitPython as the runner of read-only commands on a mirror, whose configuration we wrote ourselves.

GitPython adds the caller's whole environment to every command, so `env -i` stands before git: no secret of the
service reaches it. It is never used where a token is needed or where an untrusted tree is touched (runner.py is).
"""

from __future__ import annotations

from pathlib import Path

from jobs.git.errors import GitError, GitTimeout
from jobs.git.runner import LOCAL_SECONDS, Git, clean, executable


def read(mirror: Path, *args: str, seconds: float = LOCAL_SECONDS, ok: tuple[int, ...] = (0,)) -> bytes:
    """The output of one reading command on the mirror. Raises GitError as the plain runner does."""
    from git import Git as Library  # GitPython runs `git version` when it is imported

    pairs = [f"{name}={value}" for name, value in Git(mirror).environment().items()]
    code, out, err = Library(str(mirror)).execute(
        ["/usr/bin/env", "-i", *pairs, executable(), *args],
        with_extended_output=True,
        with_exceptions=False,
        as_process=False,
        stdout_as_string=False,
        strip_newline_in_stdout=False,
        kill_after_timeout=seconds,
    )
    if code in ok:
        return out if isinstance(out, bytes) else out.encode()
    if code < 0:
        raise GitTimeout(args[0], seconds)
    raise GitError(args[0], code, clean(err.encode(), None))


def read_text(mirror: Path, *args: str, ok: tuple[int, ...] = (0,)) -> str:
    """The output as text without the last newline."""
    return read(mirror, *args, ok=ok).decode("utf-8", "replace").rstrip("\n")
