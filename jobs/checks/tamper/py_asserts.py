"""What an expression or a call of Python asserts. Pure; the names in it are already replaced."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import replace

from jobs.checks.tamper.model import Assertion, Level
from jobs.checks.tamper.py_forms import constant, last, names, number, text

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
_SWAPPED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
LEVELS = {"equal": Level.EXACT, "unequal": Level.UNEQUAL, "is": Level.EXACT}
_SAME = ("Equal", "Equals", "DictEqual", "ListEqual", "SetEqual", "TupleEqual", "SequenceEqual", "MultiLineEqual")
_UNITTEST: dict[str, str] = {
    **dict.fromkeys(_SAME, "equal"),
    "CountEqual": "counts",
    "NotEqual": "unequal",
    "Is": "is",
    "IsNot": "unequal",
    "In": "in",
    "NotIn": "not in",
    "Less": "<",
    "LessEqual": "<=",
    "Greater": ">",
    "GreaterEqual": ">=",
    "Regex": "match",
    "NotRegex": "no match",
    "IsInstance": "instance",
    "NotIsInstance": "no instance",
    "NotAlmostEqual": "unequal",
}
_MOCK = {
    "assert_called_once_with": Level.EXACT,
    "assert_called_with": Level.EXACT,
    "assert_has_calls": Level.EXACT,
    "assert_not_called": Level.EXACT,
    "assert_any_call": Level.CLOSE,
    "assert_called_once": Level.LOOSE,
    "assert_called": Level.TRUTH,
}
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
    return _made("either", Level.NOTHING if sure else Level.EITHER, node)


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
        return _made(kind, Level.NOTHING, left, right)
    found = _made(kind, level, left, right)
    slack = _approx(right) if kind == "equal" else None
    if slack is not None:
        value = right.args[0] if isinstance(right, ast.Call) and right.args else right
        return replace(found, level=Level.CLOSE, expected=text(value), slack=slack)
    anything = level is Level.EXACT and any(last(part) in _ANYTHING for part in ast.walk(right))
    return replace(found, level=Level.NOTHING if last(right) in _ANYTHING else Level.LOOSE) if anything else found


def _sure(kind: str, left: ast.expr, right: ast.expr) -> bool:
    """Whether it can only hold, or looks at nothing but itself."""
    if constant(left) and constant(right):
        return True
    if kind in {"equal", "is", "<=", ">="} and text(left) == text(right):
        return True
    return kind == ">=" and number(right) == 0 and isinstance(left, ast.Call) and last(left.func) == "len"


def _approx(node: ast.expr) -> float | None:
    """pytest.approx's tolerance, as one number."""
    if not isinstance(node, ast.Call) or last(node.func) != "approx":
        return None
    given = {word.arg: number(word.value) for word in node.keywords}
    rel = given.get("rel", number(node.args[1]) if len(node.args) > 1 else None)
    return max(rel if rel is not None else (0.0 if given.get("abs") else 1e-6), given.get("abs") or 0.0)


def _truth(node: ast.expr, negated: bool) -> Assertion:
    if isinstance(node, ast.NamedExpr):
        return _truth(node.value, negated)
    if isinstance(node, ast.Call):
        name = last(node.func)
        if name in {"isclose", "allclose"} and len(node.args) > 1 and not negated:
            return _close(node, ("rel_tol", "abs_tol", "rtol", "atol"), 1e-9)
        if name == "isinstance" and len(node.args) > 1:
            sure = text(node.args[1]) == "object" and not negated
            return pair("instance", node.args[0], node.args[1], Level.NOTHING if sure else Level.UNEQUAL)
    fixed = constant(node) or isinstance(node, ast.Tuple | ast.List | ast.Lambda)
    return _made("false" if negated else "truth", Level.NOTHING if fixed else Level.TRUTH, node)


def _close(call: ast.Call, words: tuple[str, ...], usual: float) -> Assertion:
    given = [number(word.value) for word in call.keywords if word.arg in words]
    slack = max((one for one in given if one is not None), default=usual)
    return replace(pair("equal", call.args[0], call.args[1], Level.CLOSE), level=Level.CLOSE, slack=slack)


