"""What the commands after a failure share: which steps stand in the way, and what a person means by one."""

from __future__ import annotations

from ghapp.commands.model import Command
from ghapp.decision import Context, Decision
from ghapp.emit.inert import Md
from ghapp.replies import state_word, told
from state.lifecycle import FailReason, StepStatus, TaskStatus
from state.views import StepView, TaskView

STUCK = (StepStatus.FAILED, StepStatus.BLOCKED)
WHEN = frozenset((TaskStatus.FAILED,))


def failing(task: TaskView) -> tuple[StepView, ...]:
    """Steps that failed, or are blocked by themselves: no step that they need is failed or blocked."""
    status = {step.id: step.status for step in task.steps}
    waits = {step.id for step in task.steps if any(status.get(other) in STUCK for other in step.depends_on)}
    return tuple(
        step
        for step in task.steps
        if step.status is StepStatus.FAILED or (step.status is StepStatus.BLOCKED and step.id not in waits)
    )


def meant(task: TaskView, argument: str) -> StepView | None:
    """The step of that number or id; only the first word counts."""
    word = next(iter(argument.lower().split()), "").lstrip("#")
    return next((step for step in task.steps if word in (step.id.lower(), str(step.number))), None)


def not_now(command: Command, ctx: Context, *, planned: bool = True) -> Decision | None:
    """Why the command is not possible now; None where it is. `planned`: it needs a plan that was approved."""
    task = ctx.task
    if task is None:
        return told(ctx, command.index, "commands.no_task")
    if task.status is not TaskStatus.FAILED:
        key = "commands.failed.runs" if task.status is TaskStatus.EXECUTING else "commands.failed.nothing"
        return told(ctx, command.index, key, state=state_word(ctx, task.status))
    if not planned:
        return None
    if task.fail_reason is FailReason.PLAN_FAILED or task.plan is None:
        return told(ctx, command.index, "commands.failed.no_plan")
    if not task.plan.approved:
        return told(ctx, command.index, "commands.failed.not_approved")
    return None


def which(command: Command, ctx: Context, task: TaskView) -> tuple[StepView, ...] | Decision:
    """The failing steps that are meant, all of them where none is named; or the answer that says what is wrong."""
    found = failing(task)
    names = Md(", ".join(str(step.number) for step in found))
    if not command.argument.strip():
        return found
    step = meant(task, command.argument)
    if step is None:
        return told(ctx, command.index, "commands.failed.no_step", last=str(len(task.steps)), steps=names)
    if step not in found:
        return told(ctx, command.index, "commands.failed.other_step", number=str(step.number), steps=names)
    return (step,)
