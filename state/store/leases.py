"""Leases with fencing on tasks (planning) and steps (execution): 3 s heartbeat, 10 s lease, the database's own time.

`takes` is raised by the take itself, so commit before work starts; a verdict, a commit or a new complete turn resets it
(`progressed`). Five takes in a row without progress are poison.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.orm import Session

from state.db.engine import db_now
from state.db.models import Step, Task
from state.store.base import Lost, rows

HEARTBEAT_SECONDS = 3.0
LEASE_SECONDS = 10.0
MAX_TAKES = 5

Kind = Literal["task", "step"]


@dataclass(frozen=True)
class Lease:
    """Who may write: every later write carries `fence`; `takes` counts this take too."""

    kind: Kind
    id: str
    owner: str
    fence: int
    takes: int


class Poisoned(Exception):
    """Taken five times in a row without progress: pause the task and tell, take it no more."""

    def __init__(self, kind: Kind, row_id: str) -> None:
        super().__init__(f"{kind} {row_id} was taken {MAX_TAKES} times without progress")
        self.kind = kind
        self.id = row_id


def take(
    session: Session, kind: Kind, row_id: str, owner: str, seconds: float = LEASE_SECONDS, **values: Any
) -> Lease | None:
    """A lease, unless somebody else's is alive (None). `values` are written with it. Raises Poisoned."""
    model = _model(kind)
    now = db_now(session)
    free = or_(model.lease_until.is_(None), model.lease_until <= now)
    mine = update(model).where(model.id == row_id, free, model.takes < MAX_TAKES)
    until = now + timedelta(seconds=seconds)
    changes = {"lease_owner": owner, "lease_until": until, "fence": model.fence + 1, "takes": model.takes + 1, **values}
    if rows(session, mine.values(**changes)) == 0:
        spent = session.scalar(select(model.id).where(model.id == row_id, free, model.takes >= MAX_TAKES))
        if spent is not None:
            raise Poisoned(kind, row_id)
        return None
    fence, takes = session.execute(select(model.fence, model.takes).where(model.id == row_id)).one()
    return Lease(kind, row_id, owner, fence, takes)


def heartbeat(session: Session, lease: Lease, seconds: float = LEASE_SECONDS) -> bool:
    """Prolongs the lease; false when it is somebody else's now: stop at once, write nothing more."""
    until = db_now(session) + timedelta(seconds=seconds)
    return rows(session, update(_model(lease.kind)).where(*mine(lease)).values(lease_until=until)) == 1


def progressed(session: Session, lease: Lease) -> None:
    """A verdict, a commit or a new complete turn: the count of takes starts anew. Raises Lost."""
    write(session, lease, takes=0)


def release(session: Session, lease: Lease) -> bool:
    """Gives the row back at once; false when it was no longer ours."""
    return rows(session, update(_model(lease.kind)).where(*mine(lease)).values(lease_owner=None, lease_until=None)) == 1


def write(session: Session, lease: Lease, **values: Any) -> None:
    """Writes columns of the leased row under its fence. Raises Lost when somebody else has taken it since."""
    if rows(session, update(_model(lease.kind)).where(*mine(lease)).values(**values)) == 0:
        raise Lost(f"{lease.kind} {lease.id}: fence {lease.fence} is past")


def guard(session: Session, lease: Lease) -> None:
    """Raises Lost unless the lease's fence is still the newest; holds the row until the transaction ends."""
    model = _model(lease.kind)
    if session.execute(select(model.fence).where(*mine(lease)).with_for_update()).first() is None:
        raise Lost(f"{lease.kind} {lease.id}: fence {lease.fence} is past")


def excuse(session: Session, lease: Lease) -> bool:
    """This take does not count: it ended by our own wish (a deploy); false when the row was no longer ours."""
    return rows(session, update(_model(lease.kind)).where(*mine(lease)).values(takes=0)) == 1


def forgive(session: Session, kind: Kind, row_id: str) -> None:
    """A person resumes a poisoned task: the count starts anew."""
    model = _model(kind)
    rows(session, update(model).where(model.id == row_id).values(takes=0))


def mine(lease: Lease) -> tuple[ColumnElement[bool], ...]:
    """The conditions under which a write of this lease is valid."""
    model = _model(lease.kind)
    return model.id == lease.id, model.fence == lease.fence, model.lease_owner == lease.owner


def _model(kind: Kind) -> type[Task] | type[Step]:
    return Task if kind == "task" else Step
