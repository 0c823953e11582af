"""How a task ends or waits: transitions that jobs decide, with what follows from them, in the caller's transaction."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from ghapp.say import replies, telegram
from ghapp.say.facts import FailureFacts
from ghapp.say.failure import failure_report
from ghapp.say.messages import plain
from jobs.effects import check_run, comment, follow_up, links_of, mirror
from state.effects import Effect
from state.errors import Told
from state.lifecycle import PauseReason, TaskEvent
from state.logs import get_log
from state.store import outbox, tasks
from state.views import TaskView

TOLD = "told"
"""In the log's details: the key of the sentence by which a pause was told."""


def move(
    session: Session, task: TaskView, event: TaskEvent, web: str, *more: Effect, **fields: Any
) -> tuple[TaskView, list[Effect]]:
    """A transition with its follow-up effects stored; the task as it is then, and the effects. Raises Lost."""
    tasks.transition(session, task, event, actor="devtask", **fields)
    now = tasks.by_id(session, task.id)
    get_log().info("task moved", task_key=task.key, event_name=event.value, status=now.status.value)
    effects = [*more, *follow_up(session, task, now, web)]
    outbox.add(session, effects)
    return now, effects


def pause(
    session: Session,
    task: TaskView,
    why: PauseReason,
    key: str,
    web: str,
    /,
    *,
    resume_at: datetime | None = None,
    **params: object,
) -> list[Effect]:
    """Park the task with the reason told: in the status comment always, in a comment where a person must act."""
    said = plain(task.language, key, **params)
    told = [] if resume_at else [_parked(task, why, key, params)]
    _, effects = move(
        session,
        task,
        TaskEvent.PAUSE,
        web,
        *told,
        pause=why,
        status_reason=said,
        resume_at=resume_at,
        activity=None,
        details={TOLD: key},
    )
    return effects


def _parked(task: TaskView, reason: PauseReason, key: str, params: dict[str, object]) -> Effect:
    text = replies.paused(task, reason, key, params)
    return comment(task, f"paused:r{task.revision}", text)


def plan_failed(session: Session, task: TaskView, error: Told, web: str) -> list[Effect]:
    """No plan: FAILED, with a sentence that says why and what to type."""
    said = replies.told(task.language, error)
    text = replies.plan_failed(task, said)
    telling = comment(task, f"plan_failed:r{task.revision}", text)
    said_short = plain(task.language, error.key, **error.params)
    _, effects = move(
        session, task, TaskEvent.CANNOT_PLAN, web, telling, status_reason=said_short, error_message=said_short
    )
    return effects


def step_failed(session: Session, task: TaskView, facts: FailureFacts, web: str) -> list[Effect]:
    """A step failed for good: FAILED, the failure report, and the mirror."""
    links = links_of(task, web)
    tasks.transition(
        session, task, TaskEvent.STEP_FAILED, actor="devtask", error_message=facts.tail[-2000:], activity=None
    )
    now = tasks.by_id(session, task.id)
    effects = [
        comment(now, f"failed:r{now.revision}", failure_report(now, facts, links)),
        mirror(now, f"failed:r{now.revision}", telegram.failed(now, facts, links)),
        *([check_run(now, now.head_sha)] if now.head_sha else []),
        *follow_up(session, task, now, web),
    ]
    outbox.add(session, effects)
    return effects
