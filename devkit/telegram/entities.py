"""Formatted text: HTML and MarkdownV2 become plain text with entities, or the refusal that Telegram gives.

Offsets and lengths count UTF-16 code units, offsets in refusals count bytes, both as in Telegram.
"""

import html
import re
from dataclasses import dataclass
from typing import Any

from devkit.telegram.errors import Refusal

TAGS = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "span": "spoiler",
    "tg-spoiler": "spoiler",
    "a": "text_link",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
    "tg-emoji": "custom_emoji",
}
MARKS = {"*": "bold", "_": "italic", "__": "underline", "~": "strikethrough", "||": "spoiler"}
RESERVED = frozenset("_*[]()~`>#+-=|{}.!")
PIECE = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9-]*)?([^<>]*)>?|&(?:lt|gt|amp|quot|#\d+|#x[0-9a-fA-F]+);|[^<&]+|&")
MARK = re.compile(r"\\.|```|`|\|\||__|[*_~]|\[|\]|.", re.DOTALL)


def units(text: str) -> int:
    """The length in UTF-16 code units."""
    return len(text.encode("utf-16-le")) // 2


@dataclass
class Open:
    """An entity that has begun: what began it, where (UTF-16 in the plain text, bytes in the source)."""

    mark: str
    kind: str
    start: int
    byte: int
    url: str = ""

    def closed(self, end: int) -> dict[str, Any]:
        """The finished entity."""
        entity: dict[str, Any] = {"type": self.kind, "offset": self.start, "length": end - self.start}
        return {**entity, "url": self.url} if self.kind == "text_link" else entity


def parse(text: str, mode: str | None) -> tuple[str, list[dict[str, Any]]]:
    """(plain text, entities). Raises Refusal as `can't parse entities: ...`."""
    match (mode or "").lower():
        case "":
            return text, []
        case "html":
            return _Html(text).parsed()
        case "markdownv2":
            return _Markdown(text).parsed()
    raise Refusal("unsupported parse_mode")


def _refuse(reason: str) -> Refusal:
    return Refusal(f"can't parse entities: {reason}")


def _literal(token: str) -> str:
    """The text that a token of Markdown stands for. Raises Refusal for a reserved character that is not escaped."""
    if token[0] == "\\" and len(token) == 2:
        return token[1]
    if token in RESERVED or token == "\\":
        raise _refuse(f"Character '{token}' is reserved and must be escaped with the preceding '\\'")
    return token


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.plain = ""
        self.stack: list[Open] = []
        self.entities: list[dict[str, Any]] = []

    def open(self, mark: str, kind: str, index: int, url: str = "") -> None:
        self.stack.append(Open(mark, kind, units(self.plain), self.byte(index), url))

    def close(self) -> None:
        entity = self.stack.pop().closed(units(self.plain))
        inside_pre = entity["type"] == "code" and self.stack and self.stack[-1].kind == "pre"
        if entity["length"] and not inside_pre:
            self.entities.append(entity)

    def byte(self, index: int) -> int:
        return len(self.text[:index].encode())

    def result(self) -> tuple[str, list[dict[str, Any]]]:
        return self.plain, sorted(self.entities, key=lambda entity: (entity["offset"], -entity["length"]))


class _Html(_Parser):
    def parsed(self) -> tuple[str, list[dict[str, Any]]]:
        for piece in PIECE.finditer(self.text):
            if not piece[0].startswith("<"):
                self.plain += html.unescape(piece[0]) if piece[0].endswith(";") else piece[0]
            elif piece[1]:
                self._end(piece)
            else:
                self._start(piece)
        if self.stack:
            raise _refuse(f'Can\'t find end tag corresponding to start tag "{self.stack[-1].mark}"')
        return self.result()

    def _start(self, piece: re.Match[str]) -> None:
        name = (piece[2] or "").lower()
        if name not in TAGS or not piece[0].endswith(">"):
            raise _refuse(f'Unsupported start tag "{name}" at byte offset {self.byte(piece.start())}')
        link = re.search(r"""href\s*=\s*["']?([^"'\s>]+)""", piece[3] or "")
        self.open(name, TAGS[name], piece.start(), html.unescape(link[1]) if link else "")

    def _end(self, piece: re.Match[str]) -> None:
        where = self.byte(piece.start())
        if not self.stack:
            raise _refuse(f"Unexpected end tag at byte offset {where}")
        if (piece[2] or "").lower() != self.stack[-1].mark:
            wanted = self.stack[-1].mark
            raise _refuse(f'Unmatched end tag at byte offset {where}, expected "</{wanted}>", found "{piece[0]}"')
        self.close()


class _Markdown(_Parser):
    def parsed(self) -> tuple[str, list[dict[str, Any]]]:
        index = 0
        while found := MARK.match(self.text, index):
            index = self._token(found[0], index)
        if self.stack:
            kind = self.stack[-1].kind.replace("text_link", "TextUrl").capitalize()
            raise _refuse(f"Can't find end of {kind} entity at byte offset {self.stack[-1].byte}")
        return self.result()

    def _token(self, token: str, index: int) -> int:
        after = index + len(token)
        if token in ("`", "```"):
            return self._code(token, index)
        if token == "]" and self.stack and self.stack[-1].mark == "[":
            return self._link(after)
        if token in MARKS:
            self._mark(token, index)
        elif token == "[":
            self.open("[", "text_link", index)
        elif not self._begins_quote(token, index):
            self.plain += _literal(token)
        return after

    def _begins_quote(self, token: str, index: int) -> bool:
        return token == ">" and (index == 0 or self.text[index - 1] == "\n")

    def _mark(self, token: str, index: int) -> None:
        if self.stack and self.stack[-1].mark == token:
            self.close()
        else:
            self.open(token, MARKS[token], index)

    def _code(self, fence: str, index: int) -> int:
        kind = "code" if fence == "`" else "pre"
        end = self.text.find(fence, index + len(fence))
        if end < 0:
            raise _refuse(f"Can't find end of {kind.capitalize()} entity at byte offset {self.byte(index)}")
        self.open(fence, kind, index)
        inner = self.text[index + len(fence) : end]
        self.plain += re.sub(r"\\([`\\])", r"\1", re.sub(r"^\w*\n", "", inner) if kind == "pre" else inner)
        self.close()
        return end + len(fence)

    def _link(self, index: int) -> int:
        target = re.compile(r"\(((?:\\.|[^)\\])*)\)").match(self.text, index)
        if not target:
            raise _refuse("Character ']' is reserved and must be escaped with the preceding '\\'")
        self.stack[-1].url = re.sub(r"\\(.)", r"\1", target[1])
        self.close()
        return target.end()
