"""`/ci` -> eyes, a closing commit on the task's branch that holds CI no more, and a comment that says so."""

from __future__ import annotations

from ghapp.changes import AskCi
from ghapp.commands.model import Command
from ghapp.decision import Context, Decision, Who
from ghapp.emit.inert import Md, code
from ghapp.replies import accept, state_word, told
from state.effects import Effect, EffectKind
from state.lifecycle import TaskStatus
from state.views import CI, TaskView

NAME = "ci"
SPANISH = ()
HELP = "commands.help.ci"
WHO = Who.WRITE
WHEN = frozenset((TaskStatus.COMPLETED, TaskStatus.FAILED))
USAGE = ""
QUEUE, FUNC = "plan", "jobs.ci.run"


def decide(command: Command, ctx: Context) -> Decision:
    """Once a task has ended with commits on its branch; said twice it is done once."""
    task = ctx.task
    if task is None:
        return told(ctx, command.index, "commands.no_task")
    if task.status not in WHEN:
        return told(ctx, command.index, "commands.ci.not_yet", state=state_word(ctx, task.status))
    if task.branch is None or task.head_sha is None:
        return told(ctx, command.index, "commands.ci.no_commits")
    if not task.options.get("ci_hold", True):
        return told(ctx, command.index, "commands.ci.runs_anyway")
    asked = task.options.get(CI) or {}
    if asked.get("state") == "asked":
        return told(ctx, command.index, "commands.ci.on_its_way", login=asked["login"])
    if asked.get("state") == "done" and asked.get("sha") == task.head_sha:
        sha = Md(code(task.head_sha[:7]))
        return told(ctx, command.index, "commands.ci.already", login=asked["login"], sha=sha)
    change = AskCi(ctx.actor.id, ctx.actor.login)
    return accept(ctx, command.index, change, effects=(bell(task, ctx, command.index),))


def bell(task: TaskView, ctx: Context, index: int) -> Effect:
    """Wakes the job that makes the commit; should it be lost, the sweep rings again."""
    body = {"queue": QUEUE, "func": FUNC, "arg": task.seq}
    return Effect(EffectKind.RING, f"ring:ci:{task.id}:{ctx.source.kind}:{ctx.source.id}:{index}", body=body)
