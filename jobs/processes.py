"""Process hygiene: a child must not outlive the process that started it."""

from __future__ import annotations

import ctypes
import os
import signal
import threading

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


def _prctl(option: int, value: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(option, value, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl failed")
