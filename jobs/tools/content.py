"""A file's bytes as text and back, so that what an edit does not touch stays byte for byte as it is."""

from __future__ import annotations

import codecs
import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

LINE_CHARS: Final = 1_000
_SNIFFED: Final = 8_192
_KINDS: Final = (
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"%PDF", "a PDF document"),
    (b"PK\x03\x04", "a zip archive"),
    (b"\x1f\x8b", "gzip data"),
    (b"\x7fELF", "a compiled program"),
    (b"SQLite format 3", "an SQLite database"),
    (b"\xff\xfe", "UTF-16 text"),
    (b"\xfe\xff", "UTF-16 text"),
)


@dataclass(frozen=True)
class Text:
    """A text file. `raw` has the file's own line ends; bytes that are not UTF-8 travel as surrogates."""

    raw: str
    bom: bool = False

    @classmethod
    def of(cls, data: bytes) -> Text | None:
        """The text of these bytes; None when they are binary."""
        if b"\0" in data[:_SNIFFED]:
            return None
        bom = data.startswith(codecs.BOM_UTF8)
        return cls(data[len(codecs.BOM_UTF8) * bom :].decode("utf-8", "surrogateescape"), bom)

    def data(self) -> bytes:
        """The bytes to store."""
        return codecs.BOM_UTF8 * self.bom + self.raw.encode("utf-8", "surrogateescape")

    @cached_property
    def plain(self) -> str:
        """With `\\n` as the only line end."""
        return self.raw.replace("\r\n", "\n")

    @cached_property
    def lines(self) -> list[str]:
        """Without their ends."""
        found = self.plain.split("\n")
        return found[:-1] if found[-1] == "" else found

    @property
    def newline(self) -> str:
        """The line end that most lines have."""
        windows = self.raw.count("\r\n")
        return "\r\n" if windows > self.raw.count("\n") - windows else "\n"

    def spliced(self, start: int, end: int, new: str) -> Text:
        """With `new` in place of the characters from `start` to `end` of `plain`; everything else keeps its bytes."""
        left, right = self._raw_offset(start), self._raw_offset(end)
        gone = self.raw[left:right]
        ending = ("\r\n" if "\r\n" in gone else "\n") if "\n" in gone else self.newline
        return replace(self, raw=self.raw[:left] + with_newlines(new, ending) + self.raw[right:])

    def line_start(self, number: int) -> int:
        """The offset in `plain` where line `number` (from 1) begins; the text's end for the one after the last."""
        return min(sum(len(line) + 1 for line in self.lines[: number - 1]), len(self.plain))

    def _raw_offset(self, offset: int) -> int:
        return offset + bisect_left(self._windows_ends, offset)

    @cached_property
    def _windows_ends(self) -> list[int]:
        return [match.start() - count for count, match in enumerate(re.finditer("\r\n", self.raw))]


def with_newlines(text: str, ending: str) -> str:
    """The text with this line end throughout."""
    plain = text.replace("\r\n", "\n")
    return plain if ending == "\n" else plain.replace("\n", ending)


def line_of(text: str, offset: int) -> int:
    """The number, from 1, of the line in which this offset stands."""
    return text.count("\n", 0, offset) + 1


def showable(line: str, width: int = LINE_CHARS) -> str:
    """A line as it can be sent: no half characters, not endless."""
    sound = line.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return sound if len(sound) <= width else f"{sound[:width]} [... {len(sound) - width} more characters in this line]"


def numbered(lines: Sequence[str], first: int) -> str:
    """Lines with their numbers, as read_file shows them."""
    return "\n".join(f"{number}\t{showable(line)}" for number, line in enumerate(lines, first))


def around(lines: Sequence[str], start: int, end: int, more: int = 3) -> str:
    """Lines `start` to `end` (from 1) and some before and after, numbered."""
    first = max(1, start - more)
    return numbered(lines[first - 1 : end + more], first)


def kind_of(data: bytes) -> str:
    """What a binary file is, as far as its first bytes tell."""
    return next((name for start, name in _KINDS if data.startswith(start)), "binary")
