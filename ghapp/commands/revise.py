"""`/revise use the existing validator` -> eyes, and the next version of the plan, at most ten times."""

from __future__ import annotations

from ghapp.changes import AddMessage, RevisePlan, Transition
from ghapp.commands.model import Command
from ghapp.decision import Context, Decision, Who
from ghapp.replies import accept, cannot, state_word, told
from ghapp.say.buttons import button
from ghapp.say.messages import say
from state.lifecycle import TaskEvent, TaskStatus

NAME = "revise"
SPANISH = ("revisar", "corregir")
HELP = "commands.help.revise"
WHO = Who.WRITE
WHEN = frozenset((TaskStatus.PLANNED, TaskStatus.FAILED))
USAGE = "<text>"


def decide(command: Command, ctx: Context) -> Decision:
    """After the last round nothing is generated any more; single steps can still be changed by hand."""
    task = ctx.task
    if task is None:
        return told(ctx, command.index, "commands.no_task")
    if task.status is TaskStatus.PLANNING:
        return told(ctx, command.index, "commands.revise.planning")
    if task.status not in WHEN:
        return told(ctx, command.index, "commands.revise.nothing", state=state_word(ctx, task.status))
    text = command.argument.strip()
    if not text:
        return told(ctx, command.index, "commands.revise.empty")
    if task.rounds >= ctx.limits.rounds:
        shown = say(ctx.language, "commands.revise.limit", limit=ctx.limits.rounds)
        abort = button(ctx.language, "abort", "/abort")
        plan = task.plan
        approve = [button(ctx.language, "approve", f"/approve {plan.plan_hash[:4]}")] if plan else []
        return cannot(ctx, command.index, shown, [*approve, abort])
    message = AddMessage("user", text, ctx.actor.login, "PLAN_REVISE", external_id=ctx.source.id)
    return accept(ctx, command.index, Transition(TaskEvent.REVISE), RevisePlan(text, task.rounds + 1), message)
