"""Tasks: made, found, moved along the lifecycle by compare-and-set, and listed for the scan."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, and_, case, func, or_, select, update
from sqlalchemy.orm import Session

from state.clock import clock
from state.db.engine import db_now
from state.db.models import Task
from state.db.models.task import CLOSED
from state.ids import new_id, new_key
from state.lifecycle import PauseReason, Standing, StepStatus, TaskEvent, TaskStatus, advance
from state.plan.overlap import Touching, files_of
from state.store import events, leases, turns
from state.store.base import Lost, Missing, insert_once, rows
from state.store.views import standing, task_view
from state.views import CI, RepoRef, TaskView

LOGGED: dict[TaskEvent, str] = {
    TaskEvent.QUESTIONS_OPEN: "DISCOVERY_ASKED",
    TaskEvent.PLAN_STORED: "PLAN_GENERATED",
    TaskEvent.CANNOT_PLAN: "FAILED",
    TaskEvent.ANSWERED: "DISCOVERY_ANSWERED",
    TaskEvent.REVISE: "CHANGE_REQUESTED",
    TaskEvent.EDIT: "PLAN_ADJUSTED",
    TaskEvent.REJECT: "PLAN_REJECTED",
    TaskEvent.APPROVE: "PLAN_APPROVED",
    TaskEvent.APPROVE_WAITING: "BLOCKED",
    TaskEvent.SIMULATE: "EXECUTION_STARTED",
    TaskEvent.SIMULATED: "CHECKPOINT_CREATED",
    TaskEvent.UNBLOCKED: "UNBLOCKED",
    TaskEvent.ALL_DONE: "COMPLETED",
    TaskEvent.STEP_FAILED: "FAILED",
    TaskEvent.PAUSE: "PAUSED",
    TaskEvent.RESUME: "RESUMED",
    TaskEvent.CHANGE_APPROVED: "RESUMED",
    TaskEvent.CHANGE_REJECTED: "RESUMED",
    TaskEvent.RETRY: "STEP_RETRIED",
    TaskEvent.SKIP: "STEP_SKIPPED",
    TaskEvent.CONTINUE: "RESUMED",
    TaskEvent.FIX: "STEP_RETRIED",
    TaskEvent.FIX_PLANNED: "PLAN_ADJUSTED",
    TaskEvent.CHANGE: "CHANGE_REQUESTED",
    TaskEvent.ABORT: "ABORTED",
}
STAMPS = {
    TaskStatus.PAUSED: "paused_at",
    TaskStatus.COMPLETED: "completed_at",
    TaskStatus.FAILED: "failed_at",
    TaskStatus.ABORTED: "aborted_at",
}


def create(
    session: Session,
    repo: RepoRef,
    issue_number: int,
    requester_id: int,
    requester_login: str,
    title: str,
    request: str,
    *,
    type: str = "feat",
    event: TaskEvent = TaskEvent.ACCEPTED,
    **fields: Any,
) -> TaskView:
    """A new task in the state that `event` leads to. `fields` are further columns (language, budget, options, ...).

    Raises Lost when the issue has an open task already.
    """
    now = clock()
    first = advance(Standing(), event)
    values = {
        "repo_id": repo.id,
        "repo_name": repo.full_name,
        "installation_id": repo.installation_id,
        "issue_number": issue_number,
        "requester_id": requester_id,
        "requester_login": requester_login,
        "title": title,
        "user_request_original": request,
        "type": type,
        "created_at": now,
        "updated_at": now,
        **_standing_columns(first),
        **fields,
    }
    task_id = new_id()
    while not insert_once(session, Task, {**values, "id": task_id, "key": new_key()}):
        if by_issue(session, repo.id, issue_number, only_open=True) is not None:
            raise Lost(f"issue {issue_number} has an open task")
    events.append(
        session,
        task_id,
        "CREATED",
        title,
        actor=requester_login,
        new=first.status and first.status.value,
        details={"revision": 1},
    )
    return by_id(session, task_id)


def by_id(session: Session, task_id: str) -> TaskView:
    """Raises Missing."""
    return _one(session, select(Task).where(Task.id == task_id), task_id)


def by_seq(session: Session, seq: int) -> TaskView:
    """By the number that jobs carry. Raises Missing."""
    return _one(session, select(Task).where(Task.seq == seq), seq)


def by_key(session: Session, key: str) -> TaskView | None:
    """By the key that people see, or None."""
    return _first(session, select(Task).where(Task.key == key.lower()))


def by_issue(session: Session, repo_id: int, issue_number: int, *, only_open: bool = False) -> TaskView | None:
    """The issue's open task, else (unless `only_open`) its newest, else None."""
    closed = case((Task.status.in_(CLOSED), 1), else_=0)
    query = select(Task).where(Task.repo_id == repo_id, Task.issue_number == issue_number)
    query = query.where(Task.status.not_in(CLOSED)) if only_open else query
    return _first(session, query.order_by(closed, Task.seq.desc()))


