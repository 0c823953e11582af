"""The scheduler process: scans every 2 s, reconciles every 60 s. Any number may run; the database decides who acts."""

from __future__ import annotations

import signal
import threading
import time
from types import FrameType

from jobs.runtime import Runtime, runtime
from jobs.sweep import mended, reconcile, scan
from state.logs import get_log
from state.settings import Process

SCAN_SECONDS = 2.0
RECONCILE_SECONDS = 60.0


def run() -> None:
    """Sweep until SIGTERM."""
    stop = threading.Event()

    def asked(signum: int, frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, asked)
    signal.signal(signal.SIGINT, asked)
    now = runtime(Process.WORKER)
    with now.logging():
        mended(now)
        loop(now, stop)


def loop(now: Runtime, stop: threading.Event) -> None:
    """Sweep until `stop` is set; trouble of one round is logged and the next round comes."""
    reconciled = 0.0
    while not stop.is_set():
        try:
            scan(now)
            if time.monotonic() - reconciled >= RECONCILE_SECONDS:
                reconciled = time.monotonic()
                reconcile(now)
        except Exception:  # noqa: BLE001 - the sweep must outlive whatever one round meets, see architecture
            get_log().exception("sweep failed")
        stop.wait(SCAN_SECONDS)
