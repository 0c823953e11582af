"""Task-list check boxes: which lines they are, and ticking one as a person does on the page."""

from __future__ import annotations

import re

from devkit.github.errors import Refused, not_found

BOX = re.compile(r"^(\s*(?:[-*+]|\d+[.)])\s+)\[([ xX])\](\s+.*)$")


def boxes(body: str) -> list[tuple[int, bool, str]]:
    """(line index, ticked, text) of every check box outside code fences."""
    found, fence = [], ""
    for index, line in enumerate(body.splitlines()):
        mark = re.match(r"^\s*(```+|~~~+)", line)
        if mark and (not fence or mark.group(1)[:3] == fence):
            fence = "" if fence else mark.group(1)[:3]
        elif not fence and (box := BOX.match(line)):
            found.append((index, box.group(2) != " ", box.group(3).strip()))
    return found


def toggled(body: str, position: int) -> str:
    """The body with the box at ``position`` (counted from 0) ticked or unticked; other bytes stay. 404: no such box."""
    found = boxes(body)
    if not 0 <= position < len(found):
        raise not_found()
    lines = body.splitlines(keepends=True)
    index, ticked, _ = found[position]
    lines[index] = re.sub(r"\[[ xX]\]", "[ ]" if ticked else "[x]", lines[index], count=1)
    return "".join(lines)


def position_of(body: str, text: str) -> int:
    """Where the one box is whose text holds ``text``; the exact or first-word match wins. 404: none."""
    found = boxes(body)
    for wanted in (lambda line: line == text, lambda line: line.startswith(text), lambda line: text in line):
        for position, (_, _, line) in enumerate(found):
            if wanted(line):
                return position
    raise not_found()


def web_text(body: str) -> str:
    """A text as a browser's form sends it: lines end with CRLF."""
    return body.replace("\r\n", "\n").replace("\n", "\r\n")


def check_unchanged(shown: str, current: str) -> None:
    """409 when the text changed since the page was rendered; line ends do not count."""
    if web_text(shown) != web_text(current):
        raise Refused(409, "This comment has been edited since you loaded the page. Reload it and try again.")
