"""The search tool: literal or regular expression, by file, with counts and what was left out."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ai.port import Json
from ai.tools.limits import SEARCH_HITS
from jobs.tools import grep
from jobs.tools.content import Text, showable
from jobs.tools.errors import Refused
from jobs.tools.globs import matcher
from jobs.tools.names import clean
from jobs.tools.nearest import missing
from jobs.tools.trees import Tree

REGEX_SECONDS: Final = 10.0
FILE_BYTES: Final = 2_000_000
TOTAL_BYTES: Final = 200_000_000
CONTEXT_LINES: Final = 5
LINE: Final = 300
FILES_NAMED: Final = 20
_REGEX_SIGNS = re.compile(r"\\[bdswBDSW.()]|\.[*+]|\||\[[^\]]+\][*+]|^\^|\$$|\(\?")


@dataclass(frozen=True)
class Search:
    """What is looked for."""

    pattern: str
    regex: bool
    context: int = 0

    @property
    def expression(self) -> str:
        return self.pattern if self.regex else re.escape(self.pattern)

    @property
    def whole(self) -> bool:
        """Whether it goes across line ends."""
        return "\n" in self.pattern or (self.regex and "\\n" in self.pattern)


def search(tree: Tree, args: Json, seconds: float = REGEX_SECONDS) -> str:
    """Hits with path and number, counts, and what is not shown. `seconds`: what a regular expression may take."""
    wanted = _asked(args)
    paths, where = _paths(tree, args)
    hits: dict[str, list[int]] = {}
    texts: dict[str, Text] = {}
    looked = room = 0
    for path, numbers, text in _found(tree, paths, wanted, seconds):
        looked += 1
        if numbers:
            hits[path] = numbers
            if room < SEARCH_HITS:
                texts[path] = text
            room += len(numbers)
    if not hits:
        return _nothing(tree, paths, wanted, where, looked)
    return _report(wanted, hits, texts, len(paths) - looked)


def _asked(args: Json) -> Search:
    pattern, regex = str(args.get("pattern") or ""), bool(args.get("regex"))
    pattern = pattern.replace("\r\n", "\n")
    if not pattern.strip("\n"):
        raise Refused("`pattern` is empty. Give a word or expression; to see all paths use list_files.")
    if regex:
        _compiles(pattern)
    return Search(pattern, regex, max(0, min(int(args.get("context") or 0), CONTEXT_LINES)))


def _compiles(pattern: str) -> None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            re.compile(pattern)
    except (re.error, RecursionError, OverflowError) as wrong:
        raise Refused(
            f"The regular expression is not valid: {wrong}. Python's syntax is meant; put a backslash before "
            "`( ) [ ] { } . * + ? | ^ $` that stand for themselves, or leave `regex` out to search for the plain text."
        ) from wrong


def _paths(tree: Tree, args: Json) -> tuple[list[str], str]:
    below, wanted, known = clean(args.get("path")), matcher(args.get("glob")), tree.paths()
    if tree.kind(below) is None:
        raise Refused(missing(below, known))
    inside = [path for path in known if not below or path == below or path.startswith(f"{below}/")]
    chosen = [path for path in inside if wanted(path)]
    if not chosen:
        raise Refused(
            f"No file to search: none of the {len(inside)} files {f'below `{below}`' if below else 'here'} matches the "
            f"glob `{args.get('glob') or '*'}`. Search without the glob, or look with list_files."
        )
    return chosen, f" below `{below}`" if below else ""


def _texts(tree: Tree, paths: list[str]) -> Iterator[tuple[str, Text]]:
    total = 0
    for path, data in tree.contents(paths, FILE_BYTES):
        total += len(data)
        if total > TOTAL_BYTES:
            return
        text = Text.of(data)
        if text is not None:
            yield path, text


def _found(tree: Tree, paths: list[str], wanted: Search, seconds: float) -> Iterator[tuple[str, list[int], Text]]:
    if wanted.regex:
        yield from _in_a_process(tree, paths, wanted, seconds)
        return
    expression = re.compile(wanted.expression)
    for path, text in _texts(tree, paths):
        hit = wanted.pattern in text.plain
        yield path, grep.lines_with(expression, text.plain, wanted.whole) if hit else [], text


def _in_a_process(
    tree: Tree, paths: list[str], wanted: Search, seconds: float
) -> Iterator[tuple[str, list[int], Text]]:
    """One pass writes all texts to a file; a Python of its own, which can be killed, answers with line numbers."""
    names = []
    with tempfile.TemporaryFile() as frames:
        frames.write(json.dumps({"pattern": wanted.pattern, "whole": wanted.whole}).encode() + b"\n")
        for path, text in _texts(tree, paths):
            data = text.plain.encode("utf-8", "replace")
            frames.write(b"%d\n" % len(data))
            frames.write(data)
            names.append(path)
        frames.seek(0)
        numbers = _run(frames.fileno(), len(names), seconds)
    hits = dict(zip(names, numbers, strict=True))
    shown = {path for path in hits if hits[path]}
    texts = dict(_texts(tree, sorted(shown))) if shown else {}
    for path, found in hits.items():
        yield path, found if path in texts else [], texts.get(path, Text(""))


def _run(source: int, files: int, seconds: float) -> list[list[int]]:
    try:
        done = subprocess.run(
            [sys.executable, "-I", "-S", "-W", "ignore", str(Path(grep.__file__))],
            stdin=source,
            capture_output=True,
            timeout=seconds,
            env={"LANG": "C.UTF-8"},
            check=True,
        )
    except subprocess.TimeoutExpired as slow:
        raise Refused(
            f"The expression took longer than {seconds:g} s over {files} files and was stopped. Nested repeats "
            "such as `(a+)+` do that: write it without them, narrow with path or glob, or search for a literal part."
        ) from slow
    return [list(map(int, numbers)) for numbers in json.loads(done.stdout)]


def _report(wanted: Search, hits: dict[str, list[int]], texts: dict[str, Text], skipped: int) -> str:
    total = sum(map(len, hits.values()))
    head = f"{total} {'line' if total == 1 else 'lines'} in {len(hits)} {'file' if len(hits) == 1 else 'files'}"
    room, parts, shown = SEARCH_HITS, [], 0
    for path, numbers in hits.items():
        if room <= 0:
            break
        take = numbers[:room]
        parts.append(f"\n{path} ({len(numbers)})\n{_lines(texts[path], take, wanted)}")
        room, shown = room - len(take), shown + len(take)
    if shown < total:
        head += f", the first {shown} shown"
        parts.append(f"\n{_rest(hits, total, shown)}")
    if skipped:
        parts.append(f"\n{skipped} files were not searched: binary, links, or larger than {FILE_BYTES:,} bytes.")
    return "\n".join([f"{head}:", *parts])


def _rest(hits: dict[str, list[int]], total: int, shown: int) -> str:
    left, room = [], SEARCH_HITS
    for path, numbers in hits.items():
        rest = len(numbers) - max(0, min(room, len(numbers)))
        room -= len(numbers)
        if rest:
            left.append(f"{path} ({rest})")
    more = f" and {len(left) - FILES_NAMED} more files" if len(left) > FILES_NAMED else ""
    return f"... {total - shown} more lines, in {', '.join(left[:FILES_NAMED])}{more}. Narrow with path or glob."


def _lines(text: Text, numbers: list[int], wanted: Search) -> str:
    rows: dict[int, str] = {}
    for number in numbers:
        for near in range(max(1, number - wanted.context), min(len(text.lines), number + wanted.context) + 1):
            rows.setdefault(near, "-")
    rows.update(dict.fromkeys(numbers, ":"))
    out, before = [], 0
    for number in sorted(rows):
        if wanted.context and before and number > before + 1:
            out.append("--")
        line = text.lines[number - 1] if number <= len(text.lines) else ""
        out.append(f"{number}{rows[number]} {showable(line, LINE)}")
        before = number
    return "\n".join(out)


def _nothing(tree: Tree, paths: list[str], wanted: Search, where: str, looked: int) -> str:
    kind = "the expression" if wanted.regex else "the text"
    said = f"Nothing found for {kind} `{showable(wanted.pattern, 200)}` in {looked} file{'s' * (looked != 1)}{where}."
    if not wanted.regex and _REGEX_SIGNS.search(wanted.pattern):
        return f"{said} It was searched for as it stands; if it is a regular expression, set `regex` to true."
    if wanted.regex:
        return f"{said} Search for a shorter or literal part of it, or put `(?i)` first to ignore case."
    other = wanted.pattern.lower()
    near = [path for path, text in _texts(tree, paths) if other in text.plain.lower()][:3]
    if near:
        return f"{said} In another case it stands in {', '.join(f'`{path}`' for path in near)}: use `(?i)` and `regex`."
    return f"{said} Search for one word of it, or look at the paths with list_files."
