"""Token buckets and pauses shared by all workers: GitHub writes per installation, model calls per provider."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from state.clock import clock
from state.db.engine import serialize
from state.db.models import RateBucket

PAUSE, FAILURES = "pause", "failures"
SLOT_SECONDS = 900.0
"""After so long a place whose holder died is free again; longer than any one call takes."""


@dataclass(frozen=True)
class Window:
    """`burst` tokens at most, refilled with `per_second`: never more than burst + per_second * t in any time t."""

    name: str
    burst: float
    per_second: float


# 60 a minute and 400 an hour sustained; with the bursts never above GitHub's 80 a minute and 500 an hour.
GITHUB_WRITES = (Window("minute", 19, 60 / 60), Window("hour", 99, 400 / 3600))


def take(session: Session, bucket: str, windows: Sequence[Window] = GITHUB_WRITES, cost: float = 1.0) -> float:
    """Takes `cost` tokens from every window: 0.0, or the seconds to wait (nothing taken). Pauses count as empty."""
    serialize(session, f"rate:{bucket}")
    now = clock()
    waits = [pause_left(session, bucket)]
    levels: list[tuple[RateBucket, float]] = []
    for window in windows:
        row = _row(session, bucket, window, now)
        level = min(window.burst, row.tokens + max(0.0, (now - row.updated_at).total_seconds()) * window.per_second)
        levels.append((row, level))
        waits.append((cost - level) / window.per_second if level < cost else 0.0)
    if max(waits) > 0:
        return max(waits)
    for row, level in levels:
        row.tokens, row.updated_at = level - cost, max(now, row.updated_at)
    session.flush()
    return 0.0


def give_back(session: Session, bucket: str, windows: Sequence[Window], tokens: float) -> None:
    """Tokens that were taken and not used; a negative number takes more, below zero if need be."""
    serialize(session, f"rate:{bucket}")
    now = clock()
    for window in windows:
        row = _row(session, bucket, window, now)
        row.tokens = min(window.burst, row.tokens + tokens)
    session.flush()


def enter(session: Session, bucket: str, places: int) -> str | None:
    """One of so many places at a time, for all workers together; its name and mark for `leave`, None = all taken."""
    serialize(session, f"rate:{bucket}")
    now = clock()
    for number in range(places):
        slot = f"place:{number}"
        row = session.get(RateBucket, (bucket, slot))
        if row is None:
            row = RateBucket(bucket=bucket, slot=slot, tokens=0.0, updated_at=now)
            session.add(row)
        elif row.paused_until is not None and row.paused_until > now:
            continue
        row.tokens, row.paused_until, row.updated_at = row.tokens + 1, now + timedelta(seconds=SLOT_SECONDS), now
        session.flush()
        return f"{slot}#{row.tokens:g}"
    return None


def leave(session: Session, bucket: str, place: str) -> None:
    """The place is free; one that expired and was taken by somebody else since stays theirs."""
    slot, _, mark = place.partition("#")
    row = session.get(RateBucket, (bucket, slot))
    if row is not None and f"{row.tokens:g}" == mark:
        row.paused_until = None
        session.flush()


def pause(session: Session, bucket: str, until: datetime) -> None:
    """Nobody calls before `until` (Retry-After, a spent limit); a longer pause stays."""
    serialize(session, f"rate:{bucket}")
    row = session.get(RateBucket, (bucket, PAUSE))
    if row is None:
        session.add(RateBucket(bucket=bucket, slot=PAUSE, updated_at=clock(), paused_until=until))
    elif row.paused_until is None or row.paused_until < until:
        row.paused_until = until
    session.flush()


def pause_left(session: Session, bucket: str) -> float:
    """Seconds until the bucket's pause ends; 0.0 = none."""
    query = select(RateBucket.paused_until).where(RateBucket.bucket == bucket, RateBucket.slot == PAUSE)
    until = session.scalar(query)
    return max(0.0, (until - clock()) / timedelta(seconds=1)) if until is not None else 0.0


def failed(session: Session, bucket: str) -> int:
    """One more failure in a row; how many now."""
    serialize(session, f"rate:{bucket}")
    row = session.get(RateBucket, (bucket, FAILURES))
    if row is None:
        row = RateBucket(bucket=bucket, slot=FAILURES, tokens=0.0, updated_at=clock())
        session.add(row)
    row.tokens += 1
    session.flush()
    return int(row.tokens)


def worked(session: Session, bucket: str) -> None:
    """The row of failures has ended."""
    failing = (RateBucket.bucket == bucket, RateBucket.slot == FAILURES, RateBucket.tokens > 0)
    session.execute(update(RateBucket).where(*failing).values(tokens=0.0))


def lift(session: Session, prefix: str) -> None:
    """Ends the pauses of every bucket whose name begins so."""
    named = RateBucket.bucket.startswith(prefix, autoescape=True)
    session.execute(update(RateBucket).where(named, RateBucket.slot == PAUSE).values(paused_until=None))


def _row(session: Session, bucket: str, window: Window, now: datetime) -> RateBucket:
    row = session.get(RateBucket, (bucket, window.name))
    if row is None:
        row = RateBucket(bucket=bucket, slot=window.name, tokens=window.burst, updated_at=now)
        session.add(row)
        session.flush()
    return row
