"""Verdicts on steps. A crash, a deploy or an outage leaves none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from state.clock import clock
from state.db.models import Attempt
from state.ids import new_id
from state.store import leases
from state.store.leases import Lease
from state.store.stepstate import row_of


@dataclass(frozen=True)
class AttemptView:
    """One verdict. `number` counts from 0 within the round; `checks` as stored by the caller; `cost` US dollars.

    `reason` says why it failed, `fingerprints` name its failures, `green` the tests that it made pass.
    """

    round: int
    number: int
    kind: str
    result: str
    checks: list[Any]
    feedback: str
    model: str | None
    tokens: int
    cost: float
    started_at: datetime
    finished_at: datetime
    reason: str = ""
    fingerprints: list[Any] = field(default_factory=list)
    green: list[Any] = field(default_factory=list)


def add_attempt(
    session: Session,
    lease: Lease,
    *,
    kind: str,
    passed: bool,
    checks: Sequence[Any] = (),
    feedback: str = "",
    reason: str = "",
    fingerprints: Sequence[str] = (),
    green: Sequence[str] = (),
    model: str | None = None,
    tokens: int = 0,
    cost: float = 0.0,
    started_at: datetime | None = None,
) -> int:
    """Stores a verdict, which resets the count of takes; its number within the round, from 0. Raises Lost."""
    leases.guard(session, lease)
    row = row_of(session, lease.id)
    number, step_round, step_started = row.attempt_count, row.round, row.started_at
    now = clock()
    session.add(
        Attempt(
            id=new_id(),
            step_id=lease.id,
            round=step_round,
            number=number,
            kind=kind,
            result="passed" if passed else "failed",
            checks=list(checks),
            feedback=feedback,
            reason=reason,
            fingerprints=list(fingerprints),
            green=list(green),
            model=model,
            tokens=tokens,
            cost=cost,
            started_at=started_at or step_started or now,
            finished_at=now,
            fence=lease.fence,
        )
    )
    leases.write(session, lease, attempt_count=number + 1, takes=0)
    return number


def attempts(session: Session, step_id: str, *, only_round: int | None = None) -> list[AttemptView]:
    """The verdicts on a step (`StepView.row_id`), oldest first."""
    query = select(Attempt).where(Attempt.step_id == step_id).order_by(Attempt.round, Attempt.number)
    query = query.where(Attempt.round == only_round) if only_round is not None else query
    return [
        AttemptView(**{name: getattr(row, name) for name in AttemptView.__dataclass_fields__})
        for row in session.scalars(query)
    ]