def recent(session: Session, *, repo_id: int | None = None, limit: int = 50) -> list[TaskView]:
    """Newest first, of one repository or of all."""
    query = select(Task).order_by(Task.seq.desc()).limit(limit)
    query = query.where(Task.repo_id == repo_id) if repo_id is not None else query
    return [task_view(session, task) for task in session.scalars(query)]


def count_open(session: Session, repo_id: int | None = None) -> int:
    """How many tasks are neither completed, failed nor aborted."""
    query = select(func.count()).select_from(Task).where(Task.status.not_in(CLOSED))
    query = query.where(Task.repo_id == repo_id) if repo_id is not None else query
    return session.scalar(query) or 0


def transition(
    session: Session,
    task: TaskView,
    event: TaskEvent,
    *,
    actor: str | None = None,
    message: str = "",
    pause: PauseReason | None = None,
    log: str | None = None,
    details: Mapping[str, Any] | None = None,
    **fields: Any,
) -> int:
    """Moves the task by compare-and-set on `task.revision`, logs it in the same transaction and returns the new
    revision.

    `fields` are further columns to write; `log` names another event for the log. Raises Lost when the task has moved
    on since the view was read (or another task opened on its issue), `state.lifecycle.IllegalTransition` when the
    table has no such row.
    """
    row = session.scalar(select(Task).where(Task.id == task.id).with_for_update())
    if row is None or row.revision != task.revision:
        raise Lost(f"task {task.key} is no longer at revision {task.revision}")
    after = advance(standing(row), event, pause)
    if (
        row.status in CLOSED
        and after.status not in CLOSED
        and by_issue(session, row.repo_id, row.issue_number, only_open=True)
    ):
        raise Lost(f"another task is open on issue {row.issue_number}")
    values = {**_standing_columns(after), **_stamps(event, after), **fields, "revision": task.revision + 1}
    change = update(Task).where(Task.id == task.id, Task.revision == task.revision, Task.status == task.status.value)
    if rows(session, change.values(**values)) == 0:
        raise Lost(f"task {task.key} is no longer at revision {task.revision}")
    facts = {"revision": task.revision + 1, "event": event.value, **(details or {})}
    events.append(
        session,
        task.id,
        log or LOGGED.get(event, "ERROR"),
        message,
        actor=actor,
        previous=task.status.value,
        new=values["status"],
        details=facts,
    )
    return task.revision + 1


def set_fields(session: Session, task_id: str, **fields: Any) -> None:
    """Writes columns that decide nothing (activity, head_sha, ...); the revision stays."""
    rows(session, update(Task).where(Task.id == task_id).values(updated_at=clock(), **fields))


def take(session: Session, seq: int, owner: str, seconds: float = leases.LEASE_SECONDS) -> leases.Lease | None:
    """The lease for planning, or None when there is nothing to plan or somebody does. Raises `leases.Poisoned`."""
    row = session.scalar(select(Task).where(Task.seq == seq, Task.status == TaskStatus.PLANNING.value))
    return leases.take(session, "task", row.id, owner, seconds) if row is not None else None


