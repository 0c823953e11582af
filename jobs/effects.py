"""Effects that follow from a task's state, whoever changed it: status comment, label, mirror, its next job's bell."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from ghapp.say import telegram
from ghapp.say.links import Links
from state.effects import Effect, EffectKind, Priority
from state.lifecycle import TaskStatus
from state.store import approvals
from state.views import TaskView

PLAN_JOB, STEP_JOB, DELIVER_JOB = "jobs.plan.run", "jobs.step.run", "jobs.deliver.run"
STEPS_SLOT = "steps"


def effect(task: TaskView, kind: EffectKind, dedupe: str, priority: Priority, **more: Any) -> Effect:
    """An effect for a task's issue; `dedupe` is made unique to the task."""
    return Effect(
        kind,
        f"{dedupe}:{task.id}",
        task.repo.id,
        task.repo.installation_id,
        target=more.pop("target", {"issue": task.issue_number}),
        task_id=task.id,
        priority=priority,
        **more,
    )


def comment(task: TaskView, purpose: str, text: str, **body: Any) -> Effect:
    """A new comment worth a phone's buzz; `purpose` names it within the task, so that it is posted once."""
    return effect(
        task, EffectKind.COMMENT, purpose, Priority.MILESTONE, body={"text": text, "purpose": purpose, **body}
    )


def mirror(task: TaskView, purpose: str, text: str, slot: str = "") -> Effect:
    """A Telegram message; one with a slot is edited by the next."""
    kind = EffectKind.TELEGRAM_EDIT if slot else EffectKind.TELEGRAM
    coalesce = f"telegram:{slot}:{task.id}" if slot else None
    return effect(
        task, kind, f"telegram:{purpose}", Priority.MILESTONE, body={"text": text, "slot": slot}, coalesce=coalesce
    )


def status(task: TaskView, why: str) -> Effect:
    """The status comment, to be written anew; `why` makes it one row per cause."""
    return effect(task, EffectKind.STATUS, f"status:{why}", Priority.STATUS, coalesce=f"status:{task.id}")


def check_run(task: TaskView, sha: str) -> Effect:
    """The check run on a commit, to be written anew; one row for each state of the task."""
    why = f"check:{sha}:r{task.revision}"
    return effect(task, EffectKind.CHECK_RUN, why, Priority.STATUS, target={"sha": sha}, coalesce=f"check:{sha}")


def ring(queue: str, func: str, arg: int, dedupe: str) -> Effect:
    """A bell."""
    return Effect(EffectKind.RING, dedupe, body={"queue": queue, "func": func, "arg": arg}, priority=Priority.ANSWER)


def follow_up(session: Session, before: TaskView | None, task: TaskView, web: str, why: str = "") -> list[Effect]:
    """What a task's new state brings about by itself; `why` tells two moments of one revision apart."""
    why = f"r{task.revision}{why}"
    effects = [
        status(task, why),
        effect(task, EffectKind.LABELS, f"labels:{why}", Priority.QUIET, coalesce=f"labels:{task.id}"),
    ]
    if task.status is TaskStatus.PLANNING:
        effects.append(ring("plan", PLAN_JOB, task.seq, f"ring:plan:{task.id}:{why}"))
    if task.status is TaskStatus.EXECUTING:
        effects.append(ring("step", STEP_JOB, task.seq, f"ring:step:{task.id}:{why}"))
        if before is not None and before.status is TaskStatus.PLANNED:
            effects.append(_approved(session, task, web))
    return effects


def _approved(session: Session, task: TaskView, web: str) -> Effect:
    approval = approvals.live(session, task.id)
    by = approval.login if approval else ""
    return mirror(task, f"approved:r{task.revision}", telegram.approved(task, by, links_of(task, web)))


def links_of(task: TaskView, web: str) -> Links:
    """Pages of the task's repository on the site `web`."""
    return Links(f"{web}/{task.repo.full_name}")
