"""The task's log: append-only, in the transaction that makes it true."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from state.clock import clock
from state.db.models import TaskLog


@dataclass(frozen=True)
class Event:
    """One row of the log; `id` grows with time and resumes a stream."""

    id: int
    task_id: str
    event: str
    message: str
    details: dict[str, Any]
    actor: str | None
    step_id: str | None
    previous_value: str | None
    new_value: str | None
    created_at: datetime


def append(
    session: Session,
    task_id: str,
    event: str,
    message: str = "",
    *,
    actor: str | None = None,
    step_id: str | None = None,
    previous: str | None = None,
    new: str | None = None,
    details: Mapping[str, Any] | None = None,
) -> int:
    """Adds a row and returns its id; `event` is one of details.md 11 (`state.db.models.record.EVENTS`)."""
    row = TaskLog(
        task_id=task_id,
        event=event,
        message=message,
        actor=actor,
        step_id=step_id,
        previous_value=previous,
        new_value=new,
        details=dict(details or {}),
        created_at=clock(),
    )
    session.add(row)
    session.flush()
    return row.id


def after(session: Session, event_id: int = 0, *, task_id: str | None = None, limit: int = 200) -> list[Event]:
    """Rows younger than `event_id`, oldest first, of one task or of all."""
    query = select(TaskLog).where(TaskLog.id > event_id).order_by(TaskLog.id).limit(limit)
    if task_id is not None:
        query = query.where(TaskLog.task_id == task_id)
    return [_event(row) for row in session.scalars(query)]


def latest(
    session: Session, task_id: str, limit: int = 20, *, event: str | None = None, until: int | None = None
) -> list[Event]:
    """The task's newest rows, newest first; only those of one kind, and none after the row `until`, where asked."""
    query = select(TaskLog).where(TaskLog.task_id == task_id).order_by(TaskLog.id.desc()).limit(limit)
    if event is not None:
        query = query.where(TaskLog.event == event)
    if until is not None:
        query = query.where(TaskLog.id <= until)
    return [_event(row) for row in session.scalars(query)]


def _event(row: TaskLog) -> Event:
    return Event(**{name: getattr(row, name) for name in Event.__dataclass_fields__})
