"""A command as a value, and the table row of one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ghapp.decision import Context, Decision, Who
from state.lifecycle import PauseReason, TaskStatus
from state.views import TaskView


@dataclass(frozen=True)
class Command:
    """`argument` is what a reader sees after the name, `raw` the source from the slash on, `hidden` the parts left out.

    `index` counts the commands of one body from 0.
    """

    name: str
    argument: str = ""
    index: int = 0
    raw: str = ""
    hidden: int = 0


@dataclass(frozen=True)
class Parsed:
    """The commands of a body, in order, and at most one of our names for a word that is close to it."""

    commands: tuple[Command, ...] = ()
    suggestion: str | None = None


@dataclass(frozen=True)
class Row:
    """One command of the table. `when`: the task's states in which `/help` offers it, None standing for no task.

    `pauses`: reasons of a pause in which it is offered too. `usage` is what follows the name in `/help`; `release` is
    set while the command is not built yet.
    """

    name: str
    spanish: tuple[str, ...]
    help: str
    who: Who
    decide: Callable[[Command, Context], Decision]
    when: frozenset[TaskStatus | None] = frozenset()
    usage: str = ""
    bare: bool = False
    release: str | None = None
    pauses: frozenset[PauseReason] = frozenset()

    def possible(self, task: TaskView | None) -> bool:
        """Whether it means something for this task as it stands, or where there is none."""
        if task is None:
            return None in self.when
        return task.status in self.when or task.pause_reason in self.pauses
