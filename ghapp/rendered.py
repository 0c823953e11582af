"""Read rendered, cleaned HTML back as text: only what a reader of the page sees without a click.

`LINE` and `LINE_END` wrap the number of a source line (put there before rendering); a wrapped number counts as a
visible line if it stands first on a shown line of plain text. `CODE` and `CODE_END` wrap code, so that later passes
leave it alone. All four are private-use characters, which are dropped from people's text first.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser

LINE, LINE_END, CODE, CODE_END = "\ue000", "\ue001", "\ue002", "\ue003"
MARKED = re.compile(f"{LINE}(\\d+){LINE_END}")
BLOCKS = frozenset(
    re.findall(r"\w+", "p div h1 h2 h3 h4 h5 h6 ul ol li pre blockquote table tr dl dt dd summary details figure")
)
GROUPS = frozenset(("table", "thead", "tbody", "tfoot", "tr", "ul", "ol", "dl"))
VOID = frozenset(("br", "hr", "img", "wbr"))
PLAIN = frozenset(("p", "div", "ul", "ol", "li"))
CODES = frozenset(("code", "pre", "kbd", "samp"))
HEADING = re.compile(r"h[1-9]")
INFO = re.compile(r"[\w+#.-]{1,20}")


class Reader(HTMLParser):
    """Feed it cleaned HTML; `text` is what is seen, `lines` the visible source lines, `hidden` what was left out."""

    def __init__(self, skip: frozenset[str] = frozenset()) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[int] = []
        self.hidden = 0
        self._skip = skip
        self._stack: list[str] = []
        self._unseen_from: int | None = None
        self._folded: dict[int, bool] = {}
        self._buffers: list[list[str]] = [[]]

    @property
    def text(self) -> str:
        """Everything seen so far, with at most one empty line in a row."""
        seen = re.sub(r"[ \t]+\n", "\n", "".join(self._buffers[0]))
        return re.sub(r"\n{3,}", "\n\n", seen).strip()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in VOID:
            self._void(tag)
            return
        names = dict(attrs)
        self._stack.append(tag)
        if self._unseen_from is None and self._leaves_out(tag, names):
            self._unseen_from = len(self._stack)
        if self._unseen_from is None:
            self._open(tag, names)
        if tag == "details" and "open" not in names:
            self._folded[len(self._stack)] = False

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID or tag not in self._stack:
            return
        depth = len(self._stack)
        if self._unseen_from is None:
            self._close(tag)
        if self._unseen_from == depth:
            self._unseen_from = None
        self._folded.pop(depth, None)
        self._stack.pop()

    def handle_data(self, data: str) -> None:
        if self._unseen_from is not None:
            return
        if self._in_fold():
            self.hidden += bool(data.strip())
            return
        if "pre" in self._stack:
            self._put(data)
            return
        if not data.strip() and self._stack[-1:] and self._stack[-1] in GROUPS:
            return
        shown = re.sub(r"[ \t\n\r\f]+", " ", data)
        self._put(self._note_line(shown.lstrip() if self._at_start() else shown))

    def _leaves_out(self, tag: str, names: dict[str, str | None]) -> bool:
        if "hidden" in names or tag == "rp" or (tag == "summary" and self._folded.get(len(self._stack) - 1)):
            self.hidden += 1
            return True
        if tag == "summary" and len(self._stack) - 1 in self._folded:
            self._folded[len(self._stack) - 1] = True
        return tag in self._skip

    def _in_fold(self) -> bool:
        """Inside a closed `<details>`, where only the first summary shows; `_folded` says of each if it had one."""
        return any(self._stack[depth : depth + 1] != ["summary"] for depth in self._folded)

    def _note_line(self, shown: str) -> str:
        found = MARKED.match(shown)
        if found and self._at_start() and PLAIN.issuperset(self._stack):
            self.lines.append(int(found[1]))
        return MARKED.sub("", shown)

    def _void(self, tag: str) -> None:
        if self._unseen_from is None and not self._in_fold():
            self._put({"br": "\n", "hr": "\n---\n", "img": "[image]"}.get(tag, ""))

    def _open(self, tag: str, names: dict[str, str | None]) -> None:
        if tag == "blockquote":
            self._buffers.append([])
        if tag in BLOCKS:
            self._break(double=tag in ("p", "pre", "blockquote", "table") and self._stack[-2:-1] != ["li"])
        if tag in CODES and "pre" not in self._stack[:-1]:
            self._put(CODE + ("```\n" if tag == "pre" else "`"))
        elif tag == "code" and self._stack[-2:-1] == ["pre"]:
            self._language(names.get("class") or "")
        self._put(self._lead(tag))

    def _lead(self, tag: str) -> str:
        """What stands before the text of a list item, a cell or a heading."""
        if tag == "li":
            return "  " * (sum(name in ("ul", "ol") for name in self._stack) - 1) + "- "
        if tag in ("td", "th"):
            return "| " if self._at_start() else " | "
        return "#" * int(tag[1]) + " " if HEADING.fullmatch(tag) else ""

    def _close(self, tag: str) -> None:
        if tag in CODES and "pre" not in self._stack[:-1]:
            if tag == "pre":
                self._break()
            self._put(("```" if tag == "pre" else "`") + CODE_END)
        if tag == "blockquote":
            quoted = "".join(self._buffers.pop()).strip("\n")
            self._put("\n".join(f"> {line}" for line in quoted.split("\n")))
        if tag in BLOCKS:
            self._break(double=tag in ("p", "pre", "blockquote", "table") and self._stack[-2:-1] != ["li"])

    def _language(self, name: str) -> None:
        language = name.removeprefix("language-")
        last = self._buffers[-1]
        if INFO.fullmatch(language) and last and last[-1] == f"{CODE}```\n":
            last[-1] = f"{CODE}```{language}\n"

    def _put(self, text: str) -> None:
        if text:
            self._buffers[-1].append(text)

    def _at_start(self) -> bool:
        last = self._buffers[-1]
        return not last or last[-1].endswith("\n")

    def _break(self, *, double: bool = False) -> None:
        last = self._buffers[-1]
        if last and not self._at_start():
            last.append("\n")
        if last and double and last[-1] != "\n\n":
            last.append("\n")
