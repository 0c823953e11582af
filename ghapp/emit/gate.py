"""The last look at a whole body before it leaves: secrets out, nothing live in it, no longer than the sink takes.

Bodies are composed by `ghapp.say` from our own Markdown and inert fragments, so the gate normally changes nothing but
secrets. What a body of ours never holds (a foreign link, an image, other HTML) is a hole somewhere else: then the whole
body is made inert, which loses its buttons and closes the hole.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from markdown_it import MarkdownIt
from markdown_it.token import Token

from ghapp.emit.inert import ZERO, inert_block
from ghapp.emit.plain import html_text
from state.redact import Redactor

BODY_LIMIT = 65_536
MARKER_ROOM = 256  # the sender's hidden marker goes below the gated text
TELEGRAM_LIMIT = 4_096
KEEP = "<!-- devtask:keep -->"  # what stands below this line survives a cut

_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})")
_LIVE_START = re.compile(r"^(\s*(?:>\s*)*)([/@])")
_MENTION = re.compile(r"(?<![\w`])@(?=[A-Za-z0-9])")
_HTML = re.compile(r"^</?(?:details|summary|br|sub|kbd)(?: open)?\s*/?>$")
_TAG = re.compile(r"<!--.*?-->|<[^>]*>?", re.S)
_COMMENT = re.compile(r"^<!-- devtask:[\w:. -]*-->$")
_TELEGRAM_TAG = re.compile(r"</?(?:b|i|code|pre)>|<a href=\"(?P<href>[^\"<>]*)\">|</a>")


@dataclass(frozen=True)
class Emitted:
    """What may leave. `redactions` counts the secrets found, `cut` says that text is missing."""

    text: str
    redactions: int
    cut: bool


def gate(
    text: str,
    redactor: Redactor,
    *,
    limit: int = BODY_LIMIT - MARKER_ROOM,
    cut_note: str = "…",
    links: tuple[str, ...] = (),
) -> Emitted:
    """A comment, check run text or pull request body.

    `limit` counts characters, `cut_note` is the sentence that names where the whole is, `links` are the address
    prefixes (our own repository's pages) that may be linked.
    """
    found = redactor.redact(text.replace("\r\n", "\n"))
    body = _defused(found.text)
    if _foreign(body, links):
        body = inert_block(body)
    body, cut = _cut(body, limit, cut_note)
    return Emitted(body, found.count, cut)


def gate_telegram(
    text: str,
    redactor: Redactor,
    *,
    limit: int = TELEGRAM_LIMIT,
    cut_note: str = "…",
    links: tuple[str, ...] = (),
) -> Emitted:
    """A message in Telegram's HTML parse mode: only b, i, code, pre and links to `links`, else all of it as text."""
    found = redactor.redact(text)
    body = found.text
    tags = [match for match in re.finditer(r"<[^>]*>?", body)]
    if not all(_telegram_tag(tag[0], links) for tag in tags):
        body = html_text(body)
    if len(body) <= limit:
        return Emitted(body, found.count, False)
    kept: list[str] = []
    room = limit - len(cut_note) - 1
    for line in body.split("\n"):  # our texts close their tags on the line that opened them
        if len(line) + 1 > room:
            break
        kept.append(line)
        room -= len(line) + 1
    return Emitted("\n".join([*kept, cut_note]), found.count, True)


def gate_plain(text: str, redactor: Redactor, *, limit: int = BODY_LIMIT, cut_note: str = "…") -> Emitted:
    """A whole commit message or any other text without markup."""
    found = redactor.redact(text)
    if len(found.text) <= limit:
        return Emitted(found.text, found.count, False)
    return Emitted(found.text[: limit - len(cut_note) - 1] + "\n" + cut_note, found.count, True)


def live_lines(text: str) -> tuple[int, ...]:
    """Numbers of the lines outside code that begin with `/` or `@`: what another bot could take for a command."""
    return tuple(number for number, line, is_code in _lines(text) if not is_code and _LIVE_START.match(line))


def _defused(text: str) -> str:
    out: list[str] = []
    for _, line, is_code in _lines(text):
        if not is_code:
            line = _LIVE_START.sub(lambda m: f"{m[1]}\\{m[2]}{ZERO if m[2] == '@' else ''}", line)
            line = _outside_spans(line)
        out.append(line)
    return "\n".join(out)


def _outside_spans(line: str) -> str:
    """Mentions broken in the line except in its code spans."""
    if "@" not in line:
        return line
    parts = re.split(r"(?<!\\)((`+)(?!`).+?(?<!`)\2(?!`))", line)
    # re.split with two groups gives text, span, ticks, text, ...
    return "".join(
        _MENTION.sub("@" + ZERO, part) if number % 3 == 0 else part
        for number, part in enumerate(parts)
        if number % 3 != 2
    )


def _lines(text: str) -> Iterator[tuple[int, str, bool]]:
    """(number, line, is it code) for each line; the fences themselves count as code."""
    fence = ""
    for number, line in enumerate(text.split("\n")):
        mark = _FENCE.match(line)
        if fence:
            yield number, line, True
            fence = "" if _closes(line, fence) else fence
        else:
            fence = mark[1] if mark else ""
            yield number, line, mark is not None


def _closes(line: str, fence: str) -> bool:
    """Whether the line ends the code that the fence began: as long, of the same sign, and nothing beside it."""
    mark = _FENCE.match(line)
    return mark is not None and mark[1].startswith(fence) and not line.strip().strip(fence[0])


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])


