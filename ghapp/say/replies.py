"""Short answers in the thread: open questions, errors for people, the line under a text that was cut."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ghapp.emit.inert import Md, code, inert
from ghapp.say import buttons
from ghapp.say.layout import blocks, short
from ghapp.say.messages import catalog, language, say
from ghapp.say.offered import is_offered
from ghapp.say.turn import allow_buttons, asked, headline, held_paths
from state.errors import Told
from state.lifecycle import PauseReason, TaskStatus
from state.views import TaskView


@dataclass(frozen=True)
class Question:
    """One numbered question with an optional recommendation (details.md 4)."""

    question: str
    why: str = ""
    options: tuple[str, ...] = ()
    recommended: str = ""


def questions(lang: str, title: str, items: Sequence[Question]) -> str:
    """All open questions in one comment, answered by `/answer` or a plain reply."""
    lines: list[str] = []
    for number, item in enumerate(items, 1):
        lines.append(f"{number}. {inert(item.question)}")
        lines += [f"   - {chr(64 + place)}. {inert(option)}" for place, option in enumerate(item.options, 1)]
        if item.recommended:
            lines.append(f"   - {say(lang, 'question.recommended', answer=item.recommended)}")
        if item.why:
            lines.append(f"   - {say(lang, 'question.why', why=item.why)}")
    how = say(lang, "question.how", ok=code("/answer ok"), one=code("/answer 1: …"), skip=code("/answer skip"))
    return blocks(
        [
            f"### ❓ {say(lang, 'question.title')}: {short(title, 120)}",
            f"**{say(lang, 'turn.yours')}** {say(lang, 'question.asked', n=len(items))}",
            "\n".join(lines),
            how if is_offered("answer") else "",
        ]
    )


def told(lang: str, error: Told) -> str:
    """An error for people as a reply. Keys of the catalogs are said, other texts are shown as they are."""
    return " ".join(
        part for part in (_sentence(lang, error.key, error.params), _sentence(lang, error.hint, {})) if part
    )


def cut_note(lang: str, where: str) -> Md:
    """The honest line under a text that was too long: `where` names the whole (a log file, a file on the branch)."""
    return Md(say(lang, "emit.cut", where=code(where)))


def _sentence(lang: str, key: str | None, params: dict[str, object]) -> str:
    if key is None:
        return ""
    if key not in catalog(language(lang)):
        return inert(key)
    return say(lang, key, **params)


def paused(task: TaskView, reason: PauseReason, key: str, params: dict[str, object]) -> str:
    """A task was parked: why, and what a person may do."""
    lang = task.language
    now = task_paused(task, reason)
    return blocks(
        [
            headline(now),
            asked(now),
            say(lang, "status.reason", reason=Md(say(lang, key, **params))),
            buttons.render_all([*_allowing(now, key), buttons.button(lang, "abort", "/abort")]),
        ]
    )


def _allowing(task: TaskView, key: str) -> list[buttons.Button]:
    """A step that waits for a protected file can be let go on with one tap."""
    return allow_buttons(task.language, held_paths(task)) if key == "paused.by_held" else []


def plan_failed(task: TaskView, said: str) -> str:
    """No plan was made: the reason and the next step, already in the task's language."""
    return blocks([headline(replace(task, status=TaskStatus.FAILED)), said])


def task_paused(task: TaskView, reason: PauseReason) -> TaskView:
    """The task as it is about to be, until a person acts."""
    return replace(task, status=TaskStatus.PAUSED, pause_reason=reason, resume_at=None)
