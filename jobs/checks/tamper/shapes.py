"""What a Python file does when it is loaded, and where it reaches for a test runner."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator
from typing import Any

from jobs.checks.tamper.py_calls import Function
from jobs.checks.tamper.py_choices import choices
from jobs.checks.tamper.py_forms import constant, dotted, last, stored, targets, text
from jobs.checks.tamper.py_normal import normal

HOOK = re.compile(
    r"pytest_(runtest|collection|collect|session|configure|unconfigure|report|terminal|load|cmdline|pyfunc|itemcollected|"
    r"make|ignore|addoption|generate|assertrepr|exception|warning|plugin|internalerror|deselected|fixture)\w*$"
)
_REPORT = re.compile(r"junit-?xml|junit_xml|--?test-reporter|pytest_runtest_|pytest_sessionfinish", re.I)
_RUNNERS = ("unittest", "pytest", "_pytest", "TestCase", "TestResult")


def python(data: bytes) -> dict[str, Any]:
    """`parts`: [kind, name, text, line] of the module's statements; `reaches`: [text, line] of what only code that
    wants to change how tests end needs; `choices`: see py_choices.py.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = normal(ast.parse(data))
        parts = [_part(one) for one in tree.body]
        return {"parts": parts, "reaches": list(_reaches(tree)), "choices": list(choices(tree))}
    except (SyntaxError, ValueError, LookupError) as wrong:
        return {"wrong": str(wrong)[:200]}


def _part(one: ast.stmt) -> list[object]:
    return [_kind(one), _name(one), text(one), one.lineno]


def _kind(one: ast.stmt) -> str:
    if isinstance(one, Function):
        return _defined(one)
    if isinstance(one, ast.ImportFrom) and _imports_hooks(one):
        return "hook"
    if isinstance(one, ast.Import | ast.ImportFrom):
        return "import"
    if isinstance(one, ast.ClassDef):
        return "class"
    if isinstance(one, ast.Assign | ast.AnnAssign):
        return _assigned(one)
    return "text" if isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant) else "act"


def _defined(one: Function) -> str:
    marks = " ".join(text(mark) for mark in one.decorator_list)
    if HOOK.match(one.name) or "hookimpl" in marks:
        return "hook"
    if "autouse=True" in marks:
        return "always"
    if "fixture" in marks:
        return "fixture"
    return "act" if marks else "function"


def _imports_hooks(one: ast.ImportFrom) -> bool:
    return any(alias.name == "*" or HOOK.match(alias.asname or alias.name) for alias in one.names)


def _assigned(one: ast.Assign | ast.AnnAssign) -> str:
    into = targets(one)
    names = [dotted(target) for target in into]
    if any(HOOK.match(name) or name.startswith(("collect_ignore", "pytest_plugins", "pytestmark")) for name in names):
        return "hook"
    plain = all(isinstance(target, ast.Name) for target in into)
    return "constant" if plain and one.value is not None and constant(one.value) else "act"


def _name(one: ast.stmt) -> str:
    if isinstance(one, Function | ast.ClassDef):
        return one.name
    return ", ".join(dotted(target) for target in targets(one))


def _reaches(tree: ast.Module) -> Iterator[tuple[str, int]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.stmt | ast.expr):
            yield from ((said, node.lineno) for said in _reaching(node))


def _reaching(node: ast.stmt | ast.expr) -> Iterator[str]:
    if isinstance(node, Function) and HOOK.match(node.name):
        yield f"defines the hook {node.name}"
    elif isinstance(node, ast.Constant) and _names_report(node.value):
        yield f"looks for the test runner's report ({str(node.value)[:60]!r})"
    elif isinstance(node, ast.Attribute) and stored(node) and _of_runner(node, whole=False):
        yield f"replaces {dotted(node)}"
    elif isinstance(node, ast.Call):
        yield from _setting(node)


def _setting(call: ast.Call) -> Iterator[str]:
    into = call.args[:1] if last(call.func) == "setattr" else []
    yield from (f"replaces a part of {dotted(one)}" for one in into if _of_runner(one))


def _names_report(value: object) -> bool:
    return isinstance(value, str) and len(value) < 200 and _REPORT.search(value) is not None


def _of_runner(node: ast.expr, *, whole: bool = True) -> bool:
    parts = dotted(node).split(".")
    return bool(set(parts if whole else parts[:-1]) & set(_RUNNERS))