def called(call: ast.Call) -> list[Assertion] | None:
    """What a call asserts by itself; None for one that asserts nothing as far as its name tells."""
    name = last(call.func)
    if name in _MOCK and isinstance(call.func, ast.Attribute):
        given = ", ".join([*map(text, call.args), *(f"{word.arg}={text(word.value)}" for word in call.keywords)])
        made = _made("mock", _MOCK[name], call.func.value)
        return [replace(made, expected=given, detail=name)]
    if name.startswith("assert") and name[6:7].isupper():
        return _unittest(name[6:], call)
    if name in {"fail"}:
        return [replace(_made("fails", Level.EXACT, call.func), detail="")]
    if name.startswith(("assert_", "check_", "verify_", "expect_")):
        return [_tool(name, call)]
    return None


def _tool(name: str, call: ast.Call) -> Assertion:
    """numpy, pandas and helpers of other files."""
    if name in {"assert_allclose", "assert_almost_equal", "assert_array_almost_equal"} and len(call.args) > 1:
        places = next((number(word.value) for word in call.keywords if word.arg == "decimal"), None)
        usual = 1e-7 if name == "assert_allclose" else 10.0 ** -(places if places is not None else 7)
        return _close(call, ("rtol", "atol"), usual)
    if name.endswith("_equal") and len(call.args) > 1:
        return pair("equal", call.args[0], call.args[1])
    return _made(f"{name}", Level.CLOSE, call)


def _unittest(name: str, call: ast.Call) -> list[Assertion] | None:
    args = call.args
    special = _SPECIAL.get(name)
    if special is not None:
        return special(call)
    kind = _UNITTEST.get(name)
    if kind is not None and len(args) > 1:
        return [pair(kind, args[0], args[1], Level.EXACT if kind == "counts" else None)]
    return [_made(f"assert{name}", Level.CLOSE, call)]


def _almost(call: ast.Call) -> list[Assertion] | None:
    if len(call.args) < 2:
        return None
    given = {word.arg: number(word.value) for word in call.keywords}
    places = given.get("places", number(call.args[2]) if len(call.args) > 2 else None)
    slack = given.get("delta")
    slack = slack if slack is not None else 0.5 * 10.0 ** -(7 if places is None else places)
    made = pair("equal", call.args[0], call.args[1], Level.CLOSE)
    return [replace(made, level=min(made.level, Level.CLOSE), slack=slack)]


def _raising(call: ast.Call) -> list[Assertion] | None:
    if len(call.args) < 2:
        return None
    body = ast.Call(call.args[1], list(call.args[2:]), list(call.keywords))
    return [raises(call.args[0], text(body), names(body))]


def raises(kind: ast.expr | None, body: str, used: tuple[str, ...], match: str = "") -> Assertion:
    """That `body` ends with this error."""
    return Assertion("raises", Level.EXACT, body, text(kind) if kind is not None else "", detail=match, names=used)


def _against(kind: str, value: None) -> Callable[[ast.Call], list[Assertion] | None]:
    def made(call: ast.Call) -> list[Assertion] | None:
        return [pair(kind, call.args[0], ast.Constant(value))] if call.args else None

    return made


def _holds(negated: bool) -> Callable[[ast.Call], list[Assertion] | None]:
    return lambda call: list(of(call.args[0], negated)) if call.args else None


_SPECIAL: dict[str, Callable[[ast.Call], list[Assertion] | None]] = {
    "True": _holds(False),
    "False": _holds(True),
    "IsNone": _against("is", None),
    "IsNotNone": _against("unequal", None),
    "AlmostEqual": _almost,
    "AlmostEquals": _almost,
    "Raises": _raising,
    "RaisesRegex": _raising,
}


def _made(kind: str, level: Level, subject: ast.AST, expected: ast.AST | None = None) -> Assertion:
    used = names(subject) if expected is None else (*names(subject), *names(expected))
    return Assertion(kind, level, text(subject), text(expected) if expected is not None else "", names=used)
