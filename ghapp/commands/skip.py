"""`/skip 3` -> eyes, +1: the failed step is left out by a person, and what waited for it goes on."""

from __future__ import annotations

from ghapp.changes import SkipSteps, Transition
from ghapp.commands import failed
from ghapp.commands.model import Command
from ghapp.commands.retry import CLEARED
from ghapp.decision import Context, Decision, Who
from ghapp.replies import DONE, accept, react
from state.lifecycle import TaskEvent

NAME = "skip"
SPANISH = ("omitir", "saltar")
HELP = "commands.help.skip"
WHO = Who.WRITE
WHEN = failed.WHEN
USAGE = "[step]"


def decide(command: Command, ctx: Context) -> Decision:
    """Only what stands in the way can be left out; the report names who did it."""
    refused = failed.not_now(command, ctx)
    if refused is not None or ctx.task is None:
        return refused or Decision()
    steps = failed.which(command, ctx, ctx.task)
    if isinstance(steps, Decision):
        return steps
    skip = SkipSteps(tuple(step.id for step in steps))
    done = react(ctx, command.index, DONE)
    return accept(ctx, command.index, Transition(TaskEvent.SKIP, CLEARED), skip, effects=(done,))
