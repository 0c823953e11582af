"""The whole text of a plan whose comment is cut: a file beside the task's logs, named in the comment."""

from __future__ import annotations

from collections.abc import Iterable

from ghapp.emit.gate import BODY_LIMIT, MARKER_ROOM
from jobs.runtime import Runtime
from state.effects import Effect
from state.views import TaskView


def whole_name(task: TaskView, number: int, text: str) -> str:
    """Where all of a version's text is, from the folder of the logs; empty where a comment has room for it."""
    return f"{task.key}/plan-v{number}.md" if len(text) > BODY_LIMIT - MARKER_ROOM else ""


def keep_whole(runtime: Runtime, task: TaskView, number: int, text: str) -> None:
    """Write it down where it is needed; the database holds the plan itself."""
    _keep(runtime, whole_name(task, number, text), text)


def keep_named(runtime: Runtime, effects: Iterable[Effect]) -> None:
    """Write down the whole text of every effect that names a file for it."""
    for effect in effects:
        _keep(runtime, str(effect.body.get("whole") or ""), str(effect.body.get("text") or ""))


def _keep(runtime: Runtime, name: str, text: str) -> None:
    if not name:
        return
    path = runtime.settings.logs_path / name
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.touch(mode=0o600)
    path.write_text(runtime.redactor.redact(text).text, encoding="utf-8")
