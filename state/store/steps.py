"""Steps: taken one at a time under a fenced lease, moved along their lifecycle, with verdicts, results and hand-over
notes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from state.clock import clock
from state.db.engine import db_now
from state.db.models import Step, Task
from state.lifecycle import StepEvent, StepStatus, TaskStatus, next_step_status
from state.plan.graph import executable
from state.store import approvals, events, leases
from state.store.base import Lost, rows
from state.store.leases import Lease
from state.store.stepstate import block_dependents, count_done, row_of, status_values
from state.store.stepwishes import fail_again, retry, set_scope, skip
from state.store.verdicts import AttemptView, add_attempt, attempts
from state.store.views import plan_view, step_rows, step_view
from state.views import StepView

__all__ = [
    "AttemptView",
    "StepRecord",
    "TakenStep",
    "add_attempt",
    "all_of",
    "attempts",
    "block",
    "done",
    "fail",
    "fail_again",
    "finished",
    "get",
    "give_back",
    "handoffs",
    "move",
    "next_executable",
    "note",
    "records",
    "retry",
    "set_scope",
    "skip",
    "take_next",
]

RUNNING = (StepStatus.IN_PROGRESS, StepStatus.READY_FOR_TEST, StepStatus.TESTED)


@dataclass(frozen=True)
class TakenStep:
    """A step to work on. `retaken`: an earlier taker died or was stopped in the middle of it."""

    step: StepView
    lease: Lease
    approval_id: str
    retaken: bool


@dataclass(frozen=True)
class StepRecord:
    """What a step left behind, as stored: `output` files by kind, counts of tests, `validation_results` checks."""

    key: str
    number: int
    title: str
    status: StepStatus
    output: dict[str, Any]
    test_results: dict[str, Any]
    validation_results: list[Any]
    commit_sha: str | None
    pushed_sha: str | None
    completed_at: datetime | None
    skipped_by: str | None = None


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
    row = row_of(session, lease.id)
    after = next_step_status(StepStatus(row.status), event)
    leases.write(session, lease, **status_values(row, after), **values)
    return after


def note(session: Session, lease: Lease, **values: Any) -> None:
    """Writes columns of the leased step (commit_sha, output, test_results, handoff, ...). Raises Lost."""
    leases.write(session, lease, **values)


def done(session: Session, lease: Lease, commit_sha: str, **values: Any) -> None:
    """The step is green and committed: `tested` -> `done`, the lease is given back. Raises Lost."""
    row = row_of(session, lease.id)
    task_id, key = row.task_id, row.key
    move(session, lease, StepEvent.PASS, commit_sha=commit_sha, takes=0, **values)
    count_done(session, task_id)
    events.append(session, task_id, "STEP_COMPLETED", key, step_id=lease.id, new="done", details={"commit": commit_sha})
    leases.release(session, lease)


def fail(session: Session, lease: Lease, error: str) -> list[str]:
    """The step failed for good: everything that needs it is blocked; those steps' ids. Raises Lost."""
    row = row_of(session, lease.id)
    task_id, key = row.task_id, row.key
    if StepStatus(row.status) not in RUNNING:
        raise Lost(f"step {key} is {row.status}")
    move(session, lease, StepEvent.FAIL, last_error=error, takes=0)
    blocked = block_dependents(session, task_id, key)
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
    row = row_of(session, lease.id)
    task_id, key = row.task_id, row.key
    move(session, lease, StepEvent.BLOCK, last_error=reason, takes=0)
    blocked = block_dependents(session, task_id, key)
    events.append(
        session, task_id, "BLOCKED", reason, step_id=lease.id, new="blocked", details={"step": key, "blocked": blocked}
    )
    leases.release(session, lease)
    return blocked


def give_back(session: Session, lease: Lease) -> None:
    """Stops without a verdict (pause, deploy, outage): pending again, no attempt used up. Raises Lost."""
    move(session, lease, StepEvent.RELEASE)
    leases.release(session, lease)


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
    values = status_values(row_of(session, chosen.row_id), StepStatus.IN_PROGRESS)
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
    return TakenStep(step_view(row_of(session, chosen.row_id)), lease, approval.id, chosen.status in RUNNING)


def records(session: Session, task_id: str) -> list[StepRecord]:
    """The steps of the version in force with their results, in its order."""
    names = [name for name in StepRecord.__dataclass_fields__ if name != "status"]
    return [
        StepRecord(status=StepStatus(row.status), **{name: getattr(row, name) for name in names})
        for row in step_rows(session, task_id)
    ]
