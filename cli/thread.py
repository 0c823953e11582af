"""An issue's thread printed as it grows: new comments folded, edits as what they add, and a word in silence."""

from __future__ import annotations

import re
import textwrap
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from ghapp.say.messages import say
from ghapp.say.turn import ICONS
from state.lifecycle import TaskStatus

if TYPE_CHECKING:
    from devkit.github.client import World

WIDTH = 96
LINES = 26
EDITED_LINES = 8
SILENCE_SECONDS = 10.0
POLL_SECONDS = 0.3
HIDDEN = re.compile(r"<!--.*?-->|<sub>.*?</sub>", re.S)
FOLDED = re.compile(r"<details>\s*<summary>([^<\n]*)</summary>(?:(?!<details>).)*?</details>", re.S)
LINK = re.compile(r"\[([^\]]+)\]\([^)\s]+\)")
NOW = re.compile(r"^(?:Now|Ahora): (.+)$", re.M)
STOPS = (TaskStatus.PAUSED, TaskStatus.FAILED, TaskStatus.ABORTED)


class Thread:
    """Follows one issue. `say` prints."""

    def __init__(self, world: World, repo: str, number: int, say: Callable[[str], None]) -> None:
        self._world = world
        self._repo = repo
        self._number = number
        self._say = say
        self._shown: dict[int, str] = {}
        self._told = time.monotonic()
        self._begun = self._told

    def person(self, login: str, text: str) -> int:
        """Somebody comments."""
        made = self._world.comment(self._repo, self._number, login, text)
        self._shown[made] = text
        self._print(login, wrapped(text))
        return made

    def note(self, text: str) -> None:
        """Something that happens beside the comments."""
        self._out(f"· {text}\n")

    def show_new(self) -> list[dict[str, Any]]:
        """Print what came or changed since; all comments."""
        comments = self._world.comments(self._repo, self._number)
        for one in comments:
            before = self._shown.get(int(one["id"]))
            if before != one["body"]:
                self._shown[int(one["id"])] = one["body"]
                self._show(one["user"]["login"], one["body"], before)
        return comments

    def wait_for(self, text: str, seconds: float) -> dict[str, Any] | None:
        """The first comment that holds the text, printed as it comes; None when it stops before, or takes too long."""
        return self._wait(lambda body: text in body, seconds)

    def wait_for_end(self, seconds: float) -> dict[str, Any] | None:
        """The final report; None when the task stops otherwise, or takes too long."""
        return self._wait(lambda body: reports(body, (TaskStatus.COMPLETED,)), seconds)

    def _wait(self, wanted: Callable[[str], bool], seconds: float) -> dict[str, Any] | None:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            comments = self.show_new()
            for one in comments:
                if wanted(one["body"]):
                    return one
            if any(reports(one["body"], STOPS) for one in comments):
                return None
            self._break_silence(comments)
            time.sleep(POLL_SECONDS)
        self._out(f"nothing came within {seconds:.0f} s")
        return None

    def _break_silence(self, comments: Sequence[dict[str, Any]]) -> None:
        if time.monotonic() - self._told >= SILENCE_SECONDS:
            bodies = [one["body"] for one in comments if one["user"]["type"] == "Bot"]
            self._out(f"· {time.monotonic() - self._begun:.0f} s: {doing(bodies[0]) if bodies else 'waiting'} ...\n")

    def _show(self, login: str, body: str, before: str | None) -> None:
        lines = wrapped(readable(body))
        if before is None:
            self._print(login, cut(lines, LINES))
            return
        old = set(wrapped(readable(before)))
        added = [line for line in lines if line.strip() and line not in old]
        if added:
            self._print(f"{login} (edited)", cut(added, EDITED_LINES))

    def _print(self, head: str, lines: Sequence[str]) -> None:
        self._out("\n".join([f"┌ {head}", *(f"│ {line}".rstrip() for line in lines)]) + "\n")

    def _out(self, text: str) -> None:
        self._told = time.monotonic()
        self._say(text)


def reports(body: str, statuses: Sequence[TaskStatus]) -> bool:
    """Whether the comment is the milestone that one of these states brings (the status comment has no operation)."""
    heads = tuple(f"### {ICONS[status]} {say('en', f'state.{status.value.lower()}')}" for status in statuses)
    return body.startswith(heads) and "devtask:op" in body


def readable(body: str) -> str:
    """The comment for a terminal: folded parts as one line, links as their text, no bold, no hidden parts."""
    text = HIDDEN.sub("", body)
    while (folded := FOLDED.sub(r"▸ \1", text)) != text:
        text = folded
    return re.sub(r"\n{3,}", "\n\n", LINK.sub(r"\1", text).replace("**", "")).strip()


def wrapped(text: str) -> list[str]:
    """Lines of at most WIDTH columns; what belongs to a list item stays below it."""
    lines: list[str] = []
    for line in text.splitlines():
        hang = re.match(r"\s*(?:[-*] |\d+\. )?", line)
        indent = " " * len(hang[0]) if hang else ""
        lines += textwrap.wrap(line, WIDTH, subsequent_indent=indent, break_on_hyphens=False) or [""]
    return lines


def cut(lines: Sequence[str], limit: int) -> list[str]:
    """The first lines, and how many more there are."""
    if len(lines) <= limit:
        return list(lines)
    return [*lines[:limit], f"… {len(lines) - limit} more lines on the page"]


def doing(status: str) -> str:
    """What runs now, from the status comment: its activity, else its headline."""
    text = readable(status)
    found = NOW.search(text)
    return found[1] if found else text.splitlines()[0].lstrip("# ")
