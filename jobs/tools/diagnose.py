"""Why an edit's old text does not stand in the file: the cause in one sentence, and the nearest passage with numbers.
Pure.
"""

from __future__ import annotations

import difflib
import html
import re
from collections.abc import Callable
from dataclasses import dataclass

from jobs.tools.filetext import around

_NUMBERED = re.compile(r"^\s*\d+(?:\t|\| |:\s|→)", re.M)
_BARRED = re.compile(r"^\s*\d+\|", re.M)
_NUMBERS = "`old` carries the line numbers that read_file shows. Send the lines without number and tab."
_CURLY = str.maketrans(
    dict.fromkeys("\u201c\u201d\u201e", '"')
    | dict.fromkeys("\u2018\u2019\u201a", "'")
    | dict.fromkeys("\u2013\u2014", "-")
    | {"\u00a0": " "}
)
_FENCE = re.compile(r"\A\s*```[\w-]*\n|\n```\s*\Z")
_MANY_LINES = 4_000


@dataclass(frozen=True)
class Cause:
    """What was found. `fix` tells what to send instead."""

    name: str
    fix: str


def _lines(change: Callable[[str], str]) -> Callable[[str], str]:
    return lambda text: "\n".join(change(line) for line in text.split("\n"))


_SAME: tuple[tuple[str, str, Callable[[str], str]], ...] = (
    ("line numbers", _NUMBERS, lambda text: _NUMBERED.sub("", text)),
    ("line numbers", _NUMBERS, lambda text: _BARRED.sub("", text)),
    ("code fence", "`old` is wrapped in a code fence. Send the lines alone.", lambda text: _FENCE.sub("", text)),
    (
        "diff signs",
        "`old` carries the + and - signs of a diff. Send the lines as they stand in the file.",
        _lines(lambda line: line[1:] if line[:1] in {"+", "-", " "} else line),
    ),
    ("CRLF", "Line ends differ: `old` holds \\r. Send it with plain line ends.", lambda text: text.replace("\r", "")),
    (
        "trailing blanks",
        "Blanks at line ends differ between `old` and the file. Copy the lines exactly.",
        _lines(str.rstrip),
    ),
    (
        "tabs against spaces",
        "The file and `old` differ in tabs and spaces at the line starts. Use what the file has.",
        _lines(lambda line: re.sub(r"^[ \t]+", lambda found: found.group().expandtabs(4), line)),
    ),
    ("indentation", "The indentation differs. Copy the leading blanks from the file.", _lines(str.lstrip)),
    (
        "typographic characters",
        "Quotes, dashes or blanks are typographic on one side (such as “ or \u2014). Copy the file's own characters.",
        lambda text: text.translate(_CURLY),
    ),
    (
        "escapes",
        '`old` holds escapes such as \\n or \\" as characters. Send real line ends and quotes.',
        lambda text: text.replace("\\n", "\n").replace("\\t", "\t").replace('\\"', '"').replace("\\\\", "\\"),
    ),
    ("HTML entities", "`old` holds HTML entities such as &lt;. Send the plain characters.", html.unescape),
    (
        "empty lines",
        "Empty lines differ between `old` and the file. Copy the passage exactly.",
        lambda text: re.sub(r"\n\s*\n", "\n", text),
    ),
    ("letter case", "Upper and lower case differ. Copy the file's spelling.", str.lower),
    (
        "line breaks",
        "The words stand there, but blanks or line breaks differ. Copy the passage exactly.",
        lambda text: " ".join(text.split()),
    ),
)
_ELISION = re.compile(r"^\s*(?:#|//)?\s*(?:\.\.\.|…)(?:\s*\w[\w ]*)?\s*$", re.M)


def cause_of(old: str, new: str, text: str) -> Cause | None:
    """The first explanation that makes the old text match, or None."""
    if new.strip() and new in text and len(new.strip()) > 8:
        return Cause("already done", "`new` stands in the file already: perhaps this edit was made before.")
    if _ELISION.search(old) and not _ELISION.search(text):
        return Cause("elision", "`old` leaves lines out with `...`. Every line of the passage has to be there.")
    for name, fix, normal in _SAME:
        shape = normal(old).strip("\n")
        if shape.strip() and normal(old) != old and shape in text:
            return Cause(name, fix)
        if shape.strip() and shape in normal(text):
            return Cause(name, fix)
    return None


def nearest(old: str, text: str) -> str:
    """The passage of the file that is most like the old text, with line numbers; empty where nothing is near."""
    wanted = [line.strip() for line in _NUMBERED.sub("", old).strip("\n").split("\n")]
    lines = text.removesuffix("\n").split("\n")
    start, score = _best(wanted, [line.strip() for line in lines[:_MANY_LINES]])
    if score < 0.35:
        return ""
    return around(lines, start + 1, start + len(wanted), 2)


def _best(wanted: list[str], lines: list[str]) -> tuple[int, float]:
    """Where a window of lines is most like the wanted ones. Lines that are equal count fully, others by their
    letters.
    """
    size = len(wanted)
    rough = []
    for start in range(max(1, len(lines) - size + 1)):
        window = lines[start : start + size]
        rough.append((sum(a == b and a != "" for a, b in zip(window, wanted, strict=False)), -start))
    best = [-start for count, start in sorted(rough, reverse=True)[:5] if count]
    anchors = best or _anchors(wanted, lines)
    joined = "\n".join(wanted)
    scored = [
        (difflib.SequenceMatcher(None, "\n".join(lines[start : start + size]), joined, autojunk=False).ratio(), -start)
        for start in anchors
    ]
    if not scored:
        return 0, 0.0
    score, start = max(scored)
    return -start, score


def _anchors(wanted: list[str], lines: list[str]) -> list[int]:
    longest = max(range(len(wanted)), key=lambda place: len(wanted[place]))
    close = difflib.get_close_matches(wanted[longest], lines, 3, 0.4)
    return [max(0, place - longest) for place, line in enumerate(lines) if line in close][:5]
