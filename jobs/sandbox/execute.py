"""Runs one prepared command: output to a file and a bounded view of it, time-out, cancellation, and nothing left
running.
"""

from __future__ import annotations

import fcntl
import os
import re
import selectors
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from jobs.sandbox.limits import KILLED, Limits, Result

TICK = 0.1
STATUS_FD = 198
"""High, so that scripts that use descriptors of their own do not meet it."""
_STATUS_CAP = 65_536
_GONE_SECONDS = 2.0
_ESCAPES = re.compile(r"\x1b(?:\[[0-9;?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])")


@dataclass
class Job:
    """A command ready to start. `argv` and `env` hold nothing secret; `sink` gets all it prints."""

    argv: Sequence[str]
    env: Mapping[str, str]
    cwd: Path
    sink: Path
    shown_as: str
    limits: Limits
    timeout: float
    show: int
    cancel: Callable[[], bool] | None = None
    hit: Callable[[], str | None] = field(default=lambda: None)
    kill: Callable[[], None] = field(default=lambda: None)


def execute(job: Job) -> Result:
    """Starts the command, waits for it, kills what it leaves behind. Never raises for what the command does."""
    reading, writing = _status_pipe()
    started = time.monotonic()
    process = subprocess.Popen(
        list(job.argv),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=dict(job.env),
        cwd=job.cwd,
        pass_fds=(writing,),
        start_new_session=True,
    )
    os.close(writing)
    assert process.stdout is not None
    with process.stdout as pipe, job.sink.open("wb") as sink:
        os.set_blocking(pipe.fileno(), False)
        reason, size = _watch(job, process, pipe.fileno(), sink.fileno(), started)
        left = _end(job, process)
        size += _drain(pipe.fileno(), sink.fileno(), job.limits.output_bytes - size)
    seconds = time.monotonic() - started
    statuses, background = _status(reading)
    return _result(job, process.returncode, reason, size, seconds, statuses, background or left)


def _watch(
    job: Job, process: subprocess.Popen[bytes], source: int, sink: int, started: float
) -> tuple[str | None, int]:
    """Copies output until the command ends or has to be ended; returns why we ended it and the bytes written.

    The kernel says when it ends (a pidfd): `Popen.wait` with a time-out looks again and again with growing pauses.
    """
    size, over = 0, os.pidfd_open(process.pid)
    try:
        with selectors.DefaultSelector() as selector:
            selector.register(source, selectors.EVENT_READ)
            selector.register(over, selectors.EVENT_READ)
            while process.poll() is None:
                ready = [key.fd for key, _ in selector.select(TICK)]
                data = _read(source) if source in ready else None
                if data == b"":
                    selector.unregister(source)
                elif data:
                    size += os.write(sink, data[: max(0, job.limits.output_bytes - size)])
                reason = _must_end(job, size, time.monotonic() - started)
                if reason and process.poll() is None:
                    return reason, size
    finally:
        os.close(over)
    return None, size


def _must_end(job: Job, size: int, seconds: float) -> str | None:
    if seconds > job.timeout:
        return "time"
    if size >= job.limits.output_bytes:
        return "output"
    if job.cancel is not None and job.cancel():
        return "cancel"
    if shutil.disk_usage(job.cwd).free < job.limits.disk_reserve:
        return "disk"
    return None


def _end(job: Job, process: subprocess.Popen[bytes]) -> tuple[str, ...]:
    """Kills the group of the command; returns whether something of it was still there."""
    over = process.poll() is not None
    job.kill()
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        alive = False
    else:
        alive = over
    process.wait()
    return ("background",) if alive else ()


def _drain(source: int, sink: int, room: int) -> int:
    """What is still in the pipe. Its end means that the sandbox's first process, the last to go, is gone."""
    deadline = time.monotonic() + _GONE_SECONDS
    size = 0
    with selectors.DefaultSelector() as selector:
        selector.register(source, selectors.EVENT_READ)
        while (rest := deadline - time.monotonic()) > 0:
            if selector.select(rest):
                data = _read(source)
                if data == b"":
                    break
                size += os.write(sink, (data or b"")[: max(0, room - size)])
    return size


def _read(source: int) -> bytes | None:
    try:
        return os.read(source, 65_536)
    except BlockingIOError:
        return None


def _status_pipe() -> tuple[int, int]:
    reading, low = os.pipe()
    os.set_blocking(reading, False)
    writing = fcntl.fcntl(low, fcntl.F_DUPFD_CLOEXEC, STATUS_FD)
    os.close(low)
    return reading, writing


def _status(reading: int) -> tuple[tuple[int, ...], tuple[str, ...]]:
    """What the shell said at its end: the statuses of its last pipeline, and what was still running."""
    data = _read_all(reading)
    os.close(reading)
    statuses: tuple[int, ...] = ()
    background: list[str] = []
    for line in data.decode("utf-8", "replace").splitlines():
        word, _, rest = line.partition(" ")
        if word == "s" and re.fullmatch(r"\d{1,3}( \d{1,3})*", rest):
            statuses = tuple(int(number) for number in rest.split()[1:])
        elif word == "b" and len(background) < 20:
            background.append(rest.partition(" ")[2][:40] or "?")
    return statuses, tuple(background)


def _read_all(source: int) -> bytes:
    data = b""
    while len(data) < _STATUS_CAP:
        part = _read(source)
        if not part:
            break
        data += part
    return data


def _result(
    job: Job,
    code: int,
    reason: str | None,
    size: int,
    seconds: float,
    statuses: tuple[int, ...],
    background: tuple[str, ...],
) -> Result:
    output, cut = view(job.sink, job.show)
    if not cut:
        job.sink.unlink(missing_ok=True)
    limit = reason if reason in {"output", "disk"} else job.hit()
    return Result(
        exit_code=KILLED if reason or code < 0 else code,
        output=output,
        seconds=seconds,
        statuses=() if reason else statuses,
        timed_out=reason == "time",
        cancelled=reason == "cancel",
        limit=limit,
        background=() if reason else background,
        output_bytes=size,
        output_path=job.shown_as if cut else None,
    )


def view(path: Path, show: int) -> tuple[str, bool]:
    """Head and tail of a file, about `show` characters in all, without terminal escapes; and whether something is
    missing.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        if size <= show:
            return plain(file.read()), False
        head = file.read(show // 2)
        file.seek(size - (show - show // 2))
        tail = file.read()
    return f"{plain(head)}\n[... {size - show} bytes left out ...]\n{plain(tail)}", True


def plain(data: bytes) -> str:
    """Text without terminal escapes; of a line that was overwritten in place the last state."""
    text = _ESCAPES.sub("", data.decode("utf-8", "replace")).replace("\r\n", "\n")
    return "\n".join(line.rstrip("\r").rpartition("\r")[2] for line in text.split("\n"))
