"""One git command: clean environment, no configuration but ours, a time-out, capped and redacted errors.

Facts 3 and 4 of the promises decide the shape: an argument list, an environment built from nothing, and every setting
that could run a program or leave the machine switched off. Settings travel as GIT_CONFIG_COUNT/KEY/VALUE, so a token
is in the environment of its one command and nowhere else.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from jobs.git.errors import STDERR_CAP, GitError, GitTimeout
from jobs.git.remote import Remote

ZERO = "0" * 40
LOCAL_SECONDS = 120.0
NETWORK_SECONDS = 900.0
SETTINGS: Mapping[str, str] = {
    "core.hooksPath": "/dev/null",
    "core.fsmonitor": "false",
    "core.untrackedCache": "false",
    "core.attributesFile": "/dev/null",
    "core.excludesFile": "/dev/null",
    "core.autocrlf": "false",
    "core.eol": "lf",
    "core.fileMode": "true",
    "core.symlinks": "true",
    "core.protectHFS": "true",
    "core.protectNTFS": "true",
    "core.quotePath": "false",
    "core.logAllRefUpdates": "false",
    "core.pager": "cat",
    "core.askPass": "",
    "core.fsync": "loose-object,reference",
    "credential.helper": "",
    "diff.noprefix": "false",
    "gc.auto": "0",
    "maintenance.auto": "false",
    "http.followRedirects": "false",
    "http.lowSpeedLimit": "1000",
    "http.lowSpeedTime": "60",
    "init.templateDir": "",
    "safe.bareRepository": "explicit",
    "safe.directory": "*",
    "submodule.recurse": "false",
    "fetch.recurseSubmodules": "false",
    "fetch.fsckObjects": "true",
    "fetch.fsck.badTimezone": "warn",
    "fetch.fsck.zeroPaddedFilemode": "warn",
    "fetch.fsck.missingSpaceBeforeDate": "warn",
    "protocol.allow": "never",
}
"""`safe.directory`: a worker host may be re-installed under another user; whose files they are is not our protection.
"""
_FROM_HOST = ("SSL_CERT_FILE", "SSL_CERT_DIR", "GIT_SSL_CAINFO", "https_proxy", "HTTPS_PROXY", "no_proxy", "NO_PROXY")


@dataclass(frozen=True)
class Git:
    """Commands on one repository. `work_tree` and `index` are those of a task; without them only objects and refs are
    reached.
    """

    git_dir: Path
    work_tree: Path | None = None
    index: Path | None = None

    def run(
        self,
        *args: str,
        stdin: bytes = b"",
        env: Mapping[str, str] | None = None,
        remote: Remote | None = None,
        seconds: float | None = None,
        ok: Sequence[int] = (0,),
    ) -> bytes:
        """The command's output. Raises GitError, or GitTimeout after `seconds`."""
        limit = seconds or (NETWORK_SECONDS if remote else LOCAL_SECONDS)
        code, out, err = self.raw(*args, stdin=stdin, env=env, remote=remote, seconds=limit)
        if code not in ok:
            raise GitError(args[0], code, err)
        return out

    def text(self, *args: str, remote: Remote | None = None, stdin: bytes = b"", ok: Sequence[int] = (0,)) -> str:
        """The output as text without the last newline."""
        return self.run(*args, remote=remote, stdin=stdin, ok=ok).decode("utf-8", "replace").rstrip("\n")

    def raw(
        self, *args: str, stdin: bytes, env: Mapping[str, str] | None, remote: Remote | None, seconds: float
    ) -> tuple[int, bytes, str]:
        """Exit code, output and cleaned errors, whatever the code is."""
        process = self._start(args, env, remote)
        try:
            out, err = process.communicate(stdin, timeout=seconds)
        except subprocess.TimeoutExpired as slow:
            _kill(process)
            raise GitTimeout(args[0], seconds) from slow
        return process.returncode, out, clean(err, remote)

    def capped(self, *args: str, limit: int, seconds: float = LOCAL_SECONDS) -> tuple[bytes, bool]:
        """At most `limit` bytes of output, and whether there was more."""
        process = self._start(args, None, None)
        assert process.stdin and process.stdout and process.stderr
        process.stdin.close()
        try:
            out = process.stdout.read(limit + 1)
            if len(out) > limit:
                return out[:limit], True
            err = process.stderr.read(STDERR_CAP)
            if process.wait(timeout=seconds):
                raise GitError(args[0], process.returncode, clean(err, None))
            return out, False
        finally:
            _kill(process)

    def _start(
        self, args: Sequence[str], env: Mapping[str, str] | None, remote: Remote | None
    ) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [executable(), *args],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**self.environment(remote), **(env or {})},
            cwd=self.work_tree or self.git_dir.parent,
            close_fds=True,
            start_new_session=True,
        )

    def environment(self, remote: Remote | None = None) -> dict[str, str]:
        """The whole environment of a command: nothing of the service's own is inherited but trust roots and proxy."""
        values = base_environment()
        values["GIT_DIR"] = str(self.git_dir)
        if self.work_tree is not None:
            values["GIT_WORK_TREE"] = str(self.work_tree)
        if self.index is not None:
            values["GIT_INDEX_FILE"] = str(self.index)
        if remote is not None:
            values.update({name: os.environ[name] for name in _FROM_HOST if name in os.environ})
        return {**values, **config_environment({**SETTINGS, **(remote.config() if remote else {})})}


def base_environment() -> dict[str, str]:
    """Variables that every git command gets."""
    return {
        "PATH": os.defpath,
        "HOME": "/nonexistent",
        "LANG": "C.UTF-8",
        "LC_ALL": "C.UTF-8",
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_ATTR_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_PAGER": "cat",
    }


def config_environment(settings: Mapping[str, str]) -> dict[str, str]:
    """Settings as GIT_CONFIG_COUNT, GIT_CONFIG_KEY_n and GIT_CONFIG_VALUE_n."""
    values = {"GIT_CONFIG_COUNT": str(len(settings))}
    for number, (key, value) in enumerate(settings.items()):
        values[f"GIT_CONFIG_KEY_{number}"] = key
        values[f"GIT_CONFIG_VALUE_{number}"] = value
    return values


def clean(err: bytes, remote: Remote | None) -> str:
    """Errors for people and logs: capped at head and tail, without the token."""
    text = err.decode("utf-8", "replace")
    for secret in remote.secrets() if remote else ():
        text = text.replace(secret, "[redacted:token]")
    half = STDERR_CAP // 2
    return text if len(text) <= STDERR_CAP else f"{text[:half]}\n[...]\n{text[-half:]}"


@cache
def executable() -> str:
    """The host's git. Raises FileNotFoundError where there is none."""
    found = shutil.which("git")
    if found is None:
        raise FileNotFoundError("git is not installed")
    return found


def _kill(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    for stream in (process.stdin, process.stdout, process.stderr):
        if stream is not None and not stream.closed:
            stream.close()
    process.wait()
