"""What people decide about steps: again, without it, only these."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from state.db.models import Step
from state.lifecycle import StepEvent, StepStatus, next_step_status
from state.store import events
from state.store.base import Missing
from state.store.stepstate import block_dependents, count_done, set_status, unblock
from state.store.views import step_rows


def retry(session: Session, task_id: str, key: str | None = None, actor: str | None = None) -> list[str]:
    """A person's retry: the failed step (or all) is pending in a new round, what it blocked is pending too; ids."""
    wanted = [r for r in step_rows(session, task_id) if r.status == "failed" and key in (None, r.key)]
    for row in wanted:
        _start_round(row)
    session.flush()
    keys = [row.key for row in wanted]
    for retried in keys:
        events.append(session, task_id, "STEP_RETRIED", retried, actor=actor, new="pending")
    unblock(session, task_id)
    return keys


def skip(session: Session, task_id: str, key: str, actor: str) -> None:
    """A person leaves the step out; what needs it may run. Raises Missing, or IllegalTransition when it cannot be
    skipped.
    """
    row = session.scalar(select(Step).where(Step.task_id == task_id, Step.key == key, Step.current))
    if row is None:
        raise Missing(f"no step {key}")
    set_status(row, next_step_status(StepStatus(row.status), StepEvent.SKIP))
    row.skipped_by, row.takes = actor, 0
    session.flush()
    step_id = row.id
    count_done(session, task_id)
    unblock(session, task_id)
    events.append(session, task_id, "STEP_SKIPPED", key, actor=actor, step_id=step_id, new="skipped")


def fail_again(session: Session, task_id: str, key: str, error: str) -> None:
    """A step that had failed before a repair was planned and refused: failed as it was, what needs it blocked."""
    row = session.scalar(select(Step).where(Step.task_id == task_id, Step.key == key, Step.current))
    if row is None or row.status != "pending":
        return
    set_status(row, StepStatus.FAILED)
    row.last_error = error
    session.flush()
    block_dependents(session, task_id, key)


def set_scope(session: Session, task_id: str, only: Collection[str] | None) -> None:
    """An approval of some steps: the others are cancelled; None = all, cancelled ones are pending again."""
    for row in step_rows(session, task_id):
        inside = only is None or row.key in only
        if inside and row.status == "cancelled":
            set_status(row, StepStatus.PENDING)
        elif not inside and row.status in ("pending", "failed", "blocked"):
            set_status(row, StepStatus.CANCELLED)
    session.flush()
    count_done(session, task_id)


def _start_round(row: Step) -> None:
    set_status(row, next_step_status(StepStatus(row.status), StepEvent.RETRY))
    row.round, row.attempt_count, row.takes = row.round + 1, 0, 0
    row.started_at, row.failed_at, row.last_error = None, None, None
