"""Whose turn it is: the headline, the sentence below it and the one label, all from the task's status."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from ghapp.clients.github.facts import Label
from ghapp.emit.inert import Md, code
from ghapp.say.buttons import Button, button
from ghapp.say.layout import short
from ghapp.say.messages import say
from ghapp.say.offered import is_offered
from state.lifecycle import PauseReason, TaskStatus
from state.views import HELD, TaskView

ICONS = {
    TaskStatus.PLANNING: "🧭",
    TaskStatus.DISCOVERY: "❓",
    TaskStatus.PLANNED: "📋",
    TaskStatus.BLOCKED: "⛓️",
    TaskStatus.EXECUTING: "⚙️",
    TaskStatus.PAUSED: "⏸️",
    TaskStatus.FAILED: "❌",
    TaskStatus.COMPLETED: "✅",
    TaskStatus.ABORTED: "🛑",
}


class Turn(StrEnum):
    """Who must act."""

    YOURS = "your turn"
    WORKING = "working"
    WAITING = "waiting"
    DONE = "done"


LABELS = {
    Turn.YOURS: Label("devtask: your turn", "d93f0b", "A person has to answer, approve or decide"),
    Turn.WORKING: Label("devtask: working", "1d76db", "The bot is at work"),
    Turn.WAITING: Label("devtask: waiting", "fbca04", "Waiting for something outside; goes on by itself"),
    Turn.DONE: Label("devtask: done", "0e8a16", "The branch is ready"),
}
BUTTON_PATH = 180
MIRROR_LABELS = frozenset(label.name for label in LABELS.values())
# pauses whose reason the bot looks at again by itself, where a time is set for it
_OUTSIDE = frozenset(
    {PauseReason.PROVIDER, PauseReason.INSTALLATION_SUSPENDED, PauseReason.REPO_GONE, PauseReason.BUDGET}
)


def waits(view: TaskView) -> bool:
    """Whether the task is paused and goes on by itself, at `resume_at`."""
    return view.status is TaskStatus.PAUSED and view.pause_reason in _OUTSIDE and view.resume_at is not None


def turn(view: TaskView) -> Turn | None:
    """Who must act; None once a task was aborted."""
    if view.status in (TaskStatus.PLANNING, TaskStatus.EXECUTING):
        return Turn.WORKING
    if view.status is TaskStatus.BLOCKED or waits(view):
        return Turn.WAITING
    if view.status is TaskStatus.COMPLETED:
        return Turn.DONE
    return None if view.status is TaskStatus.ABORTED else Turn.YOURS


def held_paths(view: TaskView) -> list[str]:
    """Protected paths that the task's step waits for."""
    return [str(path) for path in view.options.get(HELD) or ()]


def allow_buttons(lang: str, paths: Sequence[str]) -> list[Button]:
    """One button for each path that a button can carry."""
    fit = [path for path in paths if "`" not in path and len(path) < BUTTON_PATH]
    return [button(lang, "allow_path", f"/allow-path {path}") for path in fit]


def label(view: TaskView) -> Label | None:
    """The one label that mirrors who must act; the caller takes the others of `MIRROR_LABELS` away."""
    who = turn(view)
    return LABELS[who] if who else None


def headline(view: TaskView) -> str:
    """The first line of a comment: state and title."""
    state = say(view.language, f"state.{view.status.value.lower()}")
    return f"### {ICONS[view.status]} {state}: {short(view.title, 120)}"


def asked(view: TaskView) -> str:
    """Whose turn it is and what is asked, in a sentence or two."""
    lang = view.language
    if view.status is TaskStatus.PAUSED:
        return _paused(view, view.pause_reason or PauseReason.USER)
    if view.status is TaskStatus.BLOCKED:
        return say(lang, "turn.blocked", reason=view.status_reason or "-")
    return say(lang, f"turn.{view.status.value.lower()}")


def _paused(view: TaskView, reason: PauseReason) -> str:
    """Why it stands, and how it goes on: by itself at a time, by a command, or not at all."""
    lang = view.language
    if reason is PauseReason.DECISION and (held := held_paths(view)):
        listed = Md(", ".join(code(f"/allow-path {path}") for path in held))
        said = say(lang, "turn.paused.held", commands=listed)
        return f"**{say(lang, 'turn.yours')}** {said} {say(lang, 'turn.held_or_abort', abort=code('/abort'))}"
    if waits(view):
        again = say(lang, "turn.again_at", time=view.resume_at)
        return f"{say(lang, f'turn.waiting.{reason.value}')} {again}"
    return f"**{say(lang, 'turn.yours')}** {say(lang, f'turn.paused.{reason.value}')} {_goes_on(lang, reason)}"


def _goes_on(lang: str, reason: PauseReason) -> str:
    abort = code("/abort")
    if reason is PauseReason.BUDGET:
        return say(lang, "turn.budget", allow=code("/approve budget=…"), abort=abort)
    if is_offered("resume"):
        return say(lang, "turn.resume", resume=code("/resume"), abort=abort)
    # the service's start takes refused tasks up again
    return say(lang, "turn.restart" if reason is PauseReason.PROVIDER else "turn.only_abort", abort=abort)
