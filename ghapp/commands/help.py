"""`/help` -> eyes, and the commands that are possible now for whoever asks."""

from __future__ import annotations

from collections.abc import Iterable

from ghapp.commands.model import Command, Row
from ghapp.decision import Context, Decision, Who, permitted
from ghapp.emit.inert import Md
from ghapp.replies import accept, answer
from ghapp.say.messages import say
from state.lifecycle import TaskStatus

NAME = "help"
SPANISH = ("ayuda",)
HELP = "commands.help.help"
WHO = Who.NOT_STRANGER
WHEN = frozenset((None, *TaskStatus))
USAGE = ""


def decide(command: Command, ctx: Context) -> Decision:
    """Reads the table; nothing is listed by hand."""
    from ghapp.commands.table import BUILT  # the table lists this file too

    return accept(ctx, command.index, effects=(answer(ctx, command.index, text(BUILT, ctx)),))


def text(rows: Iterable[Row], ctx: Context) -> str:
    """One line per command that this person may give in this state."""
    possible = [row for row in rows if row.possible(ctx.task) and permitted(row.who, ctx.actor, ctx.approvers)]
    return "\n".join((say(ctx.language, "commands.help.title"), "", *(_line(row, ctx.language) for row in possible)))


def _line(row: Row, language: str) -> str:
    shown = Md(f"`/{row.name}{' ' + row.usage if row.usage else ''}`")
    return say(language, "commands.help.line", command=shown, what=Md(say(language, row.help)))
