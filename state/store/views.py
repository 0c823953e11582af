"""Rows into the frozen views of `state.views`."""

from __future__ import annotations

from enum import StrEnum
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from state.db.models import Approval, PlanVersion, Step, Task
from state.lifecycle import FailReason, PauseReason, Standing, StepStatus, TaskStatus
from state.plan.model import Plan
from state.store.links import get_link
from state.views import PlanView, RepoRef, StepView, TaskView

E = TypeVar("E", bound=StrEnum)
SAME = """
    id seq key issue_number requester_id requester_login title type revision language branch base_branch base_sha
    head_sha status_reason rounds budget spent tokens cached_tokens issue_hash activity created_at approved_at
    completed_at updated_at simulating priority options resume_at
"""


def task_view(session: Session, task: Task) -> TaskView:
    """The task with its plan in force and its steps."""
    link = get_link(session, "status_comment", task.id, "github")
    return TaskView(
        repo=RepoRef(task.repo_id, task.repo_name, task.installation_id),
        request=task.user_request_original,
        status=TaskStatus(task.status),
        pause_reason=_enum(PauseReason, task.pause_reason),
        fail_reason=_enum(FailReason, task.fail_reason),
        came_from=_enum(TaskStatus, task.came_from),
        before=_enum(TaskStatus, task.before_status),
        plan=plan_view(session, task.id, task.plan_version),
        steps=tuple(step_view(step) for step in step_rows(session, task.id)),
        status_comment_id=int(link.external_id) if link else None,
        **{name: getattr(task, name) for name in SAME.split()},
    )


def plan_view(session: Session, task_id: str, number: int | None) -> PlanView | None:
    """One version of the plan, or None."""
    row = session.scalar(select(PlanVersion).where(PlanVersion.task_id == task_id, PlanVersion.number == number))
    return version_view(session, row) if row is not None else None


def version_view(session: Session, row: PlanVersion) -> PlanView:
    """A stored version with its parent's plan and whether an approval of exactly this plan is alive."""
    parent = session.get(PlanVersion, row.parent_id) if row.parent_id else None
    same_plan = (Approval.task_id == row.task_id, Approval.plan_hash == row.plan_hash, Approval.revoked_at.is_(None))
    return PlanView(
        number=row.number,
        plan_hash=row.plan_hash,
        plan=Plan.model_validate(row.plan_snapshot),
        kind=row.kind,
        change_summary=row.change_summary,
        created_at=row.created_at,
        comment_id=row.comment_id,
        comment_hash=row.comment_hash,
        posted_at=row.posted_at,
        approved=session.scalar(select(Approval.id).where(*same_plan).limit(1)) is not None,
        parent_plan=Plan.model_validate(parent.plan_snapshot) if parent else None,
        row_id=row.id,
    )


def step_rows(session: Session, task_id: str) -> list[Step]:
    """The steps of the version in force, in its order."""
    return list(session.scalars(select(Step).where(Step.task_id == task_id, Step.current).order_by(Step.number)))


def step_view(row: Step) -> StepView:
    """One step."""
    return StepView(
        id=row.key,
        row_id=row.id,
        number=row.number,
        title=row.title,
        status=StepStatus(row.status),
        attempts=row.attempt_count,
        round=row.round,
        takes=row.takes,
        complexity=row.complexity,
        depends_on=tuple(row.depends_on),
        commit_sha=row.commit_sha,
        pushed_sha=row.pushed_sha,
        started_at=row.started_at,
        completed_at=row.completed_at,
        last_error=row.last_error,
        tests_passed=row.test_results.get("passed"),
        tests_failed=row.test_results.get("failed"),
        files=tuple(row.output.get("files", ())),
        handoff=row.handoff,
    )


def standing(task: Task) -> Standing:
    """What the lifecycle table asks of a task."""
    return Standing(
        status=TaskStatus(task.status),
        fail_reason=_enum(FailReason, task.fail_reason),
        pause_reason=_enum(PauseReason, task.pause_reason),
        came_from=_enum(TaskStatus, task.came_from),
        before=_enum(TaskStatus, task.before_status),
        before_reason=_enum(FailReason, task.before_reason),
        simulating=task.simulating,
    )


def _enum(kind: type[E], value: str | None) -> E | None:
    return kind(value) if value is not None else None
