"""What a person sees of a comment: Markdown rendered as GitHub renders it, and read back as text.

Hidden text gets past every sanitiser that matches patterns, so nothing is matched here: the body is parsed (CommonMark,
tables, strikethrough), cleaned to GitHub's tags by an HTML5 parser, and walked. What is folded away in a closed
`<details>` counts as hidden: it is shown by a click only, and nobody who approves a plan can be expected to click.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token

from ghapp.invisible import drop_invisible, plain_letters, turns_direction
from ghapp.rendered import CODE, CODE_END, LINE, LINE_END, MARKED, Reader

TAGS = frozenset(
    re.findall(
        r"\w+",
        """h1 h2 h3 h4 h5 h6 br b i strong em a pre code img tt div ins del sup sub p ol ul li table thead tbody tfoot
        tr td th blockquote dl dt dd kbd q samp var hr ruby rt rp s strike summary details caption figure figcaption
        abbr bdo cite dfn mark small span time wbr""",
    )
)
UNSHOWN = frozenset(
    re.findall(
        r"\w+",
        """script style title textarea xmp iframe noembed noframes plaintext template noscript object select datalist
        audio video canvas svg math head""",
    )
)
ATTRIBUTES = {"*": {"hidden"}, "details": {"open", "hidden"}, "code": {"class", "hidden"}}
HIDDEN_HTML = re.compile(r"<!|<\?|<(?:" + "|".join(sorted(UNSHOWN)) + r")\b|\s(?:title|alt)\s*=", re.IGNORECASE)
SPELLED_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)|<\?.*?\?>|<!\[CDATA\[.*?\]\]>", re.DOTALL)
MATH = re.compile(r"\$\$.+?\$\$|\$[^$\n]+\$", re.DOTALL)
UNSEEN_MATH = re.compile(
    r"\\(?:(?:text|page|define|f)?color(?:box)?|[hv]?phantom|transparent|opacity|tiny|(?:math)?[rlc]lap|smash|[hvm]?space"
    r"|m?kern|m?skip|raisebox|style|class|cssId|require|href|unicode|verb|text\s*\{\s*\})"
)
SIGNATURE = re.compile(r"-- ?|-{2,} ?Original Message ?-{2,}|-{2,} ?Mensaje original ?-{2,}", re.IGNORECASE)
SLASH = re.compile(r"^( {0,3})(/[^\W\d_])")
MOST = 100_000  # GitHub keeps 65,536 characters; what is longer was not typed there


@dataclass(frozen=True)
class SlashLines:
    """The body's lines, which of them (0-based) begin a visible `/word`, and where the signature cuts the body off."""

    lines: tuple[str, ...]
    starts: tuple[int, ...]
    end: int


def slash_lines(body: str) -> SlashLines:
    """Find the lines that a reader sees as plain text beginning with `/`."""
    raw = unix_lines(body).split("\n")
    lines = [drop_invisible(line)[0] for line in raw]
    if not any(map(SLASH.match, lines)):
        return SlashLines(tuple(lines), (), len(lines))
    end = _signature(lines)
    marked = [
        line if turns_direction(raw[number]) else SLASH.sub(f"\\1{LINE}{number}{LINE_END}\\2", line)
        for number, line in enumerate(lines[:end])
    ]
    reader = Reader()
    reader.feed(_clean(_tokens("\n".join(marked))[0]))
    return SlashLines(tuple(lines), tuple(reader.lines), end)


def visible_text(body: str) -> tuple[str, int]:
    """What is rendered, as Markdown-like text for a prompt, and how many hidden parts were left out."""
    shown, count = drop_invisible(unix_lines(body))
    tokens, references = _tokens(shown)
    count += _hidden_parts(tokens, references)
    reader = Reader()
    reader.feed(_clean(tokens))
    text, more = _outside_code(reader.text)
    return text, count + reader.hidden + more


def quote_free(body: str) -> str:
    """What the writer says in own words: visible text without quotes, code and a mail's signature."""
    lines = drop_invisible(unix_lines(body))[0].split("\n")
    reader = Reader(skip=frozenset(("blockquote", "pre", "code", "kbd", "samp")))
    reader.feed(_clean(_tokens("\n".join(lines[: _signature(lines)]))[0]))
    return _outside_code(reader.text)[0]


def unix_lines(body: str) -> str:
    """Bodies edited on the web have CRLF; nothing is read beyond what GitHub can hold."""
    return body[:MOST].replace("\r\n", "\n").replace("\r", "\n")


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark", {"breaks": True, "html": True}).enable(["table", "strikethrough"])


def _tokens(source: str) -> tuple[list[Token], dict[str, Any]]:
    env: dict[str, Any] = {}
    tokens = _parser().parse(source, env)
    for token in _walk(tokens):
        if token.type in ("html_block", "html_inline"):
            token.content = MARKED.sub("", token.content)
    return tokens, env.get("references", {})


def _walk(tokens: Iterable[Token]) -> Iterable[Token]:
    for token in tokens:
        yield token
        yield from token.children or ()


def _clean(tokens: list[Token]) -> str:
    parser = _parser()
    html = parser.renderer.render(tokens, parser.options, {})
    return nh3.clean(
        html, tags=set(TAGS), clean_content_tags=set(UNSHOWN), attributes=ATTRIBUTES, link_rel=None, url_schemes=set()
    )


def _signature(lines: list[str]) -> int:
    """The line at which a mail's signature begins, outside code and HTML; the number of lines where there is none."""
    found = [number for number, line in enumerate(lines) if SIGNATURE.fullmatch(line)]
    if not found:
        return len(lines)
    blocks = [
        token.map
        for token in _parser().parse("\n".join(lines))
        if token.map and token.type in ("fence", "code_block", "html_block")
    ]
    outside = (number for number in found if not any(low <= number < high for low, high in blocks))
    return next(outside, len(lines))


def _hidden_parts(tokens: list[Token], references: dict[str, Any]) -> int:
    count, used = 0, set()
    for token in _walk(tokens):
        if token.type in ("html_block", "html_inline"):
            count += len(HIDDEN_HTML.findall(token.content))
        elif token.type == "fence":
            count += len(token.info.split()) > 1
        elif token.type == "image":
            count += bool(token.content) + bool(token.attrGet("title"))
            used.add(token.attrGet("src"))
        elif token.type == "link_open":
            count += bool(token.attrGet("title"))
            used.add(token.attrGet("href"))
    return count + sum(reference["href"] not in used for reference in references.values())


def _outside_code(text: str) -> tuple[str, int]:
    """Drop what prose hides (comments spelled with entities, invisible LaTeX); code shows every character it has."""
    count = 0

    def unseen(found: re.Match[str]) -> str:
        nonlocal count
        if found[0].startswith("$") and not UNSEEN_MATH.search(found[0]):
            return found[0]
        count += 1
        return ""

    parts = re.split(f"({CODE}.*?{CODE_END})", text, flags=re.DOTALL)
    for index in range(0, len(parts), 2):
        parts[index] = plain_letters(MATH.sub(unseen, SPELLED_COMMENT.sub(unseen, parts[index])))
    return "".join(parts).replace(CODE, "").replace(CODE_END, ""), count
