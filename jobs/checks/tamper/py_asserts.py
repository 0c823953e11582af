"""What an expression of Python asserts. Pure; the names in it are already replaced."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace

from jobs.checks.tamper.model import Assertion, Level
from jobs.checks.tamper.py_forms import bare, constant, last, names, number, text
from jobs.checks.tamper.weaker import AWAITED

_OPS: dict[type[ast.cmpop], tuple[str, Level, str]] = {
    ast.Eq: ("equal", Level.EXACT, "unequal"),
    ast.Is: ("is", Level.EXACT, "unequal"),
    ast.NotEq: ("unequal", Level.UNEQUAL, "equal"),
    ast.IsNot: ("unequal", Level.UNEQUAL, "equal"),
    ast.Lt: ("<", Level.LOOSE, ">="),
    ast.LtE: ("<=", Level.LOOSE, ">"),
    ast.Gt: (">", Level.LOOSE, "<="),
    ast.GtE: (">=", Level.LOOSE, "<"),
    ast.In: ("in", Level.LOOSE, "not in"),
    ast.NotIn: ("not in", Level.LOOSE, "in"),
}
_ANY_MESSAGE = {"", ".", ".*", ".+", "(.*)", "^", "$", "^.*", ".*$", "^.*$", "(?s).*"}
_SWAPPED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
LEVELS = {"equal": Level.EXACT, "unequal": Level.UNEQUAL, "is": Level.EXACT}
_UNAWAITED = {"truth", "unequal", "not in", "no instance"}
"""What holds of every coroutine, so that it matters whether the test waits for the answer."""
_ANYTHING = frozenset({"ANY", "AnyThing", "anything"})


def of(node: ast.expr, negated: bool = False) -> Iterator[Assertion]:
    """What `assert node` asserts, one for each part of an `and`."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield from of(node.operand, not negated)
    elif isinstance(node, ast.BoolOp) and isinstance(node.op, ast.Or) == negated:
        for part in node.values:
            yield from of(part, negated)
    elif isinstance(node, ast.BoolOp):
        yield _either(node, negated)
    elif isinstance(node, ast.Compare):
        left = node.left
        for op, right in zip(node.ops, node.comparators, strict=True):
            yield _compared(op, left, right, negated)
            left = right
    else:
        yield _truth(node, negated)


def _either(node: ast.BoolOp, negated: bool) -> Assertion:
    sure = any(one.level is Level.NOTHING for part in node.values for one in of(part, negated))
    return replace(made("either", Level.NOTHING if sure else Level.EITHER, node), subject=text(node))


def _compared(op: ast.cmpop, left: ast.expr, right: ast.expr, negated: bool) -> Assertion:
    kind, level, opposite = _OPS[type(op)]
    if negated:
        kind = opposite
        level = LEVELS.get(kind, Level.LOOSE)
    return pair(kind, left, right, level)


def pair(kind: str, left: ast.expr, right: ast.expr, level: Level | None = None) -> Assertion:
    """`left` held against `right`; a written-out value is always what is expected."""
    if constant(left) and not constant(right) and kind not in {"in", "not in"}:
        left, right, kind = right, left, _SWAPPED.get(kind, kind)
    level = LEVELS.get(kind, Level.LOOSE) if level is None else level
    if _sure(kind, left, right):
        return made(kind, Level.NOTHING, left, right)
    approx = _approx(right) if kind == "equal" else None
    if approx is not None:
        value, slack = approx
        return replace(made(kind, Level.CLOSE, left, right), expected=bare(value), slack=slack)
    return made(kind, _loosened(level, right), left, right)


def _loosened(level: Level, right: ast.expr) -> Level:
    """`ANY` equals everything: a value that holds it is loose, and alone it excludes nothing."""
    if level is not Level.EXACT:
        return level
    if last(right) in _ANYTHING:
        return Level.NOTHING
    return Level.LOOSE if any(last(part) in _ANYTHING for part in ast.walk(right)) else level


def _sure(kind: str, left: ast.expr, right: ast.expr) -> bool:
    """Whether it can only hold, or looks at nothing but itself."""
    if constant(left) and constant(right):
        return True
    if kind in {"equal", "is", "<=", ">="} and text(left) == text(right):
        return True
    return kind == ">=" and number(right) == 0 and isinstance(left, ast.Call) and last(left.func) == "len"


def _approx(node: ast.expr) -> tuple[ast.expr, float] | None:
    """What pytest.approx is given, and its tolerance as one number."""
    if not isinstance(node, ast.Call) or last(node.func) != "approx":
        return None
    given = {word.arg: number(word.value) for word in node.keywords}
    rel = given.get("rel", number(node.args[1]) if len(node.args) > 1 else None)
    slack = max(rel if rel is not None else (0.0 if given.get("abs") else 1e-6), given.get("abs") or 0.0)
    return (node.args[0] if node.args else node), slack


def _truth(node: ast.expr, negated: bool) -> Assertion:
    if isinstance(node, ast.NamedExpr):
        return _truth(node.value, negated)
    if isinstance(node, ast.Call) and len(node.args) > 1:
        name = last(node.func)
        if name in {"isclose", "allclose"} and not negated:
            return close(node, ("rel_tol", "abs_tol", "rtol", "atol"), 1e-9)
        if name == "isinstance":
            return _instance(node, negated)
    fixed = constant(node) or isinstance(node, ast.Tuple | ast.List | ast.Lambda)
    return made("false" if negated else "truth", Level.NOTHING if fixed else Level.TRUTH, node)


def _instance(call: ast.Call, negated: bool) -> Assertion:
    sure = text(call.args[1]) == "object" and not negated
    kind, level = "no instance" if negated else "instance", Level.NOTHING if sure else Level.UNEQUAL
    return pair(kind, call.args[0], call.args[1], level)


def close(call: ast.Call, words: tuple[str, ...], usual: float) -> Assertion:
    """The first two arguments are nearly equal; the keywords `words` hold the tolerance. Two written-out values put the
    function itself to the test.
    """
    given = [number(word.value) for word in call.keywords if word.arg in words]
    slack = max((one for one in given if one is not None), default=usual)
    left, right = call.args[:2]
    found = pair("equal", left, right, Level.CLOSE)
    level = Level.CLOSE if constant(left) and constant(right) else min(found.level, Level.CLOSE)
    return replace(found, level=level, slack=slack)


def raises(kind: ast.expr | None, body: str, used: tuple[str, ...], match: ast.expr | None = None) -> Assertion:
    """That `body` ends with this error, whose message has `match` in it."""
    anything = match is None or (isinstance(match, ast.Constant) and match.value in _ANY_MESSAGE)
    detail = "" if match is None or anything else text(match)
    return Assertion("raises", Level.EXACT, body, text(kind) if kind is not None else "", detail=detail, names=used)


def made(kind: str, level: Level, subject: ast.AST, expected: ast.AST | None = None) -> Assertion:
    """An assertion about these expressions."""
    used = names(subject) if expected is None else (*names(subject), *names(expected))
    waits = AWAITED if kind in _UNAWAITED and isinstance(subject, ast.Await) else ""
    return Assertion(kind, level, bare(subject), bare(expected) if expected is not None else "", 0.0, waits, names=used)
