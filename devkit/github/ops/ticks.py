"""Ticking a task-list box as a person does on the page."""

from __future__ import annotations

import hashlib
import re

from devkit.github.errors import Refused, not_found
from devkit.github.markdown import boxes


def toggled(body: str, position: int) -> str:
    """The body with the box at ``position`` (counted from 0) ticked or unticked; other bytes stay. 404: no such box."""
    found = boxes(body)
    if not 0 <= position < len(found):
        raise not_found()
    lines = re.split(r"(?<=\n)", body)
    index, ticked, _ = found[position]
    lines[index] = re.sub(r"\[[ xX]\]", "[ ]" if ticked else "[x]", lines[index], count=1)
    return "".join(lines)


def position_of(body: str, text: str) -> int:
    """Where the one box is whose text is, begins with, or holds ``text`` (in this order). 404: none."""
    found = boxes(body)
    for wanted in (lambda line: line == text, lambda line: line.startswith(text), lambda line: text in line):
        for position, (_, _, line) in enumerate(found):
            if wanted(line):
                return position
    raise not_found()


def web_text(body: str) -> str:
    """A text as a browser's form sends it: lines end with CRLF."""
    return body.replace("\r\n", "\n").replace("\n", "\r\n")


def version(body: str) -> str:
    """What a page remembers of the text that it showed; line ends do not count."""
    return hashlib.sha256(web_text(body).encode()).hexdigest()[:16]


def check_unchanged(shown: str, current: str) -> None:
    """409 when the version on the page is not that of the current text."""
    if shown != version(current):
        raise Refused(409, "This comment has been edited since you loaded the page. Reload it and try again.")
