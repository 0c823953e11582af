"""Calls, handlers and functions of Python tests: what they replace, swallow, are given."""

from __future__ import annotations

import ast

from jobs.checks.tamper.py_assert_calls import called
from jobs.checks.tamper.py_forms import Env, dotted, last, put_in

Function = ast.FunctionDef | ast.AsyncFunctionDef
BROAD = {"", "Exception", "BaseException", "AssertionError"}
RAISES = {"raises", "assertRaises", "assertRaisesRegex", "warns", "assertWarns", "assertWarnsRegex", "assertLogs"}
_PATCHES = {"patch", "object", "dict", "multiple", "setattr", "setitem", "spy", "stub"}


def swallows(handler: ast.ExceptHandler) -> bool:
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    broad = any(kind is None or last(kind) in BROAD for kind in kinds)
    loud = any(
        isinstance(part, ast.Raise | ast.Assert) or (isinstance(part, ast.Call) and last(part.func) == "fail")
        for part in ast.walk(handler)
    )
    return broad and not loud


def mocked(call: ast.Call) -> str:
    """The name that a call replaces, empty where it replaces none."""
    name, args = last(call.func), call.args
    whole = dotted(call.func)
    if name not in _PATCHES or not args or not any(word in whole for word in ("patch", "monkeypatch", "mocker")):
        return ""
    if isinstance(args[0], ast.Constant) and isinstance(args[0].value, str):
        return args[0].value
    if len(args) > 1 and isinstance(args[1], ast.Constant):
        return f"{dotted(args[0])}.{args[1].value!s}"
    return ""


def holds_assertion(function: Function) -> bool:
    """Whether it asserts something as far as its own lines tell."""
    return any(
        isinstance(part, ast.Assert)
        or (isinstance(part, ast.Call) and called(part) is not None)
        or (isinstance(part, ast.withitem) and isinstance(part.context_expr, ast.Call) and _raising(part.context_expr))
        for part in ast.walk(function)
    )


def _raising(call: ast.Call) -> bool:
    return last(call.func) in RAISES


def given(function: Function, call: ast.Call, env: Env) -> dict[str, ast.expr]:
    """The parameters of a call by name."""
    params = [arg.arg for arg in (*function.args.posonlyargs, *function.args.args) if arg.arg not in {"self", "cls"}]
    defaults = function.args.defaults
    found = dict(zip(params[len(params) - len(defaults) :], defaults, strict=False)) if defaults else {}
    wanted = {
        arg.arg: default for arg, default in zip(function.args.kwonlyargs, function.args.kw_defaults, strict=True)
    }
    found |= {name: default for name, default in wanted.items() if default is not None}
    found |= {name: put_in(value, env) for name, value in zip(params, call.args, strict=False)}
    return found | {word.arg: put_in(word.value, env) for word in call.keywords if word.arg}
