"""Steps: taken one at a time under a fenced lease, moved along their lifecycle, with verdicts, results and hand-over
notes.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from state.clock import clock, iso
from state.db.engine import db_now
from state.db.models import Attempt, Step, Task
from state.ids import new_id
from state.lifecycle import StepEvent, StepStatus, TaskStatus, next_step_status
from state.plan.graph import Graph, executable
from state.store import approvals, events, leases
from state.store.base import Lost, Missing, rows
from state.store.leases import Lease
from state.store.views import plan_view, step_rows, step_view
from state.views import StepView

RUNNING = (StepStatus.IN_PROGRESS, StepStatus.READY_FOR_TEST, StepStatus.TESTED)


@dataclass(frozen=True)
class TakenStep:
    """A step to work on. `retaken`: an earlier taker died or was stopped in the middle of it."""

    step: StepView
    lease: Lease
    approval_id: str
    retaken: bool


@dataclass(frozen=True)
class AttemptView:
    """One verdict. `number` counts from 0 within the round; `checks` as stored by the caller; `cost` US dollars."""

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


def all_of(session: Session, task_id: str) -> list[StepView]:
    """The steps of the version in force, in its order."""
    return [step_view(row) for row in step_rows(session, task_id)]


def get(session: Session, task_id: str, key: str) -> StepView | None:
    """One step of the version in force by its stable id."""
    row = session.scalar(select(Step).where(Step.task_id == task_id, Step.key == key, Step.current))
    return step_view(row) if row is not None else None


def next_executable(session: Session, task_id: str) -> list[StepView]:
    """What may be worked on now, in order: first steps whose taker is gone, then by the graph."""
    found = step_rows(session, task_id)
    now = db_now(session)
    left = [row for row in found if row.status in RUNNING and (row.lease_until is None or row.lease_until <= now)]
    number = session.scalar(select(Task.plan_version).where(Task.id == task_id))
    view = plan_view(session, task_id, number)
    if view is None:
        return []
    statuses = {row.key: StepStatus(row.status) for row in found}
    by_key = {row.key: row for row in found}
    ready = [by_key[step.id] for step in executable(view.plan, statuses, statuses.keys()) if step.id in by_key]
    return [step_view(row) for row in (*left, *ready)]


def take_next(session: Session, task_id: str, owner: str, seconds: float = leases.LEASE_SECONDS) -> TakenStep | None:
    """Takes the next step of an EXECUTING task under a lease; None when none is free or another step is being worked
    on.

    Commit before work starts. Raises leases.Poisoned, and Lost when no live approval covers the plan in force.
    """
    status = session.scalar(select(Task.status).where(Task.id == task_id).with_for_update())
    now = db_now(session)
    busy = select(Step.id).where(Step.task_id == task_id, Step.lease_until > now).limit(1)
    if status != TaskStatus.EXECUTING.value or session.scalar(busy) is not None:
        return None
    chosen = next(iter(next_executable(session, task_id)), None)
    return _take(session, task_id, chosen, owner, seconds) if chosen is not None else None


def move(session: Session, lease: Lease, event: StepEvent, **values: Any) -> StepStatus:
    """Moves the leased step along its lifecycle and writes `values` with it. Raises Lost or IllegalTransition."""
    leases.guard(session, lease)
    row = _row(session, lease.id)
    after = next_step_status(StepStatus(row.status), event)
    leases.write(session, lease, **_status_values(row, after), **values)
    return after


def note(session: Session, lease: Lease, **values: Any) -> None:
    """Writes columns of the leased step (commit_sha, output, test_results, handoff, ...). Raises Lost."""
    leases.write(session, lease, **values)


def add_attempt(
    session: Session,
    lease: Lease,
    *,
    kind: str,
    passed: bool,
    checks: Sequence[Any] = (),
    feedback: str = "",
    model: str | None = None,
    tokens: int = 0,
    cost: float = 0.0,
    started_at: datetime | None = None,
) -> int:
    """Stores a verdict, which resets the count of takes; its number within the round, from 0. Raises Lost."""
    leases.guard(session, lease)
    row = _row(session, lease.id)
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


def done(session: Session, lease: Lease, commit_sha: str, **values: Any) -> None:
    """The step is green and committed: `tested` -> `done`, the lease is given back. Raises Lost."""
    row = _row(session, lease.id)
    task_id, key = row.task_id, row.key
    move(session, lease, StepEvent.PASS, commit_sha=commit_sha, takes=0, **values)
    _count_done(session, task_id)
    events.append(session, task_id, "STEP_COMPLETED", key, step_id=lease.id, new="done", details={"commit": commit_sha})
    leases.release(session, lease)


def fail(session: Session, lease: Lease, error: str) -> list[str]:
    """The step failed for good: everything that needs it is blocked; those steps' ids. Raises Lost."""
    row = _row(session, lease.id)
    task_id, key = row.task_id, row.key
    if StepStatus(row.status) not in RUNNING:
        raise Lost(f"step {key} is {row.status}")
    move(session, lease, StepEvent.FAIL, last_error=error, takes=0)
    blocked = _block_dependents(session, task_id, key)
    events.append(
        session,
        task_id,
        "STEP_FAILED",
        error,
        step_id=lease.id,
        new="failed",
        details={"step": key, "blocked": blocked},
    )
    leases.release(session, lease)
    return blocked


