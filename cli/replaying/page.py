"""Conversations as one HTML page that loads nothing: every text escaped, no script, light and dark, a phone's width."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path

from cli.replaying.model import Called, Talk, Turn
from cli.replaying.text import came_to, lines_of, used

STYLE = Path(__file__).with_name("page.css")
SHORT = 30
CODES = ("old", "new", "content", "first_line", "last_line")
CODE = re.compile(r"^ *\d+\t|^@@ -\d", re.MULTILINE)
"""Numbered lines of a file, or a diff."""
LONG_LINES = 40
"""Longer answers are folded after their first lines."""
HEAD = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{title}</title>
<style>
{style}</style>
</head>
<body>
<main>
"""
TAIL = "</main>\n</body>\n</html>\n"


def page(talks: Sequence[Talk]) -> str:
    """The page of one or more conversations, with a list of them at its head if there are several."""
    title = escape(talks[0].name if len(talks) == 1 else f"{len(talks)} conversations")
    parts = [HEAD.format(title=title, style=STYLE.read_text(encoding="utf-8"))]
    if len(talks) > 1:
        rows = (
            f'<li><a href="#talk{n}">{escape(talk.name)}</a> {_badge(talk)}</li>' for n, talk in enumerate(talks, 1)
        )
        parts.append(f"<nav><ul>\n{chr(10).join(rows)}\n</ul></nav>\n")
    parts += (part for number, talk in enumerate(talks, 1) for part in _talk(number, talk))
    return "".join([*parts, TAIL])


def _talk(number: int, talk: Talk) -> Iterator[str]:
    yield f'<section class="talk" id="talk{number}">\n<header>\n<h1>{escape(talk.name)}</h1>\n'
    yield f"<p>{escape(talk.model)} {_badge(talk)}</p>\n<p>{escape(came_to(talk))}</p>\n"
    yield f'<p class="detail">{escape(talk.detail)}</p>\n</header>\n' if talk.detail else "</header>\n"
    opening = [
        *((f"System prompt, part {n}", part) for n, part in enumerate(talk.system, 1)),
        ("First message", talk.first),
    ]
    yield from (_folded(name, said) for name, said in opening)
    for turn in talk.turns:
        yield from _turn(number, turn)
    yield f"<footer>{_badge(talk)} {escape(came_to(talk))}</footer>\n</section>\n"


def _turn(talk: int, turn: Turn) -> Iterator[str]:
    if turn.condensed:
        yield _folded("Condensed: from here on this stands for the turns before", turn.condensed)
    place = f"talk{talk}-turn{turn.number}"
    yield f'<article class="turn" id="{place}">\n'
    yield f'<h2><a href="#{place}">Turn {turn.number}</a> <small>{escape(used(turn))}</small></h2>\n'
    if turn.text:
        yield f'<div class="model">{escape(turn.text)}</div>\n'
    for call in turn.calls:
        yield from _call(call)
    if turn.said:
        yield f'<div class="ours"><b>We said</b>\n{escape(turn.said)}</div>\n'
    cached = f", {turn.cached:,} of them cached" if turn.cached else ""
    odd = f" · stopped: {escape(turn.stop)}" if turn.stop not in ("", "calls") else ""
    yield f'<p class="cost">this turn: {turn.tokens_in:,} tokens in{cached}, {turn.out:,} out{odd}</p>\n</article>\n'


def _call(call: Called) -> Iterator[str]:
    yield f'<div class="call">\n<p class="name">{escape(call.name)}</p>\n'
    if call.arguments:
        yield f"<dl>{''.join(_argument(name, value) for name, value in call.arguments)}</dl>\n"
    kind, word = ("error", "Error") if call.is_error else ("final", "Accepted") if call.final else ("", "Result")
    lines = call.answer.split("\n")
    yield f'<div class="answer {kind}"><span class="word">{word}</span>\n'
    if len(lines) > LONG_LINES:
        first, rest = "\n".join(lines[:LONG_LINES]), "\n".join(lines[LONG_LINES:])
        yield f"{_pre(first)}\n<details><summary>{len(lines) - LONG_LINES} more lines</summary>"
        yield f"{_pre(rest)}</details>\n"
    else:
        yield f"{_pre(call.answer)}\n"
    yield "</div>\n</div>\n"


def _pre(said: str, *, code: bool = False) -> str:
    """The first line break belongs to the tag: a browser leaves it out. Code scrolls sideways, prose is wrapped."""
    kind = ' class="code"' if code or CODE.search(said) else ""
    return f"<pre{kind}>\n{escape(said)}</pre>"


def _argument(name: str, value: str) -> str:
    kind = name if name in ("old", "new") else "short" if "\n" not in value and len(value) < SHORT else "long"
    return f'<div class="{kind}"><dt>{escape(name)}</dt><dd>{_pre(value, code=name in CODES)}</dd></div>'


def _folded(name: str, said: str) -> str:
    lines = len(lines_of(said))
    return (
        f'<details class="opening"><summary>{escape(name)} <small>{lines} lines</small></summary>'
        f"{_pre(said)}</details>\n"
    )


def _badge(talk: Talk) -> str:
    name = talk.exit or "not ended"
    return f'<span class="badge {"good" if talk.exit == "done" else "bad"}">{escape(name)}</span>'
