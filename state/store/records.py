"""Checkpoints and snapshots (details.md 7 and 10)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from state.clock import clock
from state.db.models import Checkpoint, Snapshot
from state.ids import new_id
from state.store.base import rows
from state.store.events import append
from state.store.views import step_rows


@dataclass(frozen=True)
class CheckpointView:
    """`name` is that of its file, `cp-001`."""

    id: str
    name: str
    number: int
    task_id: str
    created_at: datetime
    state_snapshot: dict[str, Any]
    git_status: dict[str, Any]


@dataclass(frozen=True)
class SnapshotView:
    """The execution state of a paused task."""

    id: str
    task_id: str
    paused_at: datetime
    paused_by: str
    reason: str
    plan_version: int | None
    steps_state: dict[str, Any]
    in_progress_steps: list[Any]
    trajectory: str | None
    wip_sha: str | None
    can_resume: bool
    resumed_at: datetime | None


def add_checkpoint(
    session: Session,
    task_id: str,
    state_snapshot: Mapping[str, Any],
    git_status: Mapping[str, Any],
    *,
    step_id: str | None = None,
) -> CheckpointView:
    """Stores a checkpoint under the task's next number; the contents are those of details.md 10."""
    number = 1 + (session.scalar(select(func.max(Checkpoint.number)).where(Checkpoint.task_id == task_id)) or 0)
    row = Checkpoint(
        id=new_id(),
        task_id=task_id,
        step_id=step_id,
        number=number,
        state_snapshot=dict(state_snapshot),
        git_status=dict(git_status),
        created_at=clock(),
    )
    session.add(row)
    session.flush()
    view = _checkpoint(row)
    append(session, task_id, "CHECKPOINT_CREATED", view.name, step_id=step_id)
    return view


def last_checkpoint(session: Session, task_id: str) -> CheckpointView | None:
    """The newest checkpoint."""
    query = select(Checkpoint).where(Checkpoint.task_id == task_id).order_by(Checkpoint.number.desc()).limit(1)
    row = session.scalar(query)
    return _checkpoint(row) if row is not None else None


def add_snapshot(
    session: Session,
    task_id: str,
    paused_by: str,
    reason: str,
    *,
    plan_version: int | None = None,
    trajectory: str | None = None,
    wip_sha: str | None = None,
    in_progress_steps: Sequence[str] = (),
    can_resume: bool = True,
) -> SnapshotView:
    """Keeps the state of the task's steps as they stand; `paused_by` is user or system."""
    steps = {
        step.key: {"status": step.status, "attempt_count": step.attempt_count, "partial_output": step.output}
        for step in step_rows(session, task_id)
    }
    row = Snapshot(
        id=new_id(),
        task_id=task_id,
        paused_at=clock(),
        paused_by=paused_by,
        reason=reason,
        plan_version=plan_version,
        steps_state=steps,
        in_progress_steps=list(in_progress_steps),
        trajectory=trajectory,
        wip_sha=wip_sha,
        can_resume=can_resume,
    )
    session.add(row)
    session.flush()
    return _snapshot(row)


def last_snapshot(session: Session, task_id: str) -> SnapshotView | None:
    """The newest snapshot of a pause that has not ended."""
    query = select(Snapshot).where(Snapshot.task_id == task_id, Snapshot.resumed_at.is_(None))
    row = session.scalar(query.order_by(Snapshot.paused_at.desc()).limit(1))
    return _snapshot(row) if row is not None else None


def resumed(session: Session, task_id: str) -> None:
    """Ends the task's pauses."""
    ours = update(Snapshot).where(Snapshot.task_id == task_id, Snapshot.resumed_at.is_(None))
    rows(session, ours.values(resumed_at=clock()))


def _checkpoint(row: Checkpoint) -> CheckpointView:
    name = f"cp-{row.number:03d}"
    return CheckpointView(row.id, name, row.number, row.task_id, row.created_at, row.state_snapshot, row.git_status)


def _snapshot(row: Snapshot) -> SnapshotView:
    return SnapshotView(**{name: getattr(row, name) for name in SnapshotView.__dataclass_fields__})
