"""What keeps Python tests from running or counting: decorators, `pytestmark`, skips of a whole file."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from jobs.checks.tamper.model import Off
from jobs.checks.tamper.py_calls import Function
from jobs.checks.tamper.py_cases import OFF
from jobs.checks.tamper.py_forms import callee, dotted, last, put_in, text

_SOMETIMES = {"skipif", "skipIf", "skipUnless"}
_SKIPPING = {"pytest.skip", "pytest.importorskip", "unittest.SkipTest", "SkipTest"}


def resolve(tree: ast.Module) -> None:
    """Write out decorators that were given another name: `later = pytest.mark.skip`."""
    env: dict[str, ast.expr] = {}
    for one in tree.body:
        if isinstance(one, ast.Assign) and last(callee(one.value)) in OFF:
            env |= {target.id: one.value for target in one.targets if isinstance(target, ast.Name)}
        elif isinstance(one, ast.ImportFrom):
            env |= {alias.asname: ast.Name(alias.name, ast.Load()) for alias in one.names if alias.asname}
    for node in ast.walk(tree):
        if isinstance(node, Function | ast.ClassDef):
            node.decorator_list = [put_in(mark, env) for mark in node.decorator_list]


def marked(block: Sequence[ast.stmt]) -> tuple[Off, ...]:
    """pytestmark, and what skips a whole file."""
    found: list[Off] = []
    for one in block:
        if isinstance(one, ast.Assign) and any(last(target) == "pytestmark" for target in one.targets):
            marks = one.value.elts if isinstance(one.value, ast.List | ast.Tuple) else [one.value]
            found += decorated(marks)
        elif isinstance(one, ast.Assign) and text(one) == "__test__ = False":
            found.append(Off("__test__ = False"))
        elif isinstance(one, ast.Expr | ast.Raise | ast.If):
            found += _skipping(one)
    return tuple(found)


def _skipping(one: ast.stmt) -> Iterator[Off]:
    for part in ast.walk(one):
        if isinstance(part, ast.Call) and dotted(part.func) in _SKIPPING:
            name = last(part.func)
            yield Off(name, isinstance(one, ast.If) or "import" in name, text(part)[:200])


def decorated(decorators: Sequence[ast.expr]) -> tuple[Off, ...]:
    """What decorators switch off."""
    found = []
    for one in decorators:
        name = last(callee(one))
        if name in OFF:
            sometimes = name in _SOMETIMES or (name == "xfail" and isinstance(one, ast.Call) and bool(one.args))
            never = isinstance(one, ast.Call) and bool(one.args) and _always(name, one.args[0])
            found.append(Off(name, sometimes and not never, text(one)[:200]))
    return tuple(found)


def _always(name: str, condition: ast.expr) -> bool:
    if not isinstance(condition, ast.Constant) or isinstance(condition.value, str):
        return False
    return bool(condition.value) != (name == "skipUnless")


def known(one: ast.expr) -> bool:
    """Whether a decorator is understood here or by py_cases.py."""
    return last(callee(one)) in {*OFF, "parametrize", "expand"}
