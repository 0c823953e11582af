"""Untrusted fragments as Markdown that does nothing.

A fragment (model text, file name, test output, title) becomes Markdown that renders as that same text and nothing else:
no mention, link, image, HTML, list, heading or table, no command of another bot at a line's start, no closing keyword,
no cross-reference. Code spans survive, since models name symbols that way. `inert(inert(x)) == inert(x)`.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from ghapp.emit.clean import clean

ZERO = "\u200b"

# bots that act on their name anywhere in a raw body, code included
BOTS = (
    r"dependabot|renovate|mergify|bors|homu|claude|codex|copilot|coderabbit|gemini|jules|devin|cursor|sourcery|github"
)
# phrases that bots obey at the start of a line without a slash or a mention
PHRASES = (
    r"bors|homu|r\?|r\+|r-|dependabot|renovate|mergify|jenkins|recheck|retest|ok to test|test this|add to whitelist"
)

_PHRASE_LINE = re.compile(rf"(?i)^(\s*)(?=(?:{PHRASES})(?:\W|$))(.)")
_BOT_NAME = re.compile(rf"(?i)@(?=(?:{BOTS}))")
_URL = re.compile(r"(?:[A-Za-z][A-Za-z0-9+.-]{0,20}://|(?i:www)\.)[^\s`<>\"()\[\]]*")
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_RUN = re.compile(r"`+")
_SPECIAL = re.compile(r"[\\`*\[\]~|$]|(?<![^\W_])_|_(?![^\W_])")
_NUMBERED = re.compile(r"^(\d{1,9})([.)])(?=\s|$)")
_MENTION = re.compile(r"@(?=\S)")
_REFERENCE = re.compile(r"#(?=\d)|(?i:gh-)(?=\d)")
_BLOCK_START = "-+#=/>:@"
_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})\s*([\w+-]{0,20})\s*$")


class Md(str):
    """Markdown by intent: written by our code or already made inert."""

    __slots__ = ()


def inert(text: str) -> Md:
    """One line of inert Markdown; newlines become spaces."""
    if isinstance(text, Md):
        return text
    pieces = _trimmed(list(_merged(_split_urls(_pieces(" ".join(clean(text).split()))))))
    return Md(
        "".join(_code(piece) if is_code else _literal(piece, not at) for at, (is_code, piece) in enumerate(pieces))
    )


def inert_block(text: str) -> Md:
    """Several lines: paragraphs and fenced code are kept, everything else is made inert line by line."""
    if isinstance(text, Md):
        return text
    out: list[str] = []
    lines = iter(clean(text).split("\n"))
    for line in lines:
        opening = _FENCE.match(line)
        if opening:
            out.append(fence("\n".join(_until_closed(lines, opening[1])), opening[2]))
            continue
        rendered = inert(line)
        if rendered or (out and out[-1]):
            out.append(rendered)
    return Md("\n".join(out).strip("\n"))


def code(text: str) -> Md:
    """A code span that nothing inside can leave."""
    return Md(_code(" ".join(clean(text).split()) or " "))


def fence(text: str, language: str = "") -> Md:
    """A fenced block, its fence longer than any run of backticks inside; lines that a bot would obey are broken."""
    text = _BOT_NAME.sub("@" + ZERO, clean(text).strip("\n"))
    lines = [ZERO + line if line.lstrip()[:1] in ("/", "@") and line.strip() else line for line in text.split("\n")]
    ticks = "`" * max(3, 1 + max((len(run) for run in _RUN.findall(text)), default=0))
    return Md(f"{ticks}{language}\n" + "\n".join(lines) + f"\n{ticks}")


def cell(text: str) -> Md:
    """Inert text for a table cell."""
    return Md(re.sub(r"(?<!\\)\|", r"\\|", inert(text)))


def _pieces(line: str) -> Iterator[tuple[bool, str]]:
    """(is code, text) pairs as CommonMark reads them: escapes and entities resolved, code spans apart."""
    at = 0
    text = ""
    while at < len(line):
        span = _span(line, at) if line[at] == "`" else None
        if span:
            yield False, text
            yield True, span[0]
            text, at = "", span[1]
            continue
        char, at = _char(line, at)
        text += char
    yield False, text


def _char(line: str, at: int) -> tuple[str, int]:
    if line[at] == "`":
        run = _RUN.match(line, at)
        assert run
        return run[0], run.end()
    for pattern in (_ESCAPED, _ENTITY):
        found = pattern.match(line, at)
        if found:
            return found[1] if pattern is _ESCAPED else " ".join(
                clean(html.unescape(found[0])).split("\n")
            ), found.end()
    return line[at], at + 1


def _span(line: str, at: int) -> tuple[str, int] | None:
    opening = _RUN.match(line, at)
    assert opening
    for closing in _RUN.finditer(line, opening.end()):
        if len(closing[0]) == len(opening[0]):
            inner = line[opening.end() : closing.start()].strip()
            return (inner, closing.end()) if inner else None
    return None


def _split_urls(pieces: Iterator[tuple[bool, str]]) -> Iterator[tuple[bool, str]]:
    for is_code, text in pieces:
        if is_code:
            yield True, text
            continue
        at = 0
        for url in _URL.finditer(text):
            yield False, text[at : url.start()]
            yield True, url[0]
            at = url.end()
        yield False, text[at:]


def _merged(pieces: Iterator[tuple[bool, str]]) -> Iterator[tuple[bool, str]]:
    """Neighbours of one kind joined: two code spans side by side would run into each other."""
    last: tuple[bool, str] | None = None
    for is_code, text in pieces:
        if not text:
            continue
        if last and last[0] == is_code:
            last = (is_code, last[1] + text)
            continue
        if last:
            yield last
        last = (is_code, text)
    if last:
        yield last


def _trimmed(pieces: list[tuple[bool, str]]) -> list[tuple[bool, str]]:
    """White space that entities stood for, collapsed; none at either end."""
    pieces = [(is_code, text if is_code else re.sub(r"\s+", " ", text)) for is_code, text in pieces]
    if pieces and not pieces[0][0]:
        pieces[0] = (False, pieces[0][1].lstrip())
    if pieces and not pieces[-1][0]:
        pieces[-1] = (False, pieces[-1][1].rstrip())
    return [piece for piece in pieces if piece[1]]


def _code(text: str) -> str:
    text = _BOT_NAME.sub("@" + ZERO, text.strip())
    ticks = "`" * (1 + max((len(run) for run in _RUN.findall(text)), default=0))
    pad = " " if "`" in (text[:1], text[-1:]) or not text else ""
    return f"{ticks}{pad}{text}{pad}{ticks}"


def _literal(text: str, first: bool) -> str:
    """Text as Markdown that shows exactly it; `first` where it may stand at a line's start."""
    start = ""
    if first and text[0] in _BLOCK_START:
        start, text = "\\" + text[0] + (ZERO if text[0] == "@" else ""), text[1:]
    elif first and _NUMBERED.match(text):
        found = _NUMBERED.match(text)
        assert found
        start, text = f"{found[1]}\\{found[2]}", text[found.end() :]
    elif first:
        text = _PHRASE_LINE.sub(rf"\1\2{ZERO}", text)
    return start + _escaped(text)


def _escaped(text: str) -> str:
    text = _SPECIAL.sub(r"\\\g<0>", text)
    text = re.sub(r"&(?=#?\w+;)", "&amp;", text).replace("<", "&lt;")
    text = _MENTION.sub("@" + ZERO, text)
    return _REFERENCE.sub(rf"\g<0>{ZERO}", text)


def _until_closed(lines: Iterator[str], opening: str) -> Iterator[str]:
    for line in lines:
        bare = line.strip()
        if bare and set(bare) == {opening[0]} and len(bare) >= len(opening):
            return
        yield line
