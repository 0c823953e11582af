"""What one file defines and uses: the same shape whichever tool found it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple

MOST = 400
WIDTH = 140
CONSTANT_WIDTH = 70
CONTINUED = 8
_WORD: Final = re.compile(r"[A-Z]+(?![^\W\d_A-Z])|[A-Z]?[^\W\d_A-Z]+")
_UNSEEN: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")


class Kind(StrEnum):
    """What a definition is; a block (Rust's `impl`) holds definitions and defines nothing itself."""

    CLASS = "c"
    FUNCTION = "f"
    CONSTANT = "k"
    BLOCK = "b"


class Mark(NamedTuple):
    """A definition as a tool reports it: rows from 0, `last` is the row where it ends."""

    row: int
    last: int
    kind: Kind
    name: str


class Definition(NamedTuple):
    """A definition to show: line from 1, depth within others, the signature in one line."""

    line: int
    level: int
    kind: Kind
    name: str
    text: str


@dataclass(frozen=True)
class Outline:
    """A file: its number of lines, its definitions by line, the names that it uses, sorted."""

    lines: int
    definitions: tuple[Definition, ...] = ()
    references: tuple[str, ...] = ()


def outline(data: bytes, marks: Iterable[Mark], references: Iterable[str]) -> Outline:
    """Put the marks of a file in order; what is local to a function is left out, at most 400 are kept."""
    rows = data.split(b"\n")
    kept = []
    for mark, level in _outer(sorted(marks, key=lambda mark: (mark.row, -mark.last, mark.kind, mark.name))):
        text = signature(rows, mark)
        if not (mark.kind is Kind.CONSTANT and "require(" in text):
            kept.append(Definition(mark.row + 1, level, mark.kind, mark.name, text))
    return Outline(len(rows) - (not rows[-1]), tuple(kept[:MOST]), tuple(sorted(set(references))))


def _outer(marks: Sequence[Mark]) -> Iterable[tuple[Mark, int]]:
    """Each with its depth: one a row, none inside a function."""
    holders: list[Mark] = []
    row = -1
    for mark in marks:
        while holders and holders[-1].last < mark.row:
            holders.pop()
        if mark.row == row or (holders and holders[-1].kind is Kind.FUNCTION):
            continue
        row = mark.row
        yield mark, len(holders)
        if mark.kind is not Kind.CONSTANT:
            holders.append(mark)


def signature(rows: Sequence[bytes], mark: Mark) -> str:
    """The line of a definition, with those after it while a parenthesis is open, as one clean line."""
    raw = rows[mark.row][: 4 * WIDTH]
    if b"(" in raw and mark.kind is not Kind.CONSTANT and raw.count(b"(") > raw.count(b")"):
        for following in rows[mark.row + 1 : mark.row + CONTINUED]:
            raw += b" " + following.strip()[:WIDTH]
            if raw.count(b"(") <= raw.count(b")") or len(raw) > 4 * WIDTH:
                break
    text = visible(" ".join(raw.decode("utf-8", "replace").split()))
    text = text.replace("( ", "(").replace(", )", ")").rstrip("{:= .")
    width = CONSTANT_WIDTH if mark.kind is Kind.CONSTANT else WIDTH
    return text if len(text) <= width else f"{text[: width - 1]}…"


def visible(text: str) -> str:
    """Without characters that are not seen or that turn the text around."""
    return text if text.isascii() and text.isprintable() else _UNSEEN.sub("�", text)


def distinctive(name: str) -> bool:
    """Whether a name is of this repository rather than a plain word, or a method that every library has."""
    return len(name) > 8 or "_" in name[1:-1] or not name.islower()


def words(text: str) -> list[str]:
    """The words that an identifier, path or sentence is made of, in lower case and by their stem."""
    return [stem(word) for word in map(str.lower, _WORD.findall(text)) if len(word) > 2]


def stem(word: str) -> str:
    """`carts` and `cart`, `planned`, `planning` and `plan` are one word."""
    if len(word) > 5 and word.endswith(("ing", "ed")):
        word = word.removesuffix("ing").removesuffix("ed")
        return word[:-1] if word[-1] == word[-2] else word
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word