def to_plan(session: Session, limit: int = 20) -> list[int]:
    """Seqs of tasks that wait for the planner, in turn between repositories."""
    return turns.to_plan(session)[:limit]


def to_execute(session: Session, limit: int = 20) -> list[int]:
    """Seqs of executing tasks of which no step is being worked on, in turn between repositories."""
    return turns.to_execute(session)[:limit]


def to_resume(session: Session, now: datetime, limit: int = 20) -> list[int]:
    """Seqs of paused tasks whose time to go on has come."""
    query = select(Task.seq).where(Task.status == TaskStatus.PAUSED.value, Task.resume_at <= now)
    return list(session.scalars(query.order_by(Task.resume_at).limit(limit)))


def approved_beside(session: Session, task: TaskView) -> list[Touching]:
    """Other tasks of the repository with an approved plan that is not carried out yet, and the files it changes."""
    going = (TaskStatus.EXECUTING.value, TaskStatus.BLOCKED.value)
    running = or_(Task.status.in_(going), and_(Task.status == TaskStatus.PAUSED.value, Task.came_from.in_(going)))
    query = select(Task).where(Task.repo_id == task.repo.id, Task.id != task.id, running).order_by(Task.seq)
    found = []
    for other in (task_view(session, row) for row in session.scalars(query)):
        if other.plan is not None:
            gone = (StepStatus.CANCELLED, StepStatus.SKIPPED)
            left = {step.id for step in other.steps if step.status not in gone}
            found.append(Touching(other.key, other.issue_number, files_of(other.plan.plan, left)))
    return found


def asking_ci(session: Session, now: datetime, limit: int = 20) -> list[int]:
    """Seqs of ended tasks whose `/ci` of the last day is not carried out and at which nobody works."""
    waits = Task.options[CI]["state"].as_string() == "asked"
    free = or_(Task.lease_until.is_(None), Task.lease_until <= db_now(session))
    ended = Task.status.in_((TaskStatus.COMPLETED.value, TaskStatus.FAILED.value))
    recent = Task.updated_at >= now - timedelta(days=1)
    return list(session.scalars(select(Task.seq).where(ended, recent, free, waits).order_by(Task.seq).limit(limit)))


def in_status(
    session: Session, status: TaskStatus, *, installation_id: int | None = None, limit: int = 500
) -> list[TaskView]:
    """Tasks in one state, oldest first."""
    query = select(Task).where(Task.status == status.value).order_by(Task.seq).limit(limit)
    query = query.where(Task.installation_id == installation_id) if installation_id is not None else query
    return [task_view(session, task) for task in session.scalars(query)]


def _standing_columns(now: Standing) -> dict[str, Any]:
    named = {
        "status": now.status,
        "fail_reason": now.fail_reason,
        "pause_reason": now.pause_reason,
        "came_from": now.came_from,
        "before_status": now.before,
        "before_reason": now.before_reason,
    }
    values = {name: value.value if value is not None else None for name, value in named.items()}
    return {**values, "simulating": now.simulating}


def _stamps(event: TaskEvent, after: Standing) -> dict[str, Any]:
    now = clock()
    stamps: dict[str, Any] = {"updated_at": now}
    if after.status in STAMPS:
        stamps[STAMPS[after.status]] = now
    if event in (TaskEvent.APPROVE, TaskEvent.APPROVE_WAITING, TaskEvent.SIMULATE):
        stamps["approved_at"] = now
    if event in (TaskEvent.RESUME, TaskEvent.CHANGE_APPROVED, TaskEvent.CHANGE_REJECTED):
        stamps |= {"resumed_at": now, "resume_at": None}
    return stamps


def _one(session: Session, query: Select[Task], what: object) -> TaskView:
    found = _first(session, query)
    if found is None:
        raise Missing(f"no task {what}")
    return found


def _first(session: Session, query: Select[Task]) -> TaskView | None:
    row = session.scalar(query.limit(1))
    return task_view(session, row) if row is not None else None
