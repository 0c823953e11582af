"""Process hygiene: a child must not outlive the process that started it, and who is dead is known to be dead."""

from __future__ import annotations

import ctypes
import hashlib
import os
import signal
import socket
import threading
from functools import cache
from pathlib import Path

PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4


def die_with_parent() -> None:
    """Ask the kernel to SIGKILL this process when its parent dies; exits at once if that has happened already.

    Without it a killed worker leaves its job running, and the job would run twice.
    """
    parent = os.getppid()
    _prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


_ending = threading.Event()


def end_soon(*_: object) -> None:
    """Ask what runs in this process to stop where it can go on later (a signal handler too)."""
    _ending.set()


def ending() -> bool:
    """Whether this process was asked to end: take no new work, give back what was taken."""
    return _ending.is_set()


def hide_memory() -> None:
    """Forbid other processes of the same user to read this one's memory and environment (PR_SET_DUMPABLE 0)."""
    _prctl(PR_SET_DUMPABLE, 0)


@cache
def place() -> str:
    """Where process ids mean what they mean here: this host since its start, and this namespace of process ids."""
    boot = Path("/proc/sys/kernel/random/boot_id").read_text()
    namespace = Path("/proc/self/ns/pid").readlink()
    return f"{socket.gethostname()}-{hashlib.sha256(f'{boot}{namespace}'.encode()).hexdigest()[:8]}"


def holder() -> str:
    """This process as the owner of a lease: place, process id, and when it started, for ids are used again."""
    return f"{place()}:{os.getpid()}:{_started(os.getpid())}"


def dead(owner: str) -> bool:
    """Whether the owner of a lease is known to have ended; false of processes at other places."""
    where, _, process = owner.partition(":")
    pid, _, started = process.partition(":")
    return where == place() and pid.isdigit() and _started(int(pid)) != started


def _started(pid: int) -> str | None:
    """When the process started, in clock ticks since boot; None when there is none, or only its exit status is left."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    state, started = fields[0], fields[19]
    return None if state in "ZX" else started


def _prctl(option: int, value: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(option, value, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl failed")
