"""`/retry 3` -> eyes, rocket: the failed step again in a new round of attempts; a plan that failed is made again."""

from __future__ import annotations

from ghapp.changes import RetrySteps, Transition
from ghapp.commands import failed
from ghapp.commands.model import Command
from ghapp.decision import Context, Decision, Who
from ghapp.replies import ROCKET, accept, react
from state.lifecycle import FailReason, TaskEvent

NAME = "retry"
SPANISH = ("reintentar",)
HELP = "commands.help.retry"
WHO = Who.WRITE
WHEN = failed.WHEN
USAGE = "[step]"
CLEARED = {"error_message": None, "status_reason": None, "activity": None}


def decide(command: Command, ctx: Context) -> Decision:
    """The step's earlier attempts are told to the executor; done steps stay done."""
    task = ctx.task
    plans_again = task is not None and task.fail_reason is FailReason.PLAN_FAILED
    refused = failed.not_now(command, ctx, planned=not plans_again)
    if refused is not None or task is None:
        return refused or Decision()
    go = react(ctx, command.index, ROCKET)
    if plans_again:
        return accept(ctx, command.index, Transition(TaskEvent.RETRY, CLEARED), effects=(go,))
    steps = failed.which(command, ctx, task)
    if isinstance(steps, Decision):
        return steps
    retry = RetrySteps(tuple(step.id for step in steps))
    return accept(ctx, command.index, Transition(TaskEvent.RETRY, CLEARED), retry, effects=(go,))
