"""`/abort not needed any more` -> eyes, +1: what runs is killed, what is committed stays on the branch."""

from __future__ import annotations

from ghapp.changes import Note, Transition
from ghapp.commands.model import Command
from ghapp.decision import Context, Decision, Who
from ghapp.replies import DONE, accept, react, told
from state.lifecycle import TaskEvent, TaskStatus

NAME = "abort"
SPANISH = ("abortar", "cancelar")
HELP = "commands.help.abort"
WHO = Who.WRITE
WHEN = frozenset(TaskStatus) - {TaskStatus.COMPLETED, TaskStatus.ABORTED}
USAGE = "[reason]"


def decide(command: Command, ctx: Context) -> Decision:
    """Possible in every state but the two that are final."""
    if ctx.task is None:
        return told(ctx, command.index, "commands.no_task")
    if ctx.task.status is TaskStatus.ABORTED:
        return told(ctx, command.index, "commands.abort.already")
    if ctx.task.status is TaskStatus.COMPLETED:
        return told(ctx, command.index, "commands.abort.completed")
    reason = command.argument.strip()
    note = Note("ABORTED", reason, ctx.actor.login)
    change = Transition(TaskEvent.ABORT, {"abort_reason": reason or None})
    return accept(ctx, command.index, change, note, effects=(react(ctx, command.index, DONE),))
