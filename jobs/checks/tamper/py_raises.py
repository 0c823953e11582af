"""What a Python `with` asserts that waits for an error or a warning."""

from __future__ import annotations

import ast
from dataclasses import replace

from jobs.checks.tamper.model import Assertion, Level
from jobs.checks.tamper.py_asserts import raises
from jobs.checks.tamper.py_forms import Env, last, names, said

_MATCHES = {"match", "expected_regex"}
_ERRORS = {"raises", "assertRaises", "assertRaisesRegex"}


def expected_error(block: ast.With | ast.AsyncWith, call: ast.Call, env: Env) -> Assertion:
    """`call` is the one of its items that waits. A block that begins with a raise asserts nothing."""
    parts = [said(part, env) for part in block.body if not isinstance(part, ast.Assert)]
    used = tuple(name for part in block.body for name in names(part))
    made = raises(_error(call), "; ".join(parts), used, _message(call))
    kind = made.kind if last(call.func) in _ERRORS else "warns"
    sure = bool(block.body) and isinstance(block.body[0], ast.Raise)
    return replace(made, kind=kind, level=Level.NOTHING if sure else made.level)


def _error(call: ast.Call) -> ast.expr | None:
    """The error or warning; of assertLogs, whose arguments all may be left out, what stands first."""
    given = {word.arg: word.value for word in call.keywords if word.arg not in {*_MATCHES, "check"}}
    named = given.get("expected_exception") or given.get("expected_warning")
    return call.args[0] if call.args else named or next(iter(given.values()), None)


def _message(call: ast.Call) -> ast.expr | None:
    if last(call.func).endswith("Regex") and len(call.args) > 1:
        return call.args[1]
    return next((word.value for word in call.keywords if word.arg in _MATCHES), None)
