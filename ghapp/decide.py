"""The one door from a command, a tick, a label or plain words to a decision. Pure: values in, values out."""

from __future__ import annotations

from dataclasses import replace

from ghapp.changes import AddMessage, Note
from ghapp.commands.approve import shown
from ghapp.commands.model import Command
from ghapp.commands.table import BY_NAME
from ghapp.decision import Context, Decision, permitted
from ghapp.emit.inert import Md
from ghapp.intent_rules import HIGH, Intent, Ruled
from ghapp.replies import CONFUSED, accept, answer, put_back, react, refuse, untick
from ghapp.say.buttons import button
from ghapp.say.messages import say
from ghapp.say.offered import is_offered
from state.lifecycle import TaskStatus

LABEL = "devtask"
LABEL_COMMAND = Command("task")
COMMANDS = {
    Intent.TASK_NEW: "task",
    Intent.TASK_CONTINUE: "continue",
    Intent.TASK_LIST: "tasks",
    Intent.TASK_ABORT: "abort",
    Intent.PLAN_APPROVE: "approve",
    Intent.PLAN_REVISE: "revise",
}
ASKED_BACK = (Intent.PLAN_APPROVE, Intent.TASK_ABORT)


def decide(command: Command, ctx: Context) -> Decision:
    """Ask the table who may, then the command's own file; after a tick the box is emptied whatever came of it."""
    row = BY_NAME[command.name]
    if not permitted(row.who, ctx.actor, ctx.approvers):
        return untick(ctx, command.index, refuse(ctx, command.index))
    return untick(ctx, command.index, row.decide(command, ctx))


def decide_intent(reading: Ruled, ctx: Context, index: int = 0) -> Decision:
    """What plain words bring about. An approval or an abort that is not certain is asked back, never acted on."""
    if reading.intent is Intent.UNRELATED:
        return Decision()
    if reading.intent is Intent.QUERY:
        return _question(ctx, index)
    command = Command(COMMANDS[reading.intent], _argument(reading), index, reading.text)
    if reading.intent in ASKED_BACK and reading.confidence < HIGH:
        return _ask_back(command, ctx, reading)
    decision = decide(command, ctx)
    if decision.refused or decision.failed:
        return decision
    return replace(decision, changes=(*decision.changes, _noticed(reading, ctx)))


def suggest(name: str, ctx: Context, index: int = 0) -> Decision:
    """One hint for a word close to ours; nothing for people who may not command anything."""
    if not permitted(BY_NAME["help"].who, ctx.actor):
        return Decision()
    key = "commands.suggestion" if is_offered(name) else "commands.later"
    text = say(ctx.language, key, command=Md(f"`/{name}`"))
    return Decision(effects=(react(ctx, index, CONFUSED), answer(ctx, index, text)), failed=True)


def tampered(ctx: Context, index: int = 0) -> Decision:
    """Our comment was edited by somebody else: written back as it was, and said once."""
    source = ctx.source
    if source.comment_id is None or source.restore is None:
        return Decision()
    text = say(ctx.language, "commands.tampered", login=ctx.actor.login)
    note = Note("ERROR", "comment edited by somebody else", ctx.actor.login, {"comment": source.comment_id})
    effects = (put_back(ctx, index, source.comment_id, source.restore), answer(ctx, index, text))
    return Decision((note,) if ctx.task else (), effects)


def _argument(reading: Ruled) -> str:
    return reading.text if reading.intent in (Intent.TASK_NEW, Intent.PLAN_REVISE) else ""


def _question(ctx: Context, index: int) -> Decision:
    if not permitted(BY_NAME["ask"].who, ctx.actor):
        return refuse(ctx, index)
    return Decision(
        effects=(react(ctx, index, CONFUSED), answer(ctx, index, say(ctx.language, "commands.question_later")))
    )


def _ask_back(command: Command, ctx: Context, reading: Ruled) -> Decision:
    row, task = BY_NAME[command.name], ctx.task
    if not permitted(row.who, ctx.actor, ctx.approvers):
        return refuse(ctx, command.index)
    if task is None or task.status not in row.when:
        return Decision()
    if command.name == "abort":
        text, box = say(ctx.language, "commands.sure.abort"), button(ctx.language, "abort", "/abort")
    elif task.plan is not None and task.status is TaskStatus.PLANNED:
        text = say(ctx.language, "commands.sure.approve", hash=shown(task.plan))
        box = button(ctx.language, "approve", f"/approve {task.plan.plan_hash[:4]}")
    else:
        return Decision()
    return accept(ctx, command.index, _noticed(reading, ctx), effects=(answer(ctx, command.index, text, [box]),))


def _noticed(reading: Ruled, ctx: Context) -> AddMessage | Note:
    """Every reading is logged with its confidence."""
    facts = {"intent": reading.intent.value, "confidence": reading.confidence, "type": reading.task_type}
    return Note("INTENT_DETECTED", reading.intent.value, ctx.actor.login, facts)
