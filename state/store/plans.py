"""Plan versions. A stored version never changes; the rows of the version in force follow it and keep what was done."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from state.clock import clock
from state.db.models import PlanVersion, Step, Task
from state.ids import new_id
from state.plan.diff import compare
from state.plan.hashing import plan_hash
from state.plan.model import Plan
from state.store import planrows
from state.store.base import Missing, rows
from state.store.events import append
from state.store.views import plan_view, version_view
from state.views import PlanView, TaskView


def add_version(
    session: Session,
    task: TaskView,
    plan: Plan,
    kind: str,
    author: str,
    *,
    reason: str = "",
    changes: Mapping[str, Any] | None = None,
    activate: bool = True,
    reopen: Collection[str] = (),
) -> PlanView:
    """Stores the next version: snapshot, hash, and `changes`, by default the difference to its parent, the one before.

    `kind`: initial, revision, modification, refactoring or scope_reduction. With `activate` it becomes the version in
    force.
    """
    number = 1 + (session.scalar(select(func.max(PlanVersion.number)).where(PlanVersion.task_id == task.id)) or 0)
    parent = task.plan.row_id if task.plan else None
    row = PlanVersion(
        id=new_id(),
        task_id=task.id,
        number=number,
        parent_id=parent,
        plan_snapshot=plan.model_dump(mode="json"),
        plan_hash=plan_hash(plan),
        change_summary=reason,
        kind=kind,
        changes_detail=dict(changes if changes is not None else _difference(task, plan)),
        created_by=author,
        created_at=clock(),
        progress_at_creation=progress(session, task.id),
    )
    session.add(row)
    session.flush()
    facts = {"number": number, "plan_hash": row.plan_hash, "kind": kind}
    append(session, task.id, "VERSION_CREATED", reason, actor=author, new=str(number), details=facts)
    if activate:
        return put_in_force(session, task.id, number, reopen=reopen)
    return version_view(session, row)


def put_in_force(session: Session, task_id: str, number: int, *, reopen: Collection[str] = ()) -> PlanView:
    """Makes a version the one that is shown and executed: its phases, milestones, steps and substeps become the rows.

    Steps that are done or skipped stay so unless named in `reopen`; others start anew in a new round. Raises Missing.
    """
    view = plan_view(session, task_id, number)
    if view is None:
        raise Missing(f"no version {number}")
    total = planrows.sync(session, task_id, view.plan, frozenset(reopen))
    change = update(Task).where(Task.id == task_id)
    rows(
        session, change.values(plan_version=number, total_steps=total, title=view.plan.title, type=view.plan.type.value)
    )
    return view


def current(session: Session, task_id: str) -> PlanView | None:
    """The version in force."""
    number = session.scalar(select(Task.plan_version).where(Task.id == task_id))
    return plan_view(session, task_id, number) if number is not None else None


def version(session: Session, task_id: str, number: int) -> PlanView | None:
    """One version by its number."""
    return plan_view(session, task_id, number)


def versions(session: Session, task_id: str) -> list[PlanView]:
    """Every version, oldest first."""
    query = select(PlanVersion).where(PlanVersion.task_id == task_id).order_by(PlanVersion.number)
    return [version_view(session, row) for row in session.scalars(query)]


def mark_posted(
    session: Session,
    task_id: str,
    number: int,
    comment_id: int,
    comment_hash: str | None = None,
    posted_at: datetime | None = None,
) -> None:
    """The version's comment stands on GitHub; `comment_hash` is that of the body as sent, `posted_at` GitHub's time."""
    values = {"comment_id": comment_id, "comment_hash": comment_hash, "posted_at": posted_at or clock()}
    ours = (PlanVersion.task_id == task_id, PlanVersion.number == number)
    rows(session, update(PlanVersion).where(*ours).values(**values))


def _difference(task: TaskView, plan: Plan) -> dict[str, Any]:
    return compare(task.plan.plan, plan).as_json() if task.plan else {}


def progress(session: Session, task_id: str) -> float:
    """Percent of the steps in force that are done or skipped, two decimals."""
    statuses = list(session.scalars(select(Step.status).where(Step.task_id == task_id, Step.current)))
    ended = sum(status in ("done", "skipped") for status in statuses)
    return round(100 * ended / len(statuses), 2) if statuses else 0.0
