"""`/plan` -> eyes, and an answer that leads to the current plan's comment. (`/plan approve` reads as `/approve`.)"""

from __future__ import annotations

from ghapp.commands.model import Command
from ghapp.decision import Context, Decision, Who
from ghapp.emit.inert import Md
from ghapp.replies import accept, answer, state_word, told
from ghapp.say.messages import say
from state.lifecycle import TaskStatus

NAME = "plan"
SPANISH = ()
HELP = "commands.help.plan"
WHO = Who.TRIAGE
WHEN = frozenset(TaskStatus)
USAGE = ""


def decide(command: Command, ctx: Context) -> Decision:
    """The plan's comment is the plan; a copy of it would go stale."""
    if ctx.task is None:
        return told(ctx, command.index, "commands.no_task")
    plan = ctx.task.plan
    if plan is None:
        return told(ctx, command.index, "commands.plan.none", state=state_word(ctx, ctx.task.status))
    if plan.comment_id is None:
        return told(ctx, command.index, "commands.plan.unposted", number=plan.number, hash=plan.plan_hash[:4])
    link = Md(f"#issuecomment-{plan.comment_id}")
    text = say(ctx.language, "commands.plan.here", number=plan.number, hash=plan.plan_hash[:4], link=link)
    return accept(ctx, command.index, effects=(answer(ctx, command.index, text),))