def _foreign(text: str, links: tuple[str, ...]) -> bool:
    return any(_is_foreign(token, links) for token in _flat(_parser().parse(text)))


def _flat(tokens: list[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from _flat(token.children or [])


def _is_foreign(token: Token, links: tuple[str, ...]) -> bool:
    if token.type == "image":
        return True
    if token.type == "link_open":
        return not str(token.attrs.get("href", "")).startswith(links or ("\0",))
    if token.type in ("html_block", "html_inline"):
        return not all(_HTML.match(tag) or _COMMENT.match(tag) for tag in _TAG.findall(token.content))
    return token.type == "text" and _autolink(token.content, links)


def _autolink(text: str, links: tuple[str, ...]) -> bool:
    urls = re.findall(r"(?:https?|ftp)://\S+|www\.\S+", text, re.I)
    return any(not url.startswith(links or ("\0",)) for url in urls)


def _telegram_tag(tag: str, links: tuple[str, ...]) -> bool:
    match = _TELEGRAM_TAG.fullmatch(tag)
    return match is not None and (match["href"] is None or match["href"].startswith(links or ("\0",)))


def _cut(text: str, limit: int, note: str) -> tuple[str, bool]:
    if len(text) <= limit:
        return text, False
    head, keep, tail = text.rpartition(KEEP)
    if not keep or len(tail) > limit // 2:
        head, tail = text, ""
    room = limit - len(note) - len(tail) - len(KEEP) - 4
    kept: list[str] = []
    closers: list[str] = []
    for line in _pieces(head, room):
        closers = _open_after(line, closers)
        if len(line) + 1 + sum(len(closer) + 2 for closer in closers) > room:
            closers = _open_after("\n".join(kept), [], whole=True)
            break
        kept.append(line)
        room -= len(line) + 1
    ending = "\n".join(reversed(closers))
    return "\n".join([*kept, *([ending] if ending else []), "", note + (f"\n{KEEP}{tail}" if tail else "")]), True


def _pieces(text: str, room: int) -> Iterator[str]:
    """Lines; the first one that could never fit is shortened rather than dropped, unless it is markup."""
    for line in text.split("\n"):
        yield line if len(line) < room else line[: max(0, room // 2)].replace("`", "'").replace("<", "&lt;")


def _open_after(text: str, closers: list[str], whole: bool = False) -> list[str]:
    """What must be written to close the fence and the <details> that are open after the text."""
    closers = list(closers)
    for line in text.split("\n") if whole else [text]:
        mark = _FENCE.match(line)
        if closers and closers[-1][0] in "`~":
            if _closes(line, closers[-1]):
                closers.pop()
        elif mark:
            closers.append(mark[1])
        elif line.startswith("<details"):
            closers.append("\n</details>")
        elif line.startswith("</details>") and closers:
            closers.pop()
    return closers
