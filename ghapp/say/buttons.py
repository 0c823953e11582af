"""Buttons: check boxes in our comments, each with the command that it stands for beside it.

The one definition of the line format: texts render it, the tick grammar reads it.

    - [ ] **Approve and run** `/approve 7f3a`
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from ghapp.say.messages import say
from ghapp.say.offered import is_offered

LINE = re.compile(
    r"^- \[(?P<mark>[ xX])\] \*\*(?P<label>[^*`\n]{1,80})\*\*(?: {1,2}|&nbsp;)`(?P<command>/[^`\n]{1,200})`$"
)


@dataclass(frozen=True)
class Button:
    """A label in the reader's language and the command, with its slash, that a tick stands for."""

    label: str
    command: str


@dataclass(frozen=True)
class Found:
    """A button line of a body: `line` counts from 0."""

    line: int
    button: Button
    ticked: bool


def button(lang: str, key: str, command: str) -> Button:
    """A button labelled with the catalog text `button.<key>`."""
    return Button(say(lang, f"button.{key}"), command)


def render(item: Button) -> str:
    """The button's line, unticked. Raises `ValueError` where the line could not be read back."""
    line = f"- [ ] **{item.label}**  `{item.command}`"
    if not LINE.match(line):
        raise ValueError(f"not a button: {line!r}")
    return line


def render_all(items: Iterable[Button]) -> str:
    """Button lines one below the other; a command that may not be offered gets none."""
    return "\n".join(render(item) for item in items if is_offered(item.command))


def read(body: str) -> tuple[Found, ...]:
    """All button lines of a body (CRLF or LF), in order."""
    found: list[Found] = []
    for number, line in enumerate(body.replace("\r\n", "\n").split("\n")):
        match = LINE.match(line)
        if match:
            item = Button(match["label"], match["command"])
            found.append(Found(number, item, match["mark"] != " "))
    return tuple(found)
