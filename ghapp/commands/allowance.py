"""`/approve budget=5` on a task whose budget is used up -> eyes, rocket: it may cost that much in all, and goes on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ghapp.changes import RaiseBudget, Transition
from ghapp.commands.model import Command
from ghapp.commands.options import read_budget
from ghapp.decision import CommandComment, Context, Decision, SourceKind
from ghapp.replies import ROCKET, accept, react, told
from ghapp.say.money import allow
from state.lifecycle import TaskEvent, TaskStatus
from state.views import TaskView


@dataclass(frozen=True)
class Amount:
    """A `budget=` word: US dollars, None where the value is no amount."""

    dollars: float | None
    value: str


def amount(words: Iterable[str]) -> tuple[Amount | None, list[str]]:
    """The last `budget=` among the words, and the words without any. Pure."""
    found: Amount | None = None
    rest: list[str] = []
    for word in words:
        read = read_budget(word)
        if read is None:
            rest.append(word)
        else:
            found = Amount(*read)
    return found, rest


def decide(command: Command, ctx: Context, task: TaskView) -> Decision:
    """More money for this task; what has run stays as it is, and the step that was begun goes on."""
    if task.resume_at is not None:
        return told(ctx, command.index, "commands.approve.budget_day", time=task.resume_at)
    stands = ctx.live.command_comment
    if ctx.source.kind is SourceKind.COMMENT and stands is not CommandComment.SAME:
        return told(ctx, command.index, f"commands.approve.comment_{stands}")
    wanted, _ = amount(command.argument.split("\n", 1)[0].lower().split())
    limit = task.budget if task.budget is not None else ctx.limits.budget
    if wanted is None:
        offer = allow(ctx.language, round(2 * limit, 2))
        return told(ctx, command.index, "commands.approve.budget_open", [offer], limit=limit)
    stopped = unfit(command, ctx, task, wanted)
    return stopped or _raise(command, ctx, wanted.dollars or 0.0)


def unfit(command: Command, ctx: Context, task: TaskView, wanted: Amount) -> Decision | None:
    """Why this amount cannot be a budget; None where it can."""
    if wanted.dollars is None:
        return told(ctx, command.index, "commands.approve.budget", value=wanted.value)
    limit = (task.budget or 0.0) if task.status is TaskStatus.PAUSED else 0.0
    if wanted.dollars <= max(task.spent, limit):
        low = "commands.approve.budget_low"
        limit = limit or task.budget or ctx.limits.budget
        return told(ctx, command.index, low, spent=task.spent, budget=wanted.dollars, limit=limit)
    return None


def _raise(command: Command, ctx: Context, dollars: float) -> Decision:
    change = RaiseBudget(
        budget=dollars,
        user_id=ctx.actor.id,
        login=ctx.actor.login,
        role=ctx.actor.role or "",
        comment_id=ctx.source.comment_id,
        comment_hash=ctx.source.body_hash,
    )
    goes_on = Transition(TaskEvent.RESUME, {"status_reason": None})
    return accept(ctx, command.index, change, goes_on, effects=(react(ctx, command.index, ROCKET),))
