"""One command: its context is asked for, the decision is made, and the outcome is stored at once."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy.orm import Session

from ghapp.changes import ApprovePlan
from ghapp.commands.model import Command
from ghapp.decide import decide, suggest, tampered
from ghapp.decision import Context, Decision
from jobs.planning.whole import keep_named
from jobs.reception.apply import apply
from jobs.reception.context import Spoken, context
from state.db.engine import read, write
from state.effects import Effect
from state.failpoint import failpoint
from state.lifecycle import TaskStatus
from state.plan.branches import branch_name
from state.plan.model import TaskType
from state.store import commands, tasks
from state.store.base import Lost
from state.views import TaskView

TRIES = 5


def command(spoken: Spoken, found: Command) -> list[Effect]:
    """Carry out one command; the effects that were stored (none when it was carried out before)."""
    return settle(spoken, found.index, lambda ctx: decide(found, ctx), name=found.name)


def suggestion(spoken: Spoken, name: str) -> list[Effect]:
    """Hint at a command close to an unknown word."""
    return settle(spoken, 0, lambda ctx: suggest(name, ctx))


def tamper(spoken: Spoken) -> list[Effect]:
    """Somebody else edited a comment of ours."""
    return settle(spoken, 0, tampered)


def settle(spoken: Spoken, index: int, deciding: Callable[[Context], Decision], name: str = "") -> list[Effect]:
    """Decide on the newest state and store the outcome, once per command key. Deciding again costs less than a lock."""
    for _ in range(TRIES):
        task = _task(spoken)
        ctx = context(spoken, task, name)
        decision = deciding(ctx)
        branch = _branch(spoken, ctx, decision)
        failpoint("intake.before_apply")
        try:
            with write(spoken.runtime.engine) as session:
                effects = _store(session, spoken, index, ctx, decision, branch)
        except Lost:
            continue
        keep_named(spoken.runtime, effects)
        failpoint("intake.after_apply")
        return effects
    raise Lost(f"issue {spoken.issue.number} changes too fast")


def _store(
    session: Session, spoken: Spoken, index: int, ctx: Context, decision: Decision, branch: str | None
) -> list[Effect]:
    source = spoken.source
    if not commands.claim(session, spoken.repo.id, source.kind.value, source.id, index):
        return []
    return apply(session, ctx, decision, spoken.runtime.web_url, branch)


def _branch(spoken: Spoken, ctx: Context, decision: Decision) -> str | None:
    """The branch is named at approval; a name that is taken on GitHub gets the key as suffix."""
    task = ctx.task
    approves = any(isinstance(change, ApprovePlan) for change in decision.changes)
    if not approves or task is None or task.plan is None or task.branch is not None:
        return None
    kind, title = TaskType(task.plan.plan.type), task.plan.plan.title
    name = branch_name(kind, title, task.key)
    if spoken.talk.branch_facts(name).exists or _used(spoken, name):
        return branch_name(kind, title, task.key, taken=(name,))
    return name


def _used(spoken: Spoken, name: str) -> bool:
    """Whether another running task has the name already, though nothing is pushed yet."""
    with read(spoken.runtime.engine) as session:
        running = tasks.in_status(session, TaskStatus.EXECUTING)
    return any(other.branch == name and other.repo.id == spoken.repo.id for other in running)


def _task(spoken: Spoken) -> TaskView | None:
    with read(spoken.runtime.engine) as session:
        return tasks.by_issue(session, spoken.repo.id, spoken.issue.number)
