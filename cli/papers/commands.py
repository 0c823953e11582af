"""docs/commands.md, from the command table and the English catalog."""

from __future__ import annotations

from collections.abc import Iterable

from ghapp.commands.later import ROWS as LATER
from ghapp.commands.model import Row
from ghapp.commands.options import PRIORITIES, TYPES
from ghapp.commands.table import BUILT
from ghapp.decision import Who
from ghapp.say.messages import plain

HEAD = """# Commands

Made from `ghapp/commands/table.py` by `make docs`; a check holds it to the code.

A command is a line of a new comment, or of an issue's opening text, that begins with `/`. Several lines may carry
several commands. What stands in code, quotes or HTML comments is ignored, and editing a comment never executes
anything. Upper and lower case are the same, and Spanish names work too. Every command also exists as
`/devtask <command>`; without the prefix only those marked "anywhere" are listened to in a thread that has no task. The
label `devtask` on an issue is `/task` with its title and text.
"""
WHO = {
    Who.WRITE: "write permission",
    Who.TRIAGE: "triage permission",
    Who.TRIAGE_OR_REQUESTER: "triage permission, or who asked for the task",
    Who.APPROVER: "write permission; where the repository lists approvers, only these",
    Who.NOT_STRANGER: "triage permission, or who asked for the task",
}


def commands_page() -> str:
    """The text of docs/commands.md."""
    parts = [HEAD, "## Built\n", _table(BUILT), _options(), "## Understood, not built yet\n", LATER_TEXT, _table(LATER)]
    return "\n".join(parts)


LATER_TEXT = """The grammar knows these; each answers in one line that it is not built yet, and does nothing.
"""


def _table(rows: Iterable[Row]) -> str:
    lines = ["| command | Spanish | what it does | who may | anywhere |", "|---|---|---|---|---|"]
    return "\n".join([*lines, *map(_row, rows), ""])


def _row(row: Row) -> str:
    command = f"`/{row.name}{' ' + row.usage if row.usage else ''}`"
    spanish = ", ".join(f"`/{name}`" for name in row.spanish)
    return f"| {command} | {spanish} | {plain('en', row.help)} | {WHO[row.who]} | {'yes' if row.bare else ''} |"


def _options() -> str:
    return "\n".join(
        (
            "## Options of `/task`\n",
            "Words of the form `key=value` at the beginning or the end of its first line:\n",
            f"- `type=` {', '.join(sorted(TYPES))}",
            "- `base=` the branch to start from",
            f"- `priority=` {', '.join(dict.fromkeys(PRIORITIES.values()))}",
            "- `budget=` US dollars that the task may cost",
            "- `deadline=` a day such as 2027-03-31",
            "- `discovery=` yes or no\n",
        )
    )
