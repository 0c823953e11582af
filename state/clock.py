"""The one clock of the product: UTC now with an injectable offset, and a monotonic clock for durations."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime, timedelta

OFFSET_VARIABLE = "DEVTASK_CLOCK_OFFSET"


def clock() -> datetime:
    """Now in UTC, shifted by DEVTASK_CLOCK_OFFSET seconds (read at each call, so that a test may jump in mid run)."""
    now = datetime.now(UTC)
    offset = os.environ.get(OFFSET_VARIABLE)
    return now + timedelta(seconds=float(offset)) if offset else now


def monotonic() -> float:
    """Seconds of a clock that never jumps: only for durations and time-outs."""
    return time.monotonic()


def iso(moment: datetime) -> str:
    """ISO 8601 with `Z`, whole seconds, as files, JSON, CLI and API show times."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
