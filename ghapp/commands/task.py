"""`/task add stock validation type=fix` -> eyes, a new task, and soon a plan as a comment."""

from __future__ import annotations

import re
from dataclasses import replace

from ghapp.changes import AddMessage, NewTask
from ghapp.commands.model import Command
from ghapp.commands.options import TaskOptions, read_options
from ghapp.decision import Context, Decision, Who
from ghapp.markdown import visible_text
from ghapp.replies import accept, cannot, state_word, told
from ghapp.say.messages import say
from state.effects import EffectKind
from state.lifecycle import TaskStatus
from state.quota import full
from state.views import TaskView

NAME = "task"
SPANISH = ("tarea",)
HELP = "commands.help.task"
WHO = Who.WRITE
WHEN = frozenset((None, TaskStatus.COMPLETED, TaskStatus.ABORTED))
USAGE = "<request>"
CLOSED = (TaskStatus.COMPLETED, TaskStatus.ABORTED)
LONGEST_TITLE = 120
OWN_LINE = re.compile(r"^/(?:devtask[ \t]+)?(?:task|tarea)\b.*$", re.IGNORECASE | re.MULTILINE)


def decide(command: Command, ctx: Context) -> Decision:
    """One open task per issue; without a request of its own the command means the issue."""
    if ctx.task is not None and _is_open(ctx.task):
        state = state_word(ctx, ctx.task.status)
        open_one = told(ctx, command.index, "commands.task.open", task=ctx.task.key, state=state)
        return once_an_hour(ctx, open_one, f"open:{ctx.task.id}:{ctx.task.status}")
    if (reached := full(ctx.crowd, ctx.limits.tasks)) is not None:
        refused = told(ctx, command.index, f"commands.quota.{reached.which}", count=reached.count, most=reached.most)
        return once_an_hour(ctx, refused, f"quota:{ctx.repo.id}:{ctx.actor.id}", f"{ctx.issue.number}")
    options = read_options(command.argument, ctx.now)
    if options.errors:
        return cannot(ctx, command.index, _errors(ctx, options))
    request, hidden = options.request, command.hidden
    if not request:
        body, hidden = visible_text(ctx.issue.body)
        request = f"{ctx.issue.title}\n\n{OWN_LINE.sub('', body)}".strip()
    if not request:
        return told(ctx, command.index, "commands.task.empty")
    original = command.raw if options.request else f"{ctx.issue.title}\n\n{ctx.issue.body}"
    task = _new(ctx, options, request, original, hidden)
    message = AddMessage("user", request, ctx.actor.login, "TASK_NEW", external_id=ctx.source.id)
    return accept(ctx, command.index, task, message)


def once_an_hour(ctx: Context, decision: Decision, cause: str, place: str = "") -> Decision:
    """A thousand commands get one answer in words an hour for one cause, and with a place one reaction there."""
    hour = f"{ctx.now:%Y%m%d%H}"
    effects = []
    for effect in decision.effects:
        if effect.kind is EffectKind.COMMENT:
            effects.append(replace(effect, dedupe=f"told:{cause}:{hour}"))
        else:
            effects.append(replace(effect, dedupe=f"react:{cause}:{place}:{hour}") if place else effect)
    return replace(decision, effects=tuple(effects))


def _is_open(task: TaskView) -> bool:
    """A task that failed before it had a plan keeps nobody from asking again."""
    return task.status not in CLOSED and not (task.status is TaskStatus.FAILED and task.plan is None)


def _new(ctx: Context, options: TaskOptions, request: str, original: str, hidden: int) -> NewTask:
    return NewTask(
        title=(ctx.issue.title.strip() or request.split("\n", 1)[0])[:LONGEST_TITLE],
        request=request,
        original=original,
        requester_id=ctx.actor.id,
        requester_login=ctx.actor.login,
        issue_number=ctx.issue.number,
        issue_hash=ctx.issue.hash,
        language=ctx.language,
        budget=options.budget if options.budget is not None else ctx.limits.budget,
        type=options.type,
        base=options.base,
        priority=options.priority or "medium",
        deadline=options.deadline,
        discovery=options.discovery,
        hidden=hidden,
        budget_asked=options.budget is not None,
    )


def _errors(ctx: Context, options: TaskOptions) -> str:
    lines = [say(ctx.language, error.key, option=error.option, value=error.value) for error in options.errors]
    return "\n".join((say(ctx.language, "commands.task.options"), "", *(f"- {line}" for line in lines)))
