"""Who holds leases now, and how the leases of processes that are known to be dead end before their time."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import ColumnElement, select, true, update
from sqlalchemy.orm import Session

from state.db.engine import db_now
from state.db.models import Delivery, Outbox, Step, Task
from state.store import deliveries, outbox
from state.store.base import literally, rows

Leased = type[Task] | type[Step] | type[Delivery] | type[Outbox]

LEASED: tuple[tuple[Leased, ColumnElement[bool]], ...] = (
    (Task, true()),
    (Step, true()),
    (Delivery, literally(Delivery.state, deliveries.OPEN)),
    (Outbox, literally(Outbox.state, outbox.OPEN)),
)
"""Tables with leases, and the condition by which their open rows are found through an index."""


def holders(session: Session) -> set[str]:
    """Owners of the leases that have not ended."""
    now = db_now(session)
    found: set[str] = set()
    for model, is_open in LEASED:
        query = select(model.lease_owner).where(is_open, model.lease_until > now)
        found.update(owner for owner in session.scalars(query.distinct()) if owner)
    return found


def end_leases(session: Session, owners: Collection[str]) -> int:
    """End every lease of these owners now; how many. Who takes such a row gets a new fence, as after any lease."""
    now = db_now(session)
    ended = 0
    for model, is_open in LEASED:
        held = update(model).where(is_open, model.lease_owner.in_(list(owners)), model.lease_until > now)
        ended += rows(session, held.values(lease_until=now))
    return ended
