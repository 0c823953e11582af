"""Money: the most that a call can cost is reserved before it and settled after it, so no budget is ever overrun.

Scopes: the task, the repository's day and the day in all (UTC days). A reservation whose caller died counts as spent
at its maximum (`expire`): the call may have been made.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import Session

from state.clock import clock
from state.db.engine import serialize
from state.db.models import BudgetReservation, Task
from state.errors import BudgetReached
from state.ids import new_id
from state.store.base import rows

WARN_AT = 0.8
EXPIRES_SECONDS = 900.0
COUNTED = ("open", "settled", "lost")
EPSILON = 1e-9


@dataclass(frozen=True)
class Limits:
    """US dollars; None = no limit."""

    task: float | None = None
    repository: float | None = None
    day: float | None = None


@dataclass(frozen=True)
class Reservation:
    """US dollars set aside for one call."""

    id: str
    task_id: str | None
    maximum: float


@dataclass(frozen=True)
class Share:
    """How much of one scope's limit counts as spent; US dollars."""

    scope: str
    spent: float
    limit: float

    @property
    def warns(self) -> bool:
        """Whether 80 % are spent."""
        return self.spent + EPSILON >= WARN_AT * self.limit


@dataclass(frozen=True)
class Usage:
    """Spent and reserved US dollars by scope."""

    task: float
    repository: float
    day: float


def reserve(
    session: Session,
    task_id: str | None,
    repo_id: int | None,
    maximum: float,
    limits: Limits,
    *,
    expires: float = EXPIRES_SECONDS,
) -> Reservation:
    """Sets `maximum` aside, or raises BudgetReached naming the first scope that it does not fit. Commit before the
    call.
    """
    serialize(session, "budget")
    now = clock()
    for share in shares(session, task_id, repo_id, limits):
        if share.spent + maximum > share.limit + EPSILON:
            raise BudgetReached(share.scope, share.limit, round(share.spent, 6), round(maximum, 6))
    row = BudgetReservation(
        id=new_id(),
        task_id=task_id,
        repo_id=repo_id,
        day=now.date().isoformat(),
        state="open",
        maximum=maximum,
        charged=maximum,
        created_at=now,
        expires_at=now + timedelta(seconds=expires),
    )
    session.add(row)
    session.flush()
    return Reservation(row.id, task_id, maximum)


def settle(session: Session, reservation_id: str, actual: float) -> bool:
    """The call cost `actual`; false when it was settled or freed before. One that had expired is corrected."""
    return _end(session, reservation_id, "settled", actual, ("open", "lost"))


def free(session: Session, reservation_id: str) -> bool:
    """The call was certainly not made (refused connection, own cancellation before sending): nothing was spent."""
    return _end(session, reservation_id, "freed", 0.0, ("open",))


def expire(session: Session) -> int:
    """Open reservations past their time count as spent at their maximum; how many. Part of the sweep."""
    due = select(BudgetReservation).where(BudgetReservation.state == "open", BudgetReservation.expires_at <= clock())
    found = [(row.id, row.maximum) for row in session.scalars(due)]
    return sum(_end(session, row_id, "lost", maximum, ("open",)) for row_id, maximum in found)


def shares(session: Session, task_id: str | None, repo_id: int | None, limits: Limits) -> tuple[Share, ...]:
    """Each scope that has a limit and is spent from, the narrowest first."""
    used = usage(session, task_id, repo_id)
    known = (
        ("task", task_id, used.task, limits.task),
        ("repository", repo_id, used.repository, limits.repository),
        ("day", "", used.day, limits.day),
    )
    return tuple(
        Share(scope, spent, limit) for scope, whose, spent, limit in known if whose is not None and limit is not None
    )


def usage(session: Session, task_id: str | None, repo_id: int | None) -> Usage:
    """What counts against each budget now."""
    today = BudgetReservation.day == clock().date().isoformat()
    return Usage(
        task=_sum(session, BudgetReservation.task_id == task_id) if task_id is not None else 0.0,
        repository=_sum(session, today, BudgetReservation.repo_id == repo_id) if repo_id is not None else 0.0,
        day=_sum(session, today),
    )


def _end(session: Session, reservation_id: str, state: str, charged: float, sources: tuple[str, ...]) -> bool:
    query = select(BudgetReservation).where(BudgetReservation.id == reservation_id).with_for_update()
    row = session.scalar(query)
    if row is None or row.state not in sources:
        return False
    before, task_id = (row.charged if row.state == "lost" else 0.0), row.task_id
    row.state, row.charged = state, charged
    session.flush()
    if task_id is not None and charged != before:
        rows(session, update(Task).where(Task.id == task_id).values(spent=Task.spent + (charged - before)))
    return True


def _sum(session: Session, *where: ColumnElement[bool]) -> float:
    total: Any = session.scalar(
        select(func.sum(BudgetReservation.charged)).where(BudgetReservation.state.in_(COUNTED), *where)
    )
    return float(total or 0.0)
