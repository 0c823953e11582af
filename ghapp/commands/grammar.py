"""The grammar of spec 3.1: from a body to the commands it carries. Pure; errors are values."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass

from ghapp.commands.model import Command, Parsed, Row
from ghapp.commands.options import fold
from ghapp.commands.table import ALIASES, BY_NAME
from ghapp.markdown import SlashLines, slash_lines, visible_text

PREFIX = "devtask"
LINE = re.compile(r" {0,3}/(?P<word>[^\W\d_][\w-]*)[:.,;!]*(?:[ \t]+(?P<rest>.*))?$")
SECOND = re.compile(r"/?(?P<word>[^\W\d_][\w-]*)[:.,;!]*(?:[ \t]+(?P<rest>.*))?$")
APPROVE_PLAN = frozenset(("approve", "aprobar"))
CLOSE = 0.75
MOST = 10  # commands of one body that are carried out; a comment with more is no conversation


@dataclass(frozen=True)
class _Start:
    """A recognised command line: where it stands, what it names, and what follows on it."""

    line: int
    row: Row
    rest: str


def parse(body: str, *, thread_has_task: bool, prefix_only: bool = False) -> Parsed:
    """The commands of a new comment or an opening text, in order, and one suggestion for a word close to ours."""
    seen = slash_lines(body)
    starts: list[_Start] = []
    suggestion: str | None = None
    for number in seen.starts:
        found = _read_line(seen.lines[number], number, thread_has_task, prefix_only)
        if isinstance(found, _Start):
            starts.append(found)
        else:
            suggestion = suggestion or found
    ends = [*(start.line for start in starts), seen.end][1:]
    pairs = list(zip(starts, ends, strict=False))[:MOST]
    return Parsed(tuple(_command(seen, start, end, at) for at, (start, end) in enumerate(pairs)), suggestion)


def _read_line(line: str, number: int, thread: bool, prefix_only: bool) -> _Start | str | None:
    found = LINE.match(line)
    if not found:
        return None
    word, rest = fold(found["word"]), found["rest"] or ""
    if word == PREFIX:
        return _prefixed(rest, number)
    row = ALIASES.get(word)
    if row is None:
        return _suggest(word) if thread and not prefix_only else None
    if prefix_only or not (thread or row.bare):
        return None
    return _named(row, rest, number)


def _prefixed(rest: str, number: int) -> _Start | str | None:
    if not rest.strip():
        return _Start(number, BY_NAME["help"], "")
    found = SECOND.match(rest.strip())
    if not found:
        return None
    row = ALIASES.get(fold(found["word"]))
    return _named(row, found["rest"] or "", number) if row else _suggest(fold(found["word"]))


def _named(row: Row, rest: str, number: int) -> _Start:
    first, _, more = rest.strip().partition(" ")
    if row.name == "plan" and fold(first) in APPROVE_PLAN:
        return _Start(number, BY_NAME["approve"], more)
    return _Start(number, row, rest)


def _suggest(word: str) -> str | None:
    close = difflib.get_close_matches(word, ALIASES, 1, CLOSE)
    return ALIASES[close[0]].name if close else None


def _command(seen: SlashLines, start: _Start, end: int, index: int) -> Command:
    """The argument is read as a reader sees it; the words before it keep its first line from turning into a list."""
    raw = "\n".join(seen.lines[start.line : end]).strip()
    below = "\n".join(seen.lines[start.line + 1 : end])
    text, hidden = visible_text(f"x {start.rest}\n{below}")
    return Command(start.row.name, text.removeprefix("x").strip(), index, raw, hidden)
