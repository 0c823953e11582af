"""Budgets in words: told once when 80 % are spent, and told with a way on when they are reached."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from ghapp.say import money, telegram
from ghapp.say.facts import BudgetShare
from ghapp.say.messages import plain
from jobs.effects import comment, links_of, mirror, status
from jobs.facts import BUDGET, keep
from jobs.outcomes import TOLD, move
from jobs.runtime import Runtime
from state.clock import clock
from state.effects import Effect
from state.errors import BudgetReached
from state.lifecycle import PauseReason, TaskEvent
from state.store import outbox, tasks
from state.store.budget import Share
from state.views import TaskView


def warn(session: Session, runtime: Runtime, task_id: str | None, shares: Sequence[Share]) -> list[Effect]:
    """Each scope of which 80 % are spent is told once: by Telegram, in the status comment, in the report later.

    A limit of a day is told by the task whose call crossed it; a call without a task leaves that to the next one.
    """
    crossed = [share for share in shares if share.warns]
    if task_id is None or not crossed:
        return []
    task = tasks.by_id(session, task_id)
    found: list[Effect] = []
    for share in crossed:
        told = BudgetShare(share.scope, share.spent, share.limit)
        text = telegram.budget_warning(task, told, links_of(task, runtime.web_url))
        effect = replace(mirror(task, "budget", text), dedupe=f"telegram:budget:{_named(task, share)}")
        if outbox.add(session, [effect]):
            keep(session, task.id, BUDGET, {"scope": share.scope, "spent": share.spent, "limit": share.limit})
            found.append(effect)
    if found:
        again = status(task, f"budget:{clock().timestamp():.3f}")
        outbox.add(session, [again])
        found.append(again)
    return found


def _named(task: TaskView, share: Share) -> str:
    """What is told once: this limit of the task, or of the repository or everybody on this day."""
    if share.scope == "task":
        return f"task:{task.id}:{share.limit:g}"
    whose = f"{task.repo.id}:" if share.scope == "repository" else ""
    return f"{share.scope}:{whose}{clock().date().isoformat()}:{share.limit:g}"


def reached(session: Session, task: TaskView, budget: BudgetReached, web: str) -> list[Effect]:
    """PAUSED(budget), told: what is spent, what is left to do, what continues it.

    The limits of a day end with it (UTC), so the task then goes on by itself; more for the task needs a person.
    """
    resume_at = None if budget.scope == "task" else tomorrow(clock())
    said = plain(task.language, money.reached_key(budget.scope), **money.reached_params(budget))
    paused = replace(money.paused(task, resume_at), status_reason=said)
    purpose = f"paused:r{task.revision}"
    links = links_of(task, web)
    _, effects = move(
        session,
        task,
        TaskEvent.PAUSE,
        web,
        comment(task, purpose, money.budget_reached(paused, budget, links)),
        mirror(task, purpose, telegram.budget_reached(paused, said, links)),
        pause=PauseReason.BUDGET,
        status_reason=said,
        resume_at=resume_at,
        activity=None,
        details={TOLD: money.reached_key(budget.scope)},
    )
    return effects


def tomorrow(now: datetime) -> datetime:
    """The first moment of the next day, UTC."""
    return (now + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
