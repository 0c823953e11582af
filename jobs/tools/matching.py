"""Where an edit's old text stands in a file, and, where it does not, why. Pure: text in, words out."""

from __future__ import annotations

import difflib
import html
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain, product
from typing import Final

from jobs.tools.content import line_of

Fold = Callable[[str], str]
_NUMBER = re.compile(r"^[ \t]*\d+(?:\t|[ \t]?[:|→-][ \t]?)", re.M)
_FENCE = re.compile(r"\A\s*```[\w+-]*\n(.*?)\n?```\s*\Z", re.S)
_ALIKE: Final = {
    **dict.fromkeys(map(ord, "\u2018\u2019\u201a\u2032"), "'"),
    **dict.fromkeys(map(ord, "\u201c\u201d\u201e\u2033"), '"'),
    **dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2212"), "-"),
    **dict.fromkeys(map(ord, "\u00a0\u2007\u202f"), " "),
    0x2026: "...",
}
_ELLIPSIS = re.compile(r"^[ \t]*(?:#|//|/\*|--)?[ \t]*(?:\.\.\.|\u2026)", re.M)
_WINDOW_LINES: Final = 20_000


@dataclass(frozen=True)
class Near:
    """The passage most like the old text: lines `start` to `end`, from 1."""

    start: int
    end: int


@dataclass(frozen=True)
class Miss:
    """Why the old text does not stand in the file, and where what was meant may be."""

    why: str
    near: Near | None


def places(text: str, old: str) -> list[int]:
    """Offsets at which `old` stands, overlapping ones too."""
    found, at = [], text.find(old)
    while at >= 0:
        found.append(at)
        at = text.find(old, at + 1)
    return found


def explain(text: str, old: str) -> Miss:
    """The first cause under which the old text would be found, else the nearest passage."""
    bares, folded = _unwrapped(old), [(why, fold, fold(text)) for why, fold in _FOLDS]
    exactly, loosely = product(bares, folded[:1]), product(bares, folded[1:])
    for (why_unwrapped, bare), (why_folded, fold, there) in chain(exactly, loosely):
        found = there.find(fold(bare).strip("\n"))
        if found >= 0:
            start = line_of(there, found)
            near = Near(start, start + bare.strip("\n").count("\n"))
            why = why_folded(text, bare, near) if why_folded else ""
            return Miss(" ".join(filter(None, (why_unwrapped, why))) or _blank_ends(), near)
    return _unlike(text, old)


def _unwrapped(old: str) -> list[tuple[str, str]]:
    """The old text as it is and without each wrapping that it has."""
    bares = [(why, unwrap(old)) for why, unwrap in _UNWRAPS]
    return [(why, bare) for why, bare in bares if bare.strip() and not (why and bare == old)]


def _blank_ends() -> str:
    return "It has empty lines before or after the passage that the file does not have there: leave them out."


def _unlike(text: str, old: str) -> Miss:
    if _ELLIPSIS.search(old):
        why = "It leaves lines out with `...`; every line of the passage has to be there, word for word."
        return Miss(why, nearest_block(text, old))
    near = nearest_block(text, old)
    if near is None:
        return Miss("No passage of the file is like it.", None)
    return Miss(_first_difference(text, old, near), near)


def _first_difference(text: str, old: str, near: Near) -> str:
    """Names the first line in which the old text and the nearest passage differ."""
    there = text.split("\n")[near.start - 1 : near.end]
    for number, (has, given) in enumerate(zip(there, old.strip("\n").split("\n"), strict=False), near.start):
        if has != given:
            return f"The nearest passage differs first in line {number}: the file has `{has.strip()[:160]}`, " + (
                f"`old` has `{given.strip()[:160]}`."
            )
    return "The nearest passage is shorter than `old`."


def nearest_block(text: str, old: str) -> Near | None:
    """The window of lines most like the old text: by equal lines first, else by the likeness of its longest line."""
    lines, wanted = text.split("\n"), old.strip("\n").split("\n")
    votes = _votes(lines, wanted)
    if votes:
        start = max(1, votes.most_common(1)[0][0] + 1)
        return Near(min(start, len(lines)), min(start + len(wanted) - 1, len(lines)))
    longest = max(range(len(wanted)), key=lambda index: len(wanted[index].strip()))
    stripped = [line.strip() for line in lines[:_WINDOW_LINES]]
    like = difflib.get_close_matches(wanted[longest].strip(), set(stripped), 1, 0.6)
    if not like:
        return None
    start = max(1, stripped.index(like[0]) + 1 - longest)
    return Near(start, min(start + len(wanted) - 1, len(lines)))


