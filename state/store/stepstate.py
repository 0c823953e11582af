"""How a step's row changes with its status, and what that does to the steps around it. For the store's own modules."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from state.clock import clock, iso
from state.db.models import Step, Task
from state.lifecycle import StepStatus
from state.plan.graph import Graph
from state.store.base import Missing, rows
from state.store.views import step_rows


def row_of(session: Session, step_id: str) -> Step:
    """The row by its id. Raises Missing."""
    row = session.get(Step, step_id)
    if row is None:
        raise Missing(f"no step {step_id}")
    return row


def status_values(row: Step, after: StepStatus) -> dict[str, Any]:
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


def set_status(row: Step, after: StepStatus) -> None:
    """Gives a row that nobody holds a new status."""
    for name, value in status_values(row, after).items():
        setattr(row, name, value)


def graph_of(found: Sequence[Step]) -> Graph:
    """The graph of stored steps."""
    return Graph((row.key, row.depends_on) for row in found)


def block_dependents(session: Session, task_id: str, key: str) -> list[str]:
    """Pending steps that need `key`, directly or not, are blocked; their ids."""
    found = step_rows(session, task_id)
    below = set(graph_of(found).dependents(key))
    blocked = [row for row in found if row.key in below and row.status == "pending"]
    for row in blocked:
        set_status(row, StepStatus.BLOCKED)
    session.flush()
    return [row.key for row in blocked]


def unblock(session: Session, task_id: str) -> None:
    """Blocked steps that need no failed or blocked step any more are pending again."""
    found = step_rows(session, task_id)
    graph = graph_of(found)
    still = {other for row in found if row.status == "failed" for other in graph.dependents(row.key)}
    for row in found:
        if row.status == "blocked" and row.key not in still:
            set_status(row, StepStatus.PENDING)
    session.flush()


def count_done(session: Session, task_id: str) -> None:
    """Tells the task how many of its steps have ended."""
    ended = sum(row.status in ("done", "skipped") for row in step_rows(session, task_id))
    rows(session, update(Task).where(Task.id == task_id).values(current_step=ended, updated_at=clock()))
