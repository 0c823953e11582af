"""`/status` -> eyes, one line with the state, and the way to the one status comment, which is brought up to date."""

from __future__ import annotations

from ghapp.commands.model import Command
from ghapp.decision import Context, Decision, Who
from ghapp.emit.inert import Md
from ghapp.replies import accept, answer, state_word, status_again, told
from ghapp.say.messages import say
from state.lifecycle import StepStatus, TaskStatus

NAME = "status"
SPANISH = ("estado",)
HELP = "commands.help.status"
WHO = Who.TRIAGE_OR_REQUESTER
WHEN = frozenset(TaskStatus)
USAGE = ""


def decide(command: Command, ctx: Context) -> Decision:
    """The status comment is the answer; where there is none yet it is made."""
    task = ctx.task
    if task is None:
        return told(ctx, command.index, "commands.no_task")
    done = sum(step.status in (StepStatus.DONE, StepStatus.SKIPPED) for step in task.steps)
    text = say(
        ctx.language, "commands.status.line", state=state_word(ctx, task.status), done=done, total=len(task.steps)
    )
    if task.status_comment_id is not None:
        link = Md(f"#issuecomment-{task.status_comment_id}")
        text = f"{text} {say(ctx.language, 'commands.status.link', link=link)}"
    if ctx.place is not None:
        text = f"{text} {say(ctx.language, 'commands.status.queue', place=ctx.place.place, waiting=ctx.place.waiting)}"
    effects = (answer(ctx, command.index, text), *status_again(ctx, command.index))
    return accept(ctx, command.index, effects=effects)
