"""`/reject too large` -> eyes, +1: the shown plan is refused and the task ends, or stands as before."""

from __future__ import annotations

from ghapp.changes import Note, RestorePlan, Transition
from ghapp.commands.model import Command
from ghapp.decision import Context, Decision, Who
from ghapp.replies import DONE, accept, react, state_word, told
from state.lifecycle import TaskEvent, TaskStatus

NAME = "reject"
SPANISH = ("rechazar", "rechazo")
HELP = "commands.help.reject"
WHO = Who.WRITE
WHEN = frozenset((TaskStatus.PLANNED,))
USAGE = "[reason]"


def decide(command: Command, ctx: Context) -> Decision:
    """Only a plan that waits can be refused; what runs is stopped by `/abort`."""
    if ctx.task is None:
        return told(ctx, command.index, "commands.no_task")
    if ctx.task.status is not TaskStatus.PLANNED or ctx.task.plan is None:
        return told(ctx, command.index, "commands.reject.nothing", state=state_word(ctx, ctx.task.status))
    reason = command.argument.strip()
    note = Note("PLAN_REJECTED", reason, ctx.actor.login, {"plan": ctx.task.plan.number})
    change = Transition(TaskEvent.REJECT, {"abort_reason": reason or None})
    back = (RestorePlan(),) if ctx.task.before is TaskStatus.FAILED else ()
    return accept(ctx, command.index, change, *back, note, effects=(react(ctx, command.index, DONE),))
