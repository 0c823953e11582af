"""The inbox: every webhook is stored with the row that rings for it before GitHub gets its 202."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, or_, select, update
from sqlalchemy.orm import Session

from state.clock import clock
from state.db.engine import db_now
from state.db.models import Delivery, Outbox
from state.effects import Effect, EffectKind, Priority
from state.store import outbox
from state.store.base import insert_once, literally, rows, sha256

QUEUE, FUNC = "chat", "jobs.intake.run"
MAX_ATTEMPTS = 5
MAX_TAKES = 10
"""A delivery that was taken so often kills its takers: no failure in the books is so frequent."""
LEASE_SECONDS = 10.0
OPEN = ("new", "processing", "failed")


@dataclass(frozen=True)
class Accepted:
    """`ring`: the bell should ring, because it is new or is still waiting; a processed duplicate is nothing else."""

    id: int
    created: bool
    state: str
    ring: bool


@dataclass(frozen=True)
class DeliveryView:
    """A webhook taken for work. `attempts` counts takes, this one included."""

    id: int
    guid: str
    event: str
    headers: dict[str, Any]
    raw: bytes
    received_at: datetime
    state: str
    attempts: int
    error: str | None


def accept(session: Session, guid: str, event: str, headers: Mapping[str, str], raw: bytes) -> Accepted:
    """Stores a delivery and its ring row, once per GUID, in the caller's transaction."""
    now = clock()
    values = {
        "guid": guid,
        "event": event,
        "headers": dict(headers),
        "raw": raw,
        "sha256": sha256(raw),
        "received_at": now,
    }
    created = insert_once(session, Delivery, values)
    row = session.execute(select(Delivery.id, Delivery.state).where(Delivery.guid == guid)).one()
    if created:
        outbox.add(session, [_ring(row.id)])
    waiting = row.state in ("new", "failed")
    if waiting and not created:
        again = update(Outbox).where(Outbox.dedupe == _dedupe(row.id), Outbox.state.in_(("done", "dead")))
        rows(session, again.values(state="new", not_before=now))
        rows(session, update(Delivery).where(Delivery.id == row.id).values(not_before=None))
    return Accepted(row.id, created, row.state, waiting)


def take(session: Session, delivery_id: int, owner: str, lease: float = LEASE_SECONDS) -> DeliveryView | None:
    """Takes a waiting delivery, or one whose taker died, for `lease` seconds; None when there is nothing to take."""
    now = db_now(session)
    free = or_(Delivery.state.in_(("new", "failed")), and_(Delivery.state == "processing", Delivery.lease_until <= now))
    change = update(Delivery).where(Delivery.id == delivery_id, free)
    until = now + timedelta(seconds=lease)
    taken = change.values(state="processing", lease_owner=owner, lease_until=until, attempts=Delivery.attempts + 1)
    if rows(session, taken) == 0:
        return None
    bell = update(Outbox).where(Outbox.dedupe == _dedupe(delivery_id), Outbox.state.in_(outbox.OPEN))
    rows(session, bell.values(state="done", done_at=clock(), lease_owner=None, lease_until=None))
    return get(session, delivery_id)


def hold(session: Session, delivery_id: int, owner: str, lease: float = LEASE_SECONDS) -> bool:
    """Prolongs the taker's lease (seconds); false when the delivery is no longer this owner's."""
    change = update(Delivery).where(
        Delivery.id == delivery_id, Delivery.state == "processing", Delivery.lease_owner == owner
    )
    return rows(session, change.values(lease_until=db_now(session) + timedelta(seconds=lease))) == 1


def get(session: Session, delivery_id: int) -> DeliveryView | None:
    """One delivery as stored."""
    found = session.get(Delivery, delivery_id, populate_existing=True)
    if found is None:
        return None
    same = {name: getattr(found, name) for name in DeliveryView.__dataclass_fields__ if name != "raw"}
    return DeliveryView(raw=found.raw or b"", **same)


def parsed(session: Session, delivery_id: int, action: str | None, repo_id: int | None, sender_id: int | None) -> None:
    """Records what intake read out of the body."""
    change = update(Delivery).where(Delivery.id == delivery_id)
    rows(session, change.values(action=action, repo_id=repo_id, sender_id=sender_id))


def done(session: Session, delivery_id: int, owner: str | None = None) -> bool:
    """Processed for good; with `owner` only if it is still that taker's (false = the lease was lost)."""
    return _end(session, delivery_id, owner, state="done", error=None, processed_at=clock())


def quarantine(session: Session, delivery_id: int, error: str, owner: str | None = None) -> bool:
    """Cannot be processed (no JSON, no such shape, too many attempts); kept for people."""
    return _end(session, delivery_id, owner, state="quarantined", error=error, processed_at=clock())


def failed(session: Session, delivery_id: int, error: str, retry_at: datetime, owner: str | None = None) -> bool:
    """Went wrong this time; the scan finds it again from `retry_at` on, at most MAX_ATTEMPTS times in all."""
    return _end(session, delivery_id, owner, state="failed", error=error, not_before=retry_at)


def wait(session: Session, delivery_id: int, why: str, until: datetime, owner: str) -> bool:
    """Too early, though nothing went wrong: the scan finds it again from `until` on, and this take does not count."""
    again = {"not_before": until, "attempts": Delivery.attempts - 1}
    return _end(session, delivery_id, owner, state="failed", error=why, **again)


def pending(session: Session, now: datetime, limit: int = 100) -> list[int]:
    """Ids that nobody works on, oldest first: new, due again, or left behind by a taker that died."""
    again = and_(Delivery.state == "failed", Delivery.attempts < MAX_ATTEMPTS)
    due = or_(Delivery.not_before.is_(None), Delivery.not_before <= now)
    left = and_(Delivery.state == "processing", Delivery.lease_until <= db_now(session))
    wanted = or_(and_(or_(Delivery.state == "new", again), due), left)
    query = select(Delivery.id).where(literally(Delivery.state, OPEN), wanted)
    return list(session.scalars(query.order_by(Delivery.id).limit(limit)))


def _end(session: Session, delivery_id: int, owner: str | None, **values: Any) -> bool:
    change = update(Delivery).where(Delivery.id == delivery_id)
    if owner is not None:
        change = change.where(Delivery.state == "processing", Delivery.lease_owner == owner)
    return rows(session, change.values(lease_owner=None, lease_until=None, **values)) == 1


def _dedupe(delivery_id: int) -> str:
    return f"ring:delivery:{delivery_id}"


def _ring(delivery_id: int) -> Effect:
    body = {"queue": QUEUE, "func": FUNC, "arg": delivery_id}
    return Effect(EffectKind.RING, _dedupe(delivery_id), body=body, priority=Priority.ANSWER)
