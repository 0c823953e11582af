"""Commit messages: a conventional subject, a body that says what and why, trailers that name task, step and attempt."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

HOLD = ("Devtask-CI", "hold [skip ci]")
WIP = ("Devtask-State", "wip")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_SUBJECT_MAX = 72


@dataclass(frozen=True)
class Identity:
    """An author, committer or co-author."""

    name: str
    email: str

    def line(self) -> str:
        """`Name <address>` without what would end the line or the name early."""
        return f"{_one_line(self.name, '<>')} <{_one_line(self.email, '<> ')}>"


@dataclass(frozen=True)
class Authorship:
    """Who made the commit, and when."""

    author: Identity
    committer: Identity
    at: datetime

    def environment(self) -> dict[str, str]:
        stamp = f"{int(self.at.astimezone(UTC).timestamp())} +0000"
        return {
            "GIT_AUTHOR_NAME": _one_line(self.author.name, "<>"),
            "GIT_AUTHOR_EMAIL": _one_line(self.author.email, "<> "),
            "GIT_AUTHOR_DATE": stamp,
            "GIT_COMMITTER_NAME": _one_line(self.committer.name, "<>"),
            "GIT_COMMITTER_EMAIL": _one_line(self.committer.email, "<> "),
            "GIT_COMMITTER_DATE": stamp,
        }


def message(subject: str, body: str, trailers: Mapping[str, str], last: tuple[str, str] | None = None) -> str:
    """The whole message; `last` is the closing trailer (the hold marker works only as one: a bare line would hide
    them all).
    """
    head = _one_line(subject, "")
    if len(head) > _SUBJECT_MAX:
        head = head[: _SUBJECT_MAX - 1].rstrip() + "…"
    lines = [f"{name}: {_one_line(value, '')}" for name, value in trailers.items()]
    if last:
        lines.append(f"{last[0]}: {last[1]}")
    parts = [head, _wrapped(body), "\n".join(lines)]
    return "\n\n".join(part for part in parts if part) + "\n"


def _wrapped(body: str) -> str:
    """The body at 72 columns. A line that could pass for a trailer at the end is kept apart by the trailers' own
    paragraph.
    """
    paragraphs = _CONTROL.sub("", body).strip().split("\n\n")
    return "\n\n".join(_paragraph(text) for text in paragraphs if text.strip())


def _paragraph(text: str) -> str:
    lines = text.strip("\n").splitlines()
    if any(line.startswith((" ", "-", "*", "\t")) for line in lines):
        return "\n".join(line.rstrip() for line in lines)
    return textwrap.fill(" ".join(lines), 72, break_long_words=False, break_on_hyphens=False)


def _one_line(text: str, without: str) -> str:
    flat = " ".join(_CONTROL.sub(" ", text).split())
    return "".join(letter for letter in flat if letter not in without)
