"""The commands that a text or a button may offer. A command joins when it is built, and with it all that offers it.

`ghapp.commands.table` says what is built, and reads texts itself; so the names stand here once more, and
`tests/ghapp/say/test_offered.py` holds the two together.
"""

from __future__ import annotations

TALK = ("task", "plan", "approve", "reject", "revise", "status", "cost", "help")
CONTROL = ("abort", "retry", "skip", "fix", "ci", "allow-path")
OFFERED = frozenset((*TALK, *CONTROL))
PREFIX = "devtask"


def name(command: str) -> str:
    """The command's name: `retry` of `/retry 3` and of `/devtask retry 3`."""
    words = command.removeprefix("/").split()
    return next((word for word in words if word != PREFIX), "")


def is_offered(command: str) -> bool:
    """Whether the command, written with or without its prefix and argument, may be offered."""
    return name(command) in OFFERED
