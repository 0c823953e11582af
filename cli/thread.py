"""An issue's thread printed as it grows."""

from __future__ import annotations

import re
import textwrap
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ghapp.say.turn import ICONS
from ghapp.say.messages import say
from state.lifecycle import TaskStatus

if TYPE_CHECKING:
    from devkit.github.client import World

WIDTH = 100
LINES = 24
HIDDEN = re.compile(r"<!--.*?-->|</?sub>", re.S)
ENDS = (TaskStatus.COMPLETED, TaskStatus.FAILED, TaskStatus.ABORTED)


class Thread:
    """Follows one issue. `say` prints."""

    def __init__(self, world: World, repo: str, number: int, say: Callable[[str], None]) -> None:
        self._world = world
        self._repo = repo
        self._number = number
        self._say = say
        self._shown: dict[int, str] = {}

    def person(self, login: str, text: str) -> int:
        """Somebody comments."""
        made = self._world.comment(self._repo, self._number, login, text)
        self._shown[made] = text
        self._say(f"┌ {login}\n│ {text}\n")
        return made

    def note(self, text: str) -> None:
        """Something that happens beside the comments."""
        self._say(f"· {text}\n")

    def show_new(self) -> list[dict[str, Any]]:
        """Print what came or changed since; all comments."""
        comments = self._world.comments(self._repo, self._number)
        for one in comments:
            before = self._shown.get(int(one["id"]))
            if before != one["body"]:
                self._shown[int(one["id"])] = one["body"]
                self._print(one, edited=before is not None)
        return comments

    def wait_for(self, text: str, seconds: float) -> dict[str, Any] | None:
        """The first comment that holds the text, printed as it comes; None when it does not come in time."""
        return self._wait(lambda body: text in body, seconds)

    def wait_for_end(self, seconds: float) -> dict[str, Any] | None:
        """The final or failure report."""
        heads = tuple(f"### {ICONS[status]} {say('en', f'state.{status.value.lower()}')}" for status in ENDS)
        return self._wait(lambda body: body.startswith(heads) and "devtask:op" in body, seconds)

    def _wait(self, wanted: Callable[[str], bool], seconds: float) -> dict[str, Any] | None:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            for one in self.show_new():
                if wanted(one["body"]):
                    return one
            time.sleep(0.3)
        self._say(f"nothing came within {seconds:.0f} s")
        return None

    def _print(self, comment: dict[str, Any], *, edited: bool) -> None:
        text = HIDDEN.sub("", comment["body"]).strip()
        lines = [part for line in text.splitlines() for part in (textwrap.wrap(line, WIDTH) or [""])]
        more = [f"… {len(lines) - LINES} more lines"] if len(lines) > LINES else []
        head = f"┌ {comment['user']['login']}" + (" (edited)" if edited else "")
        self._say("\n".join([head, *(f"│ {line}" for line in [*lines[:LINES], *more])]) + "\n")
