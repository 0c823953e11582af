"""What a Python file does when it is loaded, what it chooses by, and where it reaches for a test runner."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator
from typing import Any

from jobs.checks.tamper.py_calls import Function
from jobs.checks.tamper.py_forms import constant, dotted, last, text

HOOK = re.compile(
    r"pytest_(runtest|collection|collect|session|configure|unconfigure|report|terminal|load|cmdline|pyfunc|itemcollected|"
    r"make|ignore|addoption|generate|assertrepr|exception|warning|plugin|internalerror|deselected|fixture)\w*$"
)
_REPORT = re.compile(r"junit-?xml|junit_xml|--?test-reporter|pytest_runtest_|pytest_sessionfinish", re.I)
_SIGNS = ("PYTEST_CURRENT_TEST", "PYTEST_VERSION", "NODE_TEST_CONTEXT")
_SNIFFED = re.compile(r"(pytest|unittest).*sys\.modules|sys\.argv.*test|test.*sys\.argv")
_RUNNERS = ("unittest", "pytest", "_pytest", "TestCase", "TestResult")


def python(data: bytes) -> dict[str, Any]:
    """`parts`: [kind, name, text, line] of the module's statements; `reaches`: [text, line] of what only code that
    wants to change how tests end needs; `choices`: see `_choices`.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(data)
        parts = [_part(one) for one in tree.body]
        return {"parts": parts, "reaches": list(_reaches(tree)), "choices": list(_choices(tree))}
    except (SyntaxError, ValueError, LookupError) as wrong:
        return {"wrong": str(wrong)[:200]}


def _part(one: ast.stmt) -> list[object]:
    return [_kind(one), _name(one), text(one), one.lineno]


def _kind(one: ast.stmt) -> str:
    if isinstance(one, Function):
        marks = " ".join(text(mark) for mark in one.decorator_list)
        if HOOK.match(one.name) or "hookimpl" in marks:
            return "hook"
        if "autouse=True" in marks:
            return "always"
        return "fixture" if "fixture" in marks else "act" if marks else "function"
    if isinstance(one, ast.Import):
        return "import"
    if isinstance(one, ast.ImportFrom):
        hooks = any(alias.name == "*" or HOOK.match(alias.asname or alias.name) for alias in one.names)
        return "hook" if hooks else "import"
    if isinstance(one, ast.ClassDef):
        return "class"
    if isinstance(one, ast.Assign | ast.AnnAssign):
        return _assigned(one)
    return "text" if isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant) else "act"


def _assigned(one: ast.Assign | ast.AnnAssign) -> str:
    targets = one.targets if isinstance(one, ast.Assign) else [one.target]
    names = [dotted(target) for target in targets]
    if any(HOOK.match(name) or name.startswith(("collect_ignore", "pytest_plugins", "pytestmark")) for name in names):
        return "hook"
    plain = all(isinstance(target, ast.Name) for target in targets)
    return "constant" if plain and one.value is not None and constant(one.value) else "act"


def _name(one: ast.stmt) -> str:
    if isinstance(one, Function | ast.ClassDef):
        return one.name
    targets = one.targets if isinstance(one, ast.Assign) else [one.target] if isinstance(one, ast.AnnAssign) else []
    return ", ".join(dotted(target) for target in targets)


def _reaches(tree: ast.Module) -> Iterator[tuple[str, int]]:
    for node in ast.walk(tree):
        if isinstance(node, Function) and HOOK.match(node.name):
            yield f"defines the hook {node.name}", node.lineno
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and len(node.value) < 200:
            if _REPORT.search(node.value):
                yield f"looks for the test runner's report ({node.value[:60]!r})", node.lineno
        elif isinstance(node, ast.Assign):
            yield from (
                (f"replaces {dotted(one)}", node.lineno) for one in node.targets if _of_runner(one, whole=False)
            )
        elif isinstance(node, ast.Call) and last(node.func) == "setattr" and node.args and _of_runner(node.args[0]):
            yield f"replaces a part of {dotted(node.args[0])}", node.lineno


def _of_runner(node: ast.expr, *, whole: bool = True) -> bool:
    parts = dotted(node).split(".")
    return bool(set(parts if whole else parts[:-1]) & set(_RUNNERS))


def _choices(tree: ast.Module) -> Iterator[dict[str, object]]:
    """Where the file chooses by written-out values: {line, keys, gives, form}, literals as `repr` writes them."""
    for node in ast.walk(tree):
        if isinstance(node, ast.If | ast.IfExp):
            if keys := list(_compared(node.test)):
                yield {"line": node.lineno, "keys": keys, "gives": _given(node), "form": "branch"}
        elif isinstance(node, ast.Match):
            parts = [part for case in node.cases for part in ast.walk(case.pattern)]
            keys = [repr(part.value) for part in parts if isinstance(part, ast.Constant)]
            gives = [value for case in node.cases for value in _given(case)]
            yield {"line": node.lineno, "keys": keys, "gives": gives, "form": "branch"}
        elif isinstance(node, ast.Dict) and len(node.keys) > 1:
            pairs = [(k, v) for k, v in zip(node.keys, node.values, strict=True) if k is not None]
            fixed = [(text(k), text(v)) for k, v in pairs if constant(k) and constant(v)]
            keys, gives = [key for key, _ in fixed], [value for _, value in fixed]
            yield {"line": node.lineno, "keys": keys, "gives": gives, "form": "table"}
        yield from _sniffs(node)


def _compared(test: ast.expr) -> Iterator[str]:
    for part in ast.walk(test):
        if isinstance(part, ast.Compare) and isinstance(part.ops[0], ast.Eq | ast.In | ast.Is):
            for side in (part.left, *part.comparators):
                values = side.elts if isinstance(side, ast.Tuple | ast.List | ast.Set) else [side]
                fixed = (value for value in values if isinstance(value, ast.Constant | ast.UnaryOp))
                yield from (text(value) for value in fixed if constant(value))


def _given(node: ast.AST) -> list[str]:
    if isinstance(node, ast.IfExp):
        return [text(node.body)] if constant(node.body) else []
    block = node.body if isinstance(node, ast.If | ast.match_case) else []
    values = [one.value for one in block if isinstance(one, ast.Return | ast.Assign) and one.value is not None]
    return [text(value) for value in values if constant(value)]


def _sniffs(node: ast.AST) -> Iterator[dict[str, object]]:
    said = text(node) if isinstance(node, ast.Compare | ast.Call) else ""
    if isinstance(node, ast.Constant):
        said = str(node.value) if node.value in _SIGNS else ""
    elif isinstance(node, ast.Compare):
        said = said if _SNIFFED.search(said) else ""
    elif not (isinstance(node, ast.Call) and dotted(node.func) == "os._exit"):
        said = ""
    if said:
        yield {"line": getattr(node, "lineno", 0), "keys": [said], "gives": [], "form": "sniff"}
