"""Untrusted text rendered as itself and nothing else (ABU-24, ABU-25)."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from ghapp.emit.inert import Md, cell, code, fence, inert, inert_block

ZERO = "\u200b"
MENTION = re.compile(r"@[A-Za-z0-9]")
ALLOWED = {"paragraph_open", "paragraph_close", "inline", "text", "code_inline", "softbreak", "hardbreak"}
PARSER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
CLOSING = re.compile(r"(?i)\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?):?\s+(?:[\w./-]+)?(?:#|gh-)\d")
COMMAND = re.compile(r"(?im)^\s*(?:/|@|bors\b|homu\b|r\?|r\+|jenkins\b|recheck\b)")

# ABU-24 (images, links, HTML) and ABU-25 (mentions, commands of other bots, closing keywords)
STRINGS = [
    "![](http://evil/?q=1)",
    "![x](https://evil.example/a.png)",
    "[click](http://evil)",
    "[click][ref]",
    "[ref]: http://evil",
    "<img src=http://evil/x.png>",
    "<a href='http://evil'>x</a>",
    "<http://evil>",
    "http://evil/?q=secret",
    "HTTPS://EVIL.EXAMPLE",
    "1http://evil",
    "www.evil.example",
    "xwww.evil.example",
    "ftp://evil/x",
    "<script>alert(1)</script>",
    "<details><summary>x</summary>",
    "</details>",
    "<!-- hidden -->",
    "<!-- devtask:keep -->",
    "<?x?>",
    "<![CDATA[x]]>",
    "![a[b]c](http://evil)",
    "[x](javascript:alert(1))",
    "[![x](http://evil)](http://evil)",
    "mailto:a@evil.example",
    "a@evil.example",
    "[^1]",
    "$\\color{white}{x}$",
    "<svg onload=x>",
    "&lt;img src=x&gt;",
    "&#60;img src=x&#62;",
    "/merge",
    "  /merge",
    "/lgtm cancel",
    "&#47;merge",
    "\\/merge",
    "@dependabot merge",
    "@everyone",
    "@org/team",
    "hello @bob",
    "&#64;bob",
    "&commat;bob",
    "\\@bob",
    "`@dependabot rebase`",
    "(@bob)",
    "@@bob",
    "@\u200bbob",
    "@\u202ebob",
    "bors r+",
    "BORS try",
    "r? @alice",
    "homu: retry",
    "jenkins test this please",
    "recheck",
    "ok to test",
    "Fixes #1",
    "fixes: #1",
    "Closes GH-12",
    "resolves owner/repo#3",
    "close https://github.com/o/r/issues/1",
    "# heading",
    "- item",
    "1. item",
    "> quote",
    "===",
    "---",
    "***",
    "| a | b |",
    "```\n@bob\n```",
    "~~~",
    "    indented",
    "*bold* _it_ ~~gone~~",
    "`code` and ``co`de``",
    "`unclosed",
    "a``b`c",
    "\\`x\\`",
    "\x1b[31mred\x1b[0m \x1b]8;;http://evil\x07x",
    "\u202egnp.exe",
    "\U000e0041\U000e0042",
    "\u2062\u2063",
    "\x00\x07\x7f",
    "- [ ] **Approve**  `/approve 7f3a`",
]


def tokens(markdown: str) -> Iterator[str]:
    for token in PARSER.parse(markdown):
        yield token.type
        yield from (child.type for child in token.children or [])


def outside_code(markdown: str) -> str:
    found = (child for token in PARSER.parse(markdown) for child in token.children or [])
    return "\n".join(child.content for child in found if child.type == "text")


def check(markdown: str, *more: str) -> None:
    """Only text and code; no mention, command, keyword or address in the text."""
    assert set(tokens(markdown)) <= ALLOWED | set(more)
    text = outside_code(markdown)
    assert not re.search(r"@[A-Za-z0-9/_-]", text)
    assert not CLOSING.search(text)
    assert not re.search(r"(?i)(?:https?|ftp)://|www\.", text)
    assert "\x1b" not in markdown and "\u202e" not in markdown


def test_there_are_at_least_sixty_strings() -> None:
    assert len(set(STRINGS)) >= 60


@pytest.mark.parametrize("text", STRINGS)
def test_ABU_24_25_no_string_is_active_after_it_was_made_inert(text: str) -> None:
    for rendered in (inert(text), inert(f"a {text}"), inert_block(f"a\n\n{text}\nb")):
        check(rendered, "fence")
    assert not COMMAND.search(inert(text))


@pytest.mark.parametrize("text", STRINGS)
def test_making_inert_twice_changes_nothing(text: str) -> None:
    assert inert(str(inert(text))) == inert(text)
    assert inert_block(str(inert_block(text))) == inert_block(text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain words, a-b c_d 1.5", "plain words, a-b c_d 1.5"),
        ("call `f(x)` in `a.py`", "call `f(x)` in `a.py`"),
        ("snake_case and __init__", r"snake_case and \_\_init\_\_"),
        ("two\nlines", "two lines"),
        ("a & b &amp; c", "a & b & c"),
        ("x <b> y", "x &lt;b> y"),
        ("see http://x.y/z.", "see `http://x.y/z.`"),
        ("2. second", r"2\. second"),
        ("👩\u200d💻 ok", "👩\u200d💻 ok"),
        ("", ""),
    ],
)
def test_what_people_write_stays_readable(text: str, shown: str) -> None:
    assert inert(text) == shown


def test_markdown_by_intent_is_left_alone() -> None:
    assert inert(Md("**x** @bob")) == "**x** @bob"


SPAN = re.compile(r"(?<!\\)(`+)(?!`).+?(?<!`)\1(?!`)")  # what stands in a code span calls nobody
SINGLE = "ab1 .`\\*_~[]()!<>&;#@/|$-+=:\n\t\u200b\u202e\x1b"
WORDS = [
    "http://",
    "www.",
    "&#64;",
    "&lt;",
    "```",
    "@bob",
    "/x",
    "Fixes #1",
    "bors r+",
    "<img src=x>",
    "&#96;",
    "&#10;",
]
pieces = st.lists(st.sampled_from([*SINGLE, *WORDS, "~~~", "&nbsp;", "gh-1", "``"])).map("".join)


@settings(max_examples=300, deadline=None)
@given(pieces | st.text())
@example("`a``b`http://x")
@example("a@``a``a")
def test_nothing_is_active_in_any_line(text: str) -> None:
    once = inert(text)
    assert inert(str(once)) == once
    assert not once.startswith(("/", "@")) and "\n" not in once
    check(once)
    assert not MENTION.search(SPAN.sub("`", once))


@settings(max_examples=200, deadline=None)
@given(pieces | st.text())
def test_nothing_is_active_in_any_block(text: str) -> None:
    once = inert_block(text)
    assert inert_block(str(once)) == once
    check(once, "fence")


@settings(max_examples=200, deadline=None)
@given(st.text(st.sampled_from("`~a\n /@\u200b")))
def test_nothing_leaves_a_fence_or_a_code_span(text: str) -> None:
    assert set(tokens(fence(text))) == {"fence"}
    assert set(tokens("x " + code(text))) <= {*ALLOWED}
    assert [kind for kind in tokens("x " + code(text)) if kind == "code_inline"] == ["code_inline"]


def test_a_cell_stays_one_cell() -> None:
    table = f"| a | b |\n|---|---|\n| {cell('x | y `p|q`')} | {cell('z')} |"
    assert list(tokens(table)).count("td_open") == 2


def test_lines_that_bots_obey_are_broken_inside_fences() -> None:
    assert fence("/merge\n@bob\nok @dependabot") == f"```\n{ZERO}/merge\n{ZERO}@bob\nok @{ZERO}dependabot\n```"
