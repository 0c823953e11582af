"""What a line of a test asserts, in any language, by its look. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping

from jobs.checks.tamper.model import Assertion, Level

Env = Mapping[str, str]
STRING = re.compile(r'"(?:[^"\\]|\\.)*"|`[^`]*`|\'(?:[^\'\\]|\\.)*\'')
BIND = re.compile(
    r"^(?:let\s+(?:mut\s+)?|var\s+|val\s+|const\s+|final\s+|auto\s+)?(?:[\w<>\[\]]+\s+)?(\w+)\s*:?=\s*([^=].*?);?$"
)
_ASSERTION = re.compile(
    r"\b(?:assert\w*!?|expect\w*|require\.\w+|t\.(?:Error|Fatal|Fail)\w*|refute\w*|XCT\w+|EXPECT_\w+|ASSERT_\w+|REQUIRE\w*|"
    r"CHECK\w*|Assert\.\w+|should\w*|verify)\b"
)
_GO_FAIL = re.compile(r"^t\.(?:Error|Fatal|Fail)\w*\(")
_EXACT = re.compile(
    r"assert_eq|Equal|equal|_EQ\b|\beq\b|isEqualTo|==|toBe\b|Throws|raise|panic|Same|Null\b|Nil\b|Error\b"
)
_UNEQUAL = re.compile(r"assert_ne|NotEqual|_NE\b|!=|refute_equal|NotNull|NotNil|NoError")
_LOOSE = re.compile(r"[Cc]ontain|[Ii]nclude|[Mm]atch|Greater|Less|[<>]|_(?:LT|LE|GT|GE)\b|Regex|hasSize")
_CLOSE = re.compile(r"InDelta|Near|within|closeTo|be_within|approx|Epsilon", re.I)
_TRUE = re.compile(r"^\(?(?:true|1|1\s*==\s*1|!false)\)?$")


def asserted(line: str, before: str, env: Env) -> Assertion | None:
    """What it asserts, given the line before it; None for one that asserts nothing as far as its look tells."""
    if _GO_FAIL.match(line):
        condition = before.removesuffix("{").strip()
        return _condition(condition if condition.startswith("if ") else line, env)
    return _call(line, env) if _ASSERTION.search(line) else None


def put_in(text: str, env: Env) -> str:
    """With the names of `env` replaced; as it is where that would make it very long."""
    found = re.sub(r"(?<![\w.\"'])([A-Za-z_]\w*)\b(?!\()", lambda name: env.get(name[1], name[1]), text)
    return found if len(found) < 2_000 else text


def _condition(line: str, env: Env) -> Assertion:
    """Go: `if got != want { t.Errorf(...) }` asserts that they are equal."""
    inner = line.removeprefix("if ").rpartition(";")[2].strip()
    head = line.removeprefix("if ").rpartition(";")[0]
    if bound := BIND.match(head.strip()):
        inner = re.sub(rf"\b{re.escape(bound[1])}\b", lambda _: bound[2], inner)
    inner = put_in(inner, env)
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
    return _assertion("fails if " + (op or "so"), Level.NOTHING if dead else level, subject, expected)


def _call(line: str, env: Env) -> Assertion:
    call = put_in(line.rstrip(";"), env)
    inside = call[call.find("(") + 1 : call.rfind(")")] if "(" in call else call
    parts = _split(inside)
    level = _level(call)
    subject, expected = (parts[0], parts[1]) if len(parts) > 1 else (inside, "")
    if _literal(subject) and not _literal(expected) and expected:
        subject, expected = expected, subject
    sure = _TRUE.match(inside.strip()) or (expected and _sure(subject, expected))
    kind = re.sub(r"[^\w.]", "", call.partition("(")[0])[:40]
    slack = _slack(parts) if level is Level.CLOSE else 0.0
    return _assertion(kind, Level.NOTHING if sure else level, subject, expected, slack)


def _sure(subject: str, expected: str) -> bool:
    return subject == expected or (_literal(subject) and _literal(expected))


def _slack(parts: list[str]) -> float:
    try:
        return float(parts[2]) if len(parts) > 2 else 0.0
    except ValueError:
        return 0.0


def _level(call: str) -> Level:
    bare = STRING.sub('""', call)
    for pattern, level in (
        (_CLOSE, Level.CLOSE),
        (_UNEQUAL, Level.UNEQUAL),
        (_EXACT, Level.EXACT),
        (_LOOSE, Level.LOOSE),
    ):
        if pattern.search(bare):
            return level
    return Level.TRUTH


def case(inside: str) -> Assertion:
    """A row of a table of cases: its last value is what is expected."""
    parts = _split(inside)
    return Assertion("case", Level.EXACT, ", ".join(parts[:-1]), parts[-1])


def _assertion(kind: str, level: Level, subject: str, expected: str, slack: float = 0.0) -> Assertion:
    names = tuple(re.findall(r"[A-Za-z_]\w*", STRING.sub("", f"{subject} {expected}")))
    return Assertion(kind, level, subject, expected, slack, names=names)


def _literal(text: str) -> bool:
    return (
        bool(text)
        and re.fullmatch(r"-?[\d._]+\w*|true|false|nil|null|None|&?\"\"", STRING.sub('""', text.strip())) is not None
    )


def _split(text: str) -> list[str]:
    """At commas that are in no bracket and no string."""
    parts, depth, begin = [], 0, 0
    masked = STRING.sub(lambda found: "s" * len(found[0]), text)
    for place, letter in enumerate(masked):
        depth += (letter in "([{") - (letter in ")]}")
        if letter == "," and depth == 0:
            parts.append(text[begin:place].strip())
            begin = place + 1
    return [part for part in (*parts, text[begin:].strip()) if part]
