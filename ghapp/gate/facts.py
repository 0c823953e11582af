"""What the gate can say about the installation's health from what it may see: the database, Redis, the disk."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from state.clock import clock, monotonic
from state.db.engine import read
from state.db.models import Delivery, Outbox
from state.effects import EffectKind

GIB = 1024**3
DISK_SECONDS = 1.0
TELEGRAM = (EffectKind.TELEGRAM.value, EffectKind.TELEGRAM_EDIT.value)
NOT_GITHUB = (*TELEGRAM, EffectKind.RING.value)


@dataclass(frozen=True)
class Ready:
    """`queue_age`: seconds the oldest waiting delivery has waited; `github`, `telegram`: as a sender last saw them."""

    status: str
    version: str
    database: str
    redis: str
    github: str
    telegram: str
    queue_age: float

    def json(self) -> dict[str, Any]:
        """The body of `/readyz`."""
        return asdict(self)


class Disk:
    """Whether the disk has its reserve; asked at most once a second."""

    def __init__(self, folder: Path, reserve: int = GIB) -> None:
        self._folder = folder
        self._reserve = reserve
        self._asked = -DISK_SECONDS
        self._full = False

    def full(self) -> bool:
        """True below the reserve (bytes)."""
        now = monotonic()
        if now - self._asked >= DISK_SECONDS:
            self._asked = now
            self._full = shutil.disk_usage(self._folder).free < self._reserve
        return self._full


def ready(engine: Engine, redis: Callable[[], bool], disk: Disk, *, telegram: bool) -> Ready:
    """Ask everything now. `status` is ok, degraded (work waits, nothing is lost) or down (nothing can be stored)."""
    rung = "ok" if redis() else "down"
    try:
        with read(engine) as session:
            age, hub = _queue_age(session), _last_seen(session, Outbox.kind.not_in(NOT_GITHUB))
            bot = _last_seen(session, Outbox.kind.in_(TELEGRAM)) if telegram else "off"
    except SQLAlchemyError:
        return Ready("down", version(), "down", rung, "unknown", "unknown", 0.0)
    stored = "full" if disk.full() else "ok"
    fine = rung == "ok" and "failing" not in (hub, bot)
    status = "down" if stored == "full" else "ok" if fine else "degraded"
    return Ready(status, version(), stored, rung, hub, bot, age)


def version() -> str:
    """The installed version of the product."""
    return metadata.version("dev-task-orchestrator")


def _queue_age(session: Session) -> float:
    oldest = session.scalar(select(func.min(Delivery.received_at)).where(Delivery.state.in_(("new", "failed"))))
    return max(0.0, round((clock() - oldest).total_seconds(), 3)) if oldest else 0.0


def _last_seen(session: Session, which: Any) -> str:
    """The newest effect that was tried says how the far end was: done = ok, tried and still open = failing."""
    query = select(Outbox.state).where(which, Outbox.tries > 0, Outbox.state != "inflight").order_by(Outbox.id.desc())
    state = session.scalar(query.limit(1))
    if state is None:
        return "unknown"
    return "ok" if state == "done" else "failing"