def block(session: Session, lease: Lease, reason: str) -> list[str]:
    """A failed critical precondition: no attempt is used up; the step and what needs it wait. Raises Lost."""
    row = _row(session, lease.id)
    task_id, key = row.task_id, row.key
    move(session, lease, StepEvent.BLOCK, last_error=reason, takes=0)
    blocked = _block_dependents(session, task_id, key)
    events.append(
        session, task_id, "BLOCKED", reason, step_id=lease.id, new="blocked", details={"step": key, "blocked": blocked}
    )
    leases.release(session, lease)
    return blocked


def give_back(session: Session, lease: Lease) -> None:
    """Stops without a verdict (pause, deploy, outage): pending again, no attempt used up. Raises Lost."""
    move(session, lease, StepEvent.RELEASE)
    leases.release(session, lease)


def retry(session: Session, task_id: str, key: str | None = None, actor: str | None = None) -> list[str]:
    """A person's retry: the failed step (or all) is pending in a new round, what it blocked is pending too; ids."""
    wanted = [r for r in step_rows(session, task_id) if r.status == "failed" and key in (None, r.key)]
    for row in wanted:
        _start_round(row)
    session.flush()
    keys = [row.key for row in wanted]
    for retried in keys:
        events.append(session, task_id, "STEP_RETRIED", retried, actor=actor, new="pending")
    _unblock(session, task_id)
    return keys


def skip(session: Session, task_id: str, key: str, actor: str) -> None:
    """A person leaves the step out; what needs it may run. Raises Missing, or IllegalTransition when it cannot be
    skipped.
    """
    row = session.scalar(select(Step).where(Step.task_id == task_id, Step.key == key, Step.current))
    if row is None:
        raise Missing(f"no step {key}")
    _set_status(row, next_step_status(StepStatus(row.status), StepEvent.SKIP))
    row.skipped_by, row.takes = actor, 0
    session.flush()
    step_id = row.id
    _count_done(session, task_id)
    _unblock(session, task_id)
    events.append(session, task_id, "STEP_SKIPPED", key, actor=actor, step_id=step_id, new="skipped")


def set_scope(session: Session, task_id: str, only: Collection[str] | None) -> None:
    """An approval of some steps: the others are cancelled; None = all, cancelled ones are pending again."""
    for row in step_rows(session, task_id):
        inside = only is None or row.key in only
        if inside and row.status == "cancelled":
            _set_status(row, StepStatus.PENDING)
        elif not inside and row.status in ("pending", "failed", "blocked"):
            _set_status(row, StepStatus.CANCELLED)
    session.flush()
    _count_done(session, task_id)


