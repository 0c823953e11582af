"""What a call of Python asserts: unittest, mocks, numpy, and helpers of other files by their names. Pure."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import replace

from jobs.checks.tamper.model import Assertion, Level
from jobs.checks.tamper.py_asserts import close, made, of, pair, raises
from jobs.checks.tamper.py_forms import bare, last, names, number

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


def called(call: ast.Call) -> list[Assertion] | None:
    """What a call asserts by itself; None for one that asserts nothing as far as its name tells."""
    name = last(call.func)
    if name in _MOCK and isinstance(call.func, ast.Attribute):
        given = ", ".join([*map(bare, call.args), *(f"{word.arg}={bare(word.value)}" for word in call.keywords)])
        found = made("mock", _MOCK[name], call.func.value)
        return [replace(found, expected=given, detail=name)]
    if name.startswith("assert") and name[6:7].isupper():
        return _unittest(name[6:], call)
    if name == "raises":
        return _raising(call)
    if name == "fail":
        return [replace(made("fails", Level.EXACT, call.func), detail="")]
    if name.startswith(("assert_", "check_", "verify_", "expect_")):
        return [_tool(name, call)]
    return None


def _tool(name: str, call: ast.Call) -> Assertion:
    """numpy, pandas and helpers of other files."""
    if name in {"assert_allclose", "assert_almost_equal", "assert_array_almost_equal"} and len(call.args) > 1:
        places = next((number(word.value) for word in call.keywords if word.arg == "decimal"), None)
        usual = 1e-7 if name == "assert_allclose" else 10.0 ** -(places if places is not None else 7)
        return close(call, ("rtol", "atol"), usual)
    if name.endswith("_equal") and len(call.args) > 1:
        return pair("equal", call.args[0], call.args[1])
    return made(f"{name}", Level.CLOSE, call)


def _unittest(name: str, call: ast.Call) -> list[Assertion] | None:
    args = call.args
    special = _SPECIAL.get(name)
    if special is not None:
        return special(call)
    kind = _UNITTEST.get(name)
    if kind is not None and len(args) > 1:
        return [pair(kind, args[0], args[1], Level.EXACT if kind == "counts" else None)]
    return [made(f"assert{name}", Level.CLOSE, call)]


def _almost(call: ast.Call) -> list[Assertion] | None:
    if len(call.args) < 2:
        return None
    given = {word.arg: number(word.value) for word in call.keywords}
    places = given.get("places", number(call.args[2]) if len(call.args) > 2 else None)
    slack = given.get("delta")
    slack = slack if slack is not None else 0.5 * 10.0 ** -(7 if places is None else places)
    found = pair("equal", call.args[0], call.args[1], Level.CLOSE)
    return [replace(found, level=min(found.level, Level.CLOSE), slack=slack)]


def _raising(call: ast.Call) -> list[Assertion] | None:
    """The error, with Regex its message, and then what is called with what."""
    first = 2 if last(call.func).endswith("Regex") else 1
    if len(call.args) <= first:
        return None
    body = ast.Call(call.args[first], list(call.args[first + 1 :]), list(call.keywords))
    return [raises(call.args[0], bare(body), names(body), call.args[1] if first == 2 else None)]


def _against(kind: str, value: None) -> Callable[[ast.Call], list[Assertion] | None]:
    return lambda call: [pair(kind, call.args[0], ast.Constant(value))] if call.args else None


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
