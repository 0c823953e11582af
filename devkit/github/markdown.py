"""Markdown as GitHub renders it: GFM, task-list boxes that can be clicked, Mermaid as a framed block; sanitised."""

from __future__ import annotations

import re
from functools import lru_cache
from html import escape

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token

BOX = re.compile(r"^\[([ xX])\]\s")
# Private-use characters stand for our own boxes while nh3 removes every other <input>.
MARK = re.compile("\ue000(\\d+)(x?)\ue001")
LINK = re.compile(
    r"(?P<url>https?://[^\s<>\"')\]]*[^\s<>\"')\].,:;!?*_~])"
    r"|(?<![\w/`])@(?P<login>[A-Za-z0-9][A-Za-z0-9-]{0,38})(?![\w-])"
    r"|(?<![\w/&])#(?P<number>\d+)\b"
)
TAGS = nh3.ALLOWED_TAGS | {"details", "summary", "section"}
ATTRIBUTES = {
    **nh3.ALLOWED_ATTRIBUTES,
    "a": {"href", "title", "class"},
    **{tag: {"class", "align"} for tag in ("div", "pre", "code", "span", "ul", "li", "p", "td", "th")},
    "details": {"open"},
}


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": True, "breaks": True}).enable(["table", "strikethrough"])
    parser.add_render_rule("fence", _fence)
    return parser


def _fence(_self: object, tokens: list[Token], index: int, _options: object, _env: object) -> str:
    token = tokens[index]
    language = token.info.strip().split(" ")[0]
    if language == "mermaid":
        return f'<div class="mermaid-frame"><pre class="mermaid">{escape(token.content)}</pre></div>\n'
    name = f' class="language-{escape(language)}"' if language else ""
    return f"<pre><code{name}>{escape(token.content)}</code></pre>\n"


def _box_tokens(tokens: list[Token]) -> list[Token]:
    """The inline tokens that begin with a check box: first paragraph of a list item."""
    found = []
    for index, token in enumerate(tokens):
        opens = [before.type for before in tokens[max(index - 2, 0) : index]]
        if token.type == "inline" and opens == ["list_item_open", "paragraph_open"] and BOX.match(token.content + " "):
            found.append(token)
    return found


def boxes(body: str) -> list[tuple[int, bool, str]]:
    """(line index, ticked, text) of every check box, as rendered; code and quoted HTML hold none."""
    found = []
    for token in _box_tokens(_parser().parse(body.replace("\r\n", "\n"))):
        first = token.content.split("\n", 1)[0]
        found.append((token.map[0] if token.map else 0, first[1] != " ", first[3:].strip()))
    return found


def render(body: str | None, repo_page: str = "", base: str = "") -> str:
    """Safe HTML of a comment. ``repo_page`` is where ``#12`` leads, ``base`` where ``@login`` does."""
    parser = _parser()
    tokens = parser.parse((body or "").replace("\r\n", "\n"))
    for position, token in enumerate(_box_tokens(tokens)):
        _mark(token, position)
    for token in tokens:
        if token.type == "inline" and token.children:
            token.children = _linked(token.children, repo_page, base)
    html = nh3.clean(
        parser.renderer.render(tokens, parser.options, {}),
        tags=TAGS,
        attributes={tag: set(names) for tag, names in ATTRIBUTES.items()},
        link_rel="nofollow noopener",
    )
    html = re.sub("<li>(<p>)?(?=\ue000)", r'<li class="task-list-item">\1', html)
    return MARK.sub(_input, html)


def _mark(token: Token, position: int) -> None:
    first = (token.children or [])[0]
    first.content = f"\ue000{position}{'' if first.content[1:2] == ' ' else 'x'}\ue001" + first.content[3:]


def _input(match: re.Match[str]) -> str:
    checked = " checked" if match.group(2) else ""
    return f'<input type="checkbox" class="task-box" data-box="{match.group(1)}"{checked}>'


def _linked(children: list[Token], repo_page: str, base: str) -> list[Token]:
    found: list[Token] = []
    inside = 0
    for child in children:
        inside += child.nesting if child.type.startswith("link") else 0
        if child.type != "text" or inside or not LINK.search(child.content):
            found.append(child)
            continue
        html = Token("html_inline", "", 0)
        html.content = _anchors(child.content, repo_page, base)
        found.append(html)
    return found


def _anchors(text: str, repo_page: str, base: str) -> str:
    parts, last = [], 0
    for match in LINK.finditer(text):
        shown = escape(match.group())
        kinds = {
            "url": escape(match.group()),
            "login": f"{base}/{match.group('login')}",
            "number": f"{repo_page}/issues/{match.group('number')}",
        }
        parts += [escape(text[last : match.start()]), f'<a href="{kinds[match.lastgroup or "url"]}">{shown}</a>']
        last = match.end()
    return "".join([*parts, escape(text[last:])])
