"""A text file as a value that can be edited and written back without changing anything else about it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace

from jobs.tools.paths import Mistake

_BOM = b"\xef\xbb\xbf"
LINE_CHARS = 2_000


@dataclass(frozen=True)
class Text:
    """The text with `\\n` only where the file is uniform in its line ends; `crlf` and `bom` come back when it is
    written.
    """

    text: str
    crlf: bool = False
    bom: bool = False

    def encode(self) -> bytes:
        body = self.text.replace("\n", "\r\n") if self.crlf else self.text
        return (_BOM if self.bom else b"") + body.encode("utf-8")

    def with_text(self, text: str) -> Text:
        """The same file with another text; line ends of the new text are the file's."""
        return replace(self, text=text.replace("\r\n", "\n") if self.crlf else text)

    def lines(self) -> list[str]:
        """Lines without their ends; a last line end makes no empty line."""
        return self.text.removesuffix("\n").split("\n") if self.text else []


def decode(data: bytes, path: str) -> Text:
    """The file as text. Raises Mistake for what is none."""
    if b"\0" in data[:8_192]:
        raise Mistake(f"{path} is a binary file of {len(data)} bytes and cannot be shown or edited as text.")
    bom = data.startswith(_BOM)
    try:
        text = data.removeprefix(_BOM).decode("utf-8")
    except UnicodeDecodeError as wrong:
        raise Mistake(
            f"{path} is not UTF-8 text (byte {wrong.start}). Use run, for example with iconv or file."
        ) from wrong
    crlf = "\r\n" in text and text.count("\r\n") == text.count("\n")
    return Text(text.replace("\r\n", "\n") if crlf else text, crlf, bom)


def digest(data: bytes) -> str:
    """What tells whether a file changed since it was read."""
    return hashlib.sha256(data).hexdigest()


def numbered(lines: list[str], first: int = 1) -> str:
    """Lines as `  12<tab>text`; very long ones are cut and say so."""
    return "\n".join(f"{number:>5}\t{_short(line)}" for number, line in enumerate(lines, first))


def around(lines: list[str], first: int, last: int, context: int = 3) -> str:
    """The numbered lines `first` to `last` (from 1) with some before and after."""
    start, end = max(1, first - context), min(len(lines), last + context)
    return numbered(lines[start - 1 : end], start)


def _short(line: str) -> str:
    shown = line.replace("\r", "\\r")
    return (
        shown if len(shown) <= LINE_CHARS else f"{shown[:LINE_CHARS]} [... {len(shown) - LINE_CHARS} more characters]"
    )
