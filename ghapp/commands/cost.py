"""`/cost` -> eyes, and what the task's requests to models came to: tokens, cache, money, by role and by step."""

from __future__ import annotations

from ghapp.commands.model import Command
from ghapp.decision import Context, Decision, Who
from ghapp.replies import accept, answer, told
from ghapp.say.money import cost_answer
from state.lifecycle import TaskStatus
from state.views import CostLine, CostView

NAME = "cost"
SPANISH = ("coste", "costo")
HELP = "commands.help.cost"
WHO = Who.WRITE
WHEN = frozenset(TaskStatus)
USAGE = ""


def decide(command: Command, ctx: Context) -> Decision:
    """A view of what is stored; it changes nothing."""
    if ctx.task is None:
        return told(ctx, command.index, "commands.no_task")
    text = cost_answer(ctx.task, ctx.cost or CostView(CostLine("", "")))
    return accept(ctx, command.index, effects=(answer(ctx, command.index, text),))
