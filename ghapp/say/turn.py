"""Whose turn it is: the headline, the sentence below it and the one label, all from the task's status."""

from __future__ import annotations

from enum import StrEnum

from ghapp.clients.github.facts import Label
from ghapp.say.layout import short
from ghapp.say.messages import say
from state.lifecycle import PauseReason, TaskStatus
from state.views import TaskView

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
MIRROR_LABELS = frozenset(label.name for label in LABELS.values())
# pauses that end by themselves when their reason has gone
_OUTSIDE = frozenset({PauseReason.PROVIDER, PauseReason.INSTALLATION_SUSPENDED, PauseReason.REPO_GONE})


def turn(status: TaskStatus, pause: PauseReason | None = None) -> Turn | None:
    """Who must act; None once a task was aborted."""
    if status in (TaskStatus.PLANNING, TaskStatus.EXECUTING):
        return Turn.WORKING
    if status is TaskStatus.BLOCKED or (status is TaskStatus.PAUSED and pause in _OUTSIDE):
        return Turn.WAITING
    if status is TaskStatus.COMPLETED:
        return Turn.DONE
    return None if status is TaskStatus.ABORTED else Turn.YOURS


def label(status: TaskStatus, pause: PauseReason | None = None) -> Label | None:
    """The one label that mirrors who must act; the caller takes the others of `MIRROR_LABELS` away."""
    who = turn(status, pause)
    return LABELS[who] if who else None


def headline(view: TaskView) -> str:
    """The first line of a comment: state and title."""
    state = say(view.language, f"state.{view.status.value.lower()}")
    return f"### {ICONS[view.status]} {state}: {short(view.title, 120)}"


def asked(view: TaskView) -> str:
    """Whose turn it is and what is asked, in one sentence."""
    lang = view.language
    if view.status is TaskStatus.PAUSED:
        reason = view.pause_reason or PauseReason.USER
        return say(lang, f"turn.paused.{reason.value}")
    if view.status is TaskStatus.BLOCKED:
        return say(lang, "turn.blocked", reason=view.status_reason or "-")
    return say(lang, f"turn.{view.status.value.lower()}")
