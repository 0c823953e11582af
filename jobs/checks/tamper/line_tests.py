"""The tests of files in other languages, by their lines: coarser than a syntax tree, and the same in all of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from jobs.checks.tamper.model import Assertion, Level, Module, Off, Test

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
_ASSERTION = re.compile(
    r"\b(?:assert\w*!?|expect\w*|require\.\w+|t\.(?:Error|Fatal|Fail)\w*|refute\w*|XCT\w+|EXPECT_\w+|ASSERT_\w+|REQUIRE\w*|"
    r"CHECK\w*|Assert\.\w+|should\w*|verify)\b"
)
_GO_FAIL = re.compile(r"^t\.(?:Error|Fatal|Fail)\w*\(")
_BIND = re.compile(
    r"^(?:let\s+(?:mut\s+)?|var\s+|val\s+|const\s+|final\s+|auto\s+)?(?:[\w<>\[\]]+\s+)?(\w+)\s*:?=\s*([^=].*?);?$"
)
_EXACT = re.compile(
    r"assert_eq|Equal|equal|_EQ\b|\beq\b|isEqualTo|==|toBe\b|Throws|raise|panic|Same|Null\b|Nil\b|Error\b"
)
_UNEQUAL = re.compile(r"assert_ne|NotEqual|_NE\b|!=|refute_equal|NotNull|NotNil|NoError")
_LOOSE = re.compile(r"[Cc]ontain|[Ii]nclude|[Mm]atch|Greater|Less|[<>]|_(?:LT|LE|GT|GE)\b|Regex|hasSize")
_CLOSE = re.compile(r"InDelta|Near|within|closeTo|be_within|approx|Epsilon", re.I)
_ROW = re.compile(r"^\{(.+)\},?$")
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"|`[^`]*`|\'(?:[^\'\\]|\\.)*\'')
_TRUE = re.compile(r"^\(?(?:true|1|1\s*==\s*1|!false)\)?$")


@dataclass
class _Open:
    name: str
    line: int
    off: list[Off] = field(default_factory=list)
    asserts: list[Assertion] = field(default_factory=list)
    rest: list[str] = field(default_factory=list)
    env: dict[str, str] = field(default_factory=dict)
    guards: tuple[str, ...] = ()
    depth: int = 0


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
    for number, raw in enumerate(text.splitlines()[:MANY_LINES], 1):
        line = raw.strip()
        if not line or (line.startswith(("//", "/*", "*")) and not line.startswith(("//go:build", "// +build"))):
            continue
        if line.startswith("#") and not line.startswith(("#[", "#![", "#if")):
            continue
        held, first = (f"{held} {line}", first) if held else (line, number)
        bare = _STRING.sub('""', held)
        open_ = bare.count("(") - bare.count(")")
        if open_ <= 0 or len(held) > 2_000 or bare.endswith("{"):
            yield first, " ".join(held.split())
            held = ""


def _inside(here: _Open, line: str, before: str, number: int) -> None:
    if _OFF.search(line):
        here.off.append(Off("skip", before.startswith("if ") and before.endswith("{"), line[:120]))
    elif re.match(r"^return\b[^(]*;?$", line) and not before.startswith(("if ", "if(")):
        here.guards = ("dead",)
    elif _GO_FAIL.match(line):
        condition = before.removesuffix("{").strip()
        here.asserts.append(_condition(here, condition if condition.startswith("if ") else line, number))
    elif _ASSERTION.search(line):
        here.asserts.append(_asserted(here, line, number))
    elif row := _ROW.match(line):
        here.asserts.append(_row(row[1], number))
    elif bound := _BIND.match(line):
        here.env[bound[1]] = _with(here, bound[2])
        here.rest.append("" if "(" in bound[2] else line)
    elif not line.startswith("if "):
        here.rest.append(line)


def _with(here: _Open, text: str) -> str:
    found = re.sub(r"(?<![\w.\"'])([A-Za-z_]\w*)\b(?!\()", lambda name: here.env.get(name[1], name[1]), text)
    return found if len(found) < 2_000 else text


def _condition(here: _Open, line: str, number: int) -> Assertion:
    """Go: `if got != want { t.Errorf(...) }` asserts that they are equal."""
    inner = line.removeprefix("if ").rpartition(";")[2].strip()
    head = line.removeprefix("if ").rpartition(";")[0]
    if bound := _BIND.match(head.strip()):
        inner = re.sub(rf"\b{re.escape(bound[1])}\b", lambda _: bound[2], inner)
    inner = _with(here, inner)
    left, op, right = next(
        ((*inner.partition(op),) for op in ("!=", "==", "<=", ">=", "<", ">") if op in inner), (inner, "", "")
    )
    level = (
        Level.EITHER
        if "&&" in inner
        else {"!=": Level.EXACT, "==": Level.UNEQUAL, "": Level.TRUTH}.get(op, Level.LOOSE)
    )
    subject, expected = left.strip(), right.strip()
    dead = inner == "false" or (op == "!=" and subject == expected)
    return _assertion("fails if " + (op or "so"), Level.NOTHING if dead else level, subject, expected, here, number)


def _asserted(here: _Open, line: str, number: int) -> Assertion:
    call = _with(here, line.rstrip(";"))
    inside = call[call.find("(") + 1 : call.rfind(")")] if "(" in call else call
    parts = _split(inside)
    level = _level(call)
    subject, expected = (parts[0], parts[1]) if len(parts) > 1 else (inside, "")
    if _literal(subject) and not _literal(expected) and expected:
        subject, expected = expected, subject
    sure = _TRUE.match(inside.strip()) or (
        len(parts) > 1 and (subject == expected or (_literal(subject) and _literal(expected)))
    )
    kind = re.sub(r"[^\w.]", "", call.partition("(")[0])[:40]
    slack = _slack(parts) if level is Level.CLOSE else 0.0
    return _assertion(kind, Level.NOTHING if sure else level, subject, expected, here, number, slack)


def _slack(parts: list[str]) -> float:
    try:
        return float(parts[2]) if len(parts) > 2 else 0.0
    except ValueError:
        return 0.0


def _level(call: str) -> Level:
    bare = _STRING.sub('""', call)
    for pattern, level in (
        (_CLOSE, Level.CLOSE),
        (_UNEQUAL, Level.UNEQUAL),
        (_EXACT, Level.EXACT),
        (_LOOSE, Level.LOOSE),
    ):
        if pattern.search(bare):
            return level
    return Level.TRUTH


def _row(inside: str, number: int) -> Assertion:
    """A row of a table of cases: its last value is what is expected."""
    parts = _split(inside)
    return Assertion("case", Level.EXACT, ", ".join(parts[:-1]), parts[-1], line=number)


def _assertion(
    kind: str, level: Level, subject: str, expected: str, here: _Open, number: int, slack: float = 0.0
) -> Assertion:
    names = tuple(re.findall(r"[A-Za-z_]\w*", _STRING.sub("", f"{subject} {expected}")))
    return Assertion(kind, level, subject, expected, slack, guards=here.guards, line=number, names=names)


def _literal(text: str) -> bool:
    return (
        bool(text)
        and re.fullmatch(r"-?[\d._]+\w*|true|false|nil|null|None|&?\"\"", _STRING.sub('""', text.strip())) is not None
    )


def _split(text: str) -> list[str]:
    """At commas that are in no bracket and no string."""
    parts, depth, begin = [], 0, 0
    masked = _STRING.sub(lambda found: "s" * len(found[0]), text)
    for place, letter in enumerate(masked):
        depth += (letter in "([{") - (letter in ")]}")
        if letter == "," and depth == 0:
            parts.append(text[begin:place].strip())
            begin = place + 1
    return [part for part in (*parts, text[begin:].strip()) if part]
