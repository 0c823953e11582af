"""replace_lines: replace a range of lines whose first and last text the model repeats as a check."""

from __future__ import annotations

from jobs.tools.edit import put, ready
from jobs.tools.filetext import around
from jobs.tools.paths import Mistake
from jobs.tools.session import ToolSession


def replace_lines(
    session: ToolSession, path: object, start: object, end: object, first_line: object, last_line: object, new: object
) -> str:
    """The answer after the edit. Raises Mistake; then nothing was changed."""
    name = session.path(path)
    if not isinstance(new, str) or not isinstance(first_line, str) or not isinstance(last_line, str):
        raise Mistake("`first_line`, `last_line` and `new` have to be texts.")
    file = ready(session, name)
    lines = file.lines()
    first, last = number(start, "start"), number(end, "end")
    if not 1 <= first <= last <= len(lines):
        raise Mistake(f"Lines {first} to {last} are not in {name}, which has {len(lines)} lines.")
    for place, given in ((first, first_line), (last, last_line)):
        if _plain(lines[place - 1]) != _plain(given):
            raise Mistake(
                f"Line {place} of {name} is not what you say; nothing was changed. It stands here:\n"
                f"{around(lines, first, last)}"
            )
    body = new.replace("\r\n", "\n") if file.crlf else new
    middle = body.removesuffix("\n").split("\n") if body else []
    text = "\n".join([*lines[: first - 1], *middle, *lines[last:]])
    ended = file.text.endswith("\n") and bool(text)
    return put(session, name, file, file.with_text(text + ("\n" if ended else "")), first, body)


def _plain(line: str) -> str:
    return line.strip("\r\n").rstrip()


def number(value: object, name: str, least: int = 1) -> int:
    """A whole number, also when it was sent as a text. Raises Mistake."""
    if isinstance(value, str) and value.strip().isdigit():
        value = int(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise Mistake(f"`{name}` has to be a whole number of at least {least}.")
    return value
