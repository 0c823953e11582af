"""`/fix 1` -> eyes, rocket: the debug agent's first proposal is carried out.

One that only tells the executor more starts the step again; one that adds or changes a step makes a plan to approve.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from ghapp.changes import FixPlan, RetrySteps, Transition
from ghapp.commands import failed
from ghapp.commands.model import Command
from ghapp.commands.retry import CLEARED
from ghapp.decision import Context, Decision, Who
from ghapp.emit.inert import Md
from ghapp.replies import ROCKET, accept, react, told
from ghapp.say.facts import Proposal
from state.lifecycle import TaskEvent

NAME = "fix"
SPANISH = ("reparar",)
HELP = "commands.help.fix"
WHO = Who.WRITE
WHEN = failed.WHEN
USAGE = "<n>"
CI = "ci"
CONTEXT = "modify_step_context"
NUMBER = re.compile(r"#?(\d{1,3})\b", re.ASCII)


def decide(command: Command, ctx: Context) -> Decision:
    """The proposals are those of the failure that stands now, made for the plan that stands now."""
    word = next(iter(command.argument.lower().split()), "")
    if word == CI:
        return told(ctx, command.index, "commands.later", command=Md("`/fix ci`"))
    refused = failed.not_now(command, ctx)
    if refused is not None or ctx.task is None:
        return refused or Decision()
    if not ctx.proposals:
        return told(ctx, command.index, "commands.fix.none")
    chosen = _chosen(word, ctx.proposals)
    if chosen is None:
        return told(ctx, command.index, "commands.fix.which", last=str(len(ctx.proposals)))
    if chosen.action != CONTEXT:
        return accept(ctx, command.index, Transition(TaskEvent.FIX_PLANNED, CLEARED), FixPlan(chosen.n))
    steps = tuple(step.id for step in failed.failing(ctx.task))
    go = react(ctx, command.index, ROCKET)
    fix = RetrySteps(steps, proposal=chosen.n)
    return accept(ctx, command.index, Transition(TaskEvent.FIX, CLEARED), fix, effects=(go,))


def _chosen(word: str, proposals: Sequence[Proposal]) -> Proposal | None:
    number = NUMBER.match(word)
    return next((one for one in proposals if number and one.n == int(number[1])), None)