def finished(session: Session, task_id: str) -> bool:
    """Whether every step in force is done, skipped by a person or cancelled by the scope of the approval."""
    found = step_rows(session, task_id)
    return bool(found) and all(row.status in ("done", "skipped", "cancelled") for row in found)


def handoffs(session: Session, task_id: str) -> list[tuple[str, str]]:
    """(step id, note) of every step that left one, in plan order."""
    return [(row.key, row.handoff) for row in step_rows(session, task_id) if row.handoff]


def _take(session: Session, task_id: str, chosen: StepView, owner: str, seconds: float) -> TakenStep | None:
    number = session.scalar(select(Task.plan_version).where(Task.id == task_id))
    view = plan_view(session, task_id, number)
    approval = approvals.live(session, task_id, view.plan_hash if view else "")
    if approval is None:
        raise Lost(f"no live approval of the plan in force of {task_id}")
    values = _status_values(_row(session, chosen.row_id), StepStatus.IN_PROGRESS)
    lease = leases.take(session, "step", chosen.row_id, owner, seconds, approval_id=approval.id, **values)
    if lease is None:
        return None
    rows(session, update(Task).where(Task.id == task_id).values(current_step=chosen.number, updated_at=clock()))
    events.append(
        session,
        task_id,
        "STEP_STARTED",
        chosen.title,
        step_id=chosen.row_id,
        new="in_progress",
        details={"take": lease.takes},
    )
    return TakenStep(step_view(_row(session, chosen.row_id)), lease, approval.id, chosen.status in RUNNING)


def _row(session: Session, step_id: str) -> Step:
    row = session.get(Step, step_id)
    if row is None:
        raise Missing(f"no step {step_id}")
    return row


def _status_values(row: Step, after: StepStatus) -> dict[str, Any]:
    """Columns that go with a new status: history, times, minutes."""
    now = clock()
    values: dict[str, Any] = {"status": after.value}
    if row.status != after.value:
        values["status_history"] = [*row.status_history, {"status": after.value, "at": iso(now)}]
    if after is StepStatus.IN_PROGRESS and row.started_at is None:
        values["started_at"] = now
    if after is StepStatus.DONE:
        values["completed_at"] = now
        values["actual_minutes"] = round((now - (row.started_at or now)).total_seconds() / 60, 2)
    if after is StepStatus.FAILED:
        values["failed_at"] = now
    return values


def _set_status(row: Step, after: StepStatus) -> None:
    for name, value in _status_values(row, after).items():
        setattr(row, name, value)


def _start_round(row: Step) -> None:
    _set_status(row, next_step_status(StepStatus(row.status), StepEvent.RETRY))
    row.round, row.attempt_count, row.takes = row.round + 1, 0, 0
    row.started_at, row.failed_at, row.last_error = None, None, None


def _graph(found: Sequence[Step]) -> Graph:
    return Graph((row.key, row.depends_on) for row in found)


def _block_dependents(session: Session, task_id: str, key: str) -> list[str]:
    found = step_rows(session, task_id)
    below = set(_graph(found).dependents(key))
    blocked = [row for row in found if row.key in below and row.status == "pending"]
    for row in blocked:
        _set_status(row, StepStatus.BLOCKED)
    session.flush()
    return [row.key for row in blocked]


def _unblock(session: Session, task_id: str) -> None:
    """Blocked steps that need no failed or blocked step any more are pending again."""
    found = step_rows(session, task_id)
    graph = _graph(found)
    still = {other for row in found if row.status == "failed" for other in graph.dependents(row.key)}
    for row in found:
        if row.status == "blocked" and row.key not in still:
            _set_status(row, StepStatus.PENDING)
    session.flush()


def _count_done(session: Session, task_id: str) -> None:
    found: Mapping[str, int] = {"ended": sum(row.status in ("done", "skipped") for row in step_rows(session, task_id))}
    rows(session, update(Task).where(Task.id == task_id).values(current_step=found["ended"], updated_at=clock()))