def _votes(lines: Sequence[str], wanted: Sequence[str]) -> Counter[int]:
    """For each line of the old text that stands somewhere, where the passage would begin; rare lines count more."""
    where: dict[str, list[int]] = {}
    for index, line in enumerate(lines):
        where.setdefault(line.strip(), []).append(index)
    votes: Counter[int] = Counter()
    for index, line in enumerate(wanted):
        at = where.get(line.strip(), []) if len(line.strip()) > 2 else []
        for found in at[:50]:
            votes[found - index] += max(1, 100 // len(at))
    return votes


def _unnumbered(old: str) -> str:
    lines = [line for line in old.split("\n") if line.strip()]
    return _NUMBER.sub("", old) if lines and all(_NUMBER.match(line) for line in lines) else old


def _undiffed(old: str) -> str:
    lines = old.split("\n")
    if any(line[:1] in "+-" and line for line in lines) and all(line[:1] in "+- " for line in lines):
        return "\n".join(line[1:] for line in lines if not line.startswith("+"))
    return old


def _unfenced(old: str) -> str:
    found = _FENCE.match(old)
    return found[1] if found else old


def _unescaped(old: str) -> str:
    return old.replace("\\r\\n", "\n").replace("\\n", "\n").replace("\\t", "\t").replace('\\"', '"')


_UNWRAPS: tuple[tuple[str, Fold], ...] = (
    ("", lambda old: old),
    ("It carries the line numbers that read_file shows; they are not part of the file: leave them out.", _unnumbered),
    ("Its line breaks are written as `\\n` in two characters; send real line breaks.", _unescaped),
    ("It is wrapped in a code fence; send only the lines between the fences.", _unfenced),
    ("It is written as a diff with `+` and `-`; send the plain lines as they stand now.", _undiffed),
    ("It is HTML-escaped (`&lt;`, `&amp;`); send the characters themselves.", html.unescape),
    ("It holds carriage returns that the file does not have there.", lambda old: old.replace("\r", "")),
)


def _trailing(text: str, old: str, near: Near) -> str:
    for number, line in enumerate(text.split("\n")[near.start - 1 : near.end], near.start):
        if line != line.rstrip():
            blanks = len(line) - len(line.rstrip())
            return f"Line {number} of the file ends in {blanks} blank{'s' * (blanks > 1)} that `old` does not have."
    return "`old` has blanks at the end of a line that the file does not have."


def _indentation(text: str, old: str, near: Near) -> str:
    there = text.split("\n")[near.start - 1 : near.end]
    for has, given in zip(there, old.strip("\n").split("\n"), strict=False):
        left, right = _indent(has), _indent(given)
        if left != right and "\t" in left + right and (" " in left + right or not right):
            return f"The file is indented with {_named(left)} there, `old` with {_named(right)}."
        if left != right:
            return f"The indentation differs: {_named(left)} in the file, {_named(right)} in `old`."
    return "The indentation differs."


def _indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]


def _named(indent: str) -> str:
    tabs, spaces = indent.count("\t"), indent.count(" ")
    parts = [f"{count} {name}{'s' * (count > 1)}" for count, name in ((tabs, "tab"), (spaces, "space")) if count]
    return " and ".join(parts) or "nothing"


def _each_line(change: Fold) -> Fold:
    return lambda text: "\n".join(change(line) for line in text.split("\n"))


def _words(line: str) -> str:
    return " ".join(line.split())


_FOLDS: tuple[tuple[Callable[[str, str, Near], str] | None, Fold], ...] = (
    (None, lambda text: text),
    (_trailing, _each_line(str.rstrip)),
    (_indentation, _each_line(str.strip)),
    (
        lambda *_: "It has other quotes, dashes or blanks than the file (curly for straight, or the reverse).",
        lambda text: text.translate(_ALIKE),
    ),
    (
        lambda *_: "It differs in the blanks within a line.",
        _each_line(_words),
    ),
    (
        lambda *_: "It differs in quotes, dashes and blanks from the file (curly for straight, or the reverse).",
        _each_line(lambda line: _words(line.translate(_ALIKE))),
    ),
    (lambda *_: "It differs in upper and lower case.", _each_line(lambda line: _words(line).lower())),
)
