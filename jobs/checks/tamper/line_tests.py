"""The tests of files in other languages, by their lines: coarser than a syntax tree, and the same in all of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from jobs.checks.tamper.line_asserts import BIND, STRING, asserted, case, put_in
from jobs.checks.tamper.line_comments import without_blocks
from jobs.checks.tamper.model import Assertion, Module, Off, Test

MANY_LINES = 20_000
_HEAD = re.compile(
    r"""^func\s+(?:\([^)]*\)\s*)?(?P<go>(?:Test|Fuzz|Example)\w*)\s*\(
    |^(?:pub\s+)?(?:async\s+)?fn\s+(?P<rust>\w+)
    |^x?(?:it|test|specify|scenario)\s*\(?\s*["'](?P<said>[^"']+)["']
    |^@test\s+["'](?P<bats>[^"']+)["']
    |^def\s+(?P<ruby>test_\w+)
    |^(?:public\s+|private\s+|internal\s+|static\s+|async\s+|final\s+|override\s+|suspend\s+)*
      (?:function|func|fun|void|Task|\w+)\s+(?P<method>\w+)\s*\(
    |^(?:TEST(?:_[FP])?|TEST_CASE|SCENARIO)\s*\(\s*(?P<macro>[^)]*)\)""",
    re.X,
)
_MARK = re.compile(r"^(?:#\[(?:[\w:]+::)?test|@(?:Parameterized)?Test\b|@RepeatedTest|\[(?:Fact|Theory|Test\w*)\b)")
_OFF = re.compile(
    r"""\bt\.Skip(?:f|Now)?\(|^\#\[ignore|@(?:Disabled|Ignore)\b|\[Ignore\b|\bSkip\s*=\s*"|markTestSkipped|markTestIncomplete
    |XCTSkip|GTEST_SKIP|\bDISABLED_|^@tag\s+:skip|^(?:skip|pending)\b|^(?:xit|xtest|xdescribe|xcontext)\b|Assumptions?\.""",
    re.X,
)
_ROW = re.compile(r"^\{(?=[\s,]*[^\s,}])(.+)\},?$")
_DIRECTIVES = ("//go:build", "// +build", "#[", "#![", "#if")


@dataclass
class _Open:
    name: str
    line: int
    off: list[Off] = field(default_factory=list)
    asserts: list[Assertion] = field(default_factory=list)
    rest: list[str] = field(default_factory=list)
    env: dict[str, str] = field(default_factory=dict)
    guards: tuple[str, ...] = ()


def read(data: bytes) -> Module:
    """What a file tests."""
    tests: dict[str, Test] = {}
    marks: list[tuple[str, int]] = []
    here: _Open | None = None
    pending: list[str] = []
    before = ""
    for number, line in _lines(data.decode("utf-8", "replace")):
        if re.match(r"^(?://go:build|//\s*\+build|#if\s+0\b|#!\[cfg)", line):
            marks.append((f"only under {line[:80]}", number))
        elif _MARK.match(line) or (line.startswith(("#[", "@", "[")) and not _HEAD.match(line)):
            pending.append(line)
        elif (name := _header(line, pending)) is not None:
            _close(tests, here)
            here = _Open(name, number, [Off("skip", why=one[:120]) for one in [*pending, line] if _OFF.search(one)])
            pending = []
        elif here is not None:
            _inside(here, line, before, number)
        before = line
    _close(tests, here)
    return Module(tuple(tests.values()), marks=tuple(marks))


def _close(tests: dict[str, Test], here: _Open | None) -> None:
    if here is not None:
        rest = "\n".join(here.rest)
        tests[here.name] = Test(here.name, here.line, tuple(here.asserts), tuple(here.off), rest=rest)


def _header(line: str, pending: list[str]) -> str | None:
    found = _HEAD.match(line)
    if found is None:
        return None
    named = {key: value for key, value in found.groupdict().items() if value}
    key, name = next(iter(named.items()))
    if key in {"rust", "method"}:
        marked = any(_MARK.match(one) for one in pending)
        return name if marked or (key == "method" and re.match(r"test[A-Z_]", name) and "(" in line) else None
    return name


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """Without comments and blanks; a call over several lines is one."""
    held, first, open_ = "", 0, 0
    for number, raw in enumerate(without_blocks(text).splitlines()[:MANY_LINES], 1):
        line = raw.strip()
        if not line or _comment(line):
            continue
        held, first = (f"{held} {line}", first) if held else (line, number)
        bare = STRING.sub('""', held)
        open_ = bare.count("(") - bare.count(")")
        if open_ <= 0 or len(held) > 2_000 or bare.endswith("{"):
            yield first, " ".join(held.split())
            held = ""


def _comment(line: str) -> bool:
    return line.startswith(("//", "#")) and not line.startswith(_DIRECTIVES)


def _inside(here: _Open, line: str, before: str, number: int) -> None:
    if _OFF.search(line):
        here.off.append(Off("skip", before.startswith("if ") and before.endswith("{"), line[:120]))
    elif re.match(r"^return\b[^(]*;?$", line) and not before.startswith(("if ", "if(")):
        here.guards = ("dead",)
    elif (found := asserted(line, before, here.env)) is not None:
        here.asserts.append(replace(found, guards=here.guards, line=number))
    elif row := _ROW.match(line):
        here.asserts.append(replace(case(row[1]), line=number))
    elif bound := BIND.match(line):
        here.env[bound[1]] = put_in(bound[2], here.env)
        here.rest.append("" if "(" in bound[2] else line)
    elif not line.startswith("if "):
        here.rest.append(line)
