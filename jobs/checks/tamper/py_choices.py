"""Where Python chooses by written-out values, and by whether a test runner is at work."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from jobs.checks.tamper.py_forms import constant, dotted, text

_SIGNS = ("PYTEST_CURRENT_TEST", "PYTEST_VERSION", "NODE_TEST_CONTEXT")
_SNIFFED = re.compile(r"(pytest|unittest).*sys\.modules|sys\.argv.*test|test.*sys\.argv")


def choices(tree: ast.Module) -> Iterator[dict[str, object]]:
    """{line, keys, gives, form}, literals as `repr` writes them."""
    for node in ast.walk(tree):
        if isinstance(node, ast.If | ast.IfExp):
            yield from _branch(node)
        elif isinstance(node, ast.Match):
            yield _match(node)
        elif isinstance(node, ast.Dict) and len(node.keys) > 1:
            yield _table(node)
        yield from _sniffs(node)


def _branch(node: ast.If | ast.IfExp) -> Iterator[dict[str, object]]:
    if keys := list(_compared(node.test)):
        yield {"line": node.lineno, "keys": keys, "gives": _given(node), "form": "branch"}


def _match(node: ast.Match) -> dict[str, object]:
    parts = [part for case in node.cases for part in ast.walk(case.pattern)]
    keys = [repr(part.value) for part in parts if isinstance(part, ast.Constant)]
    gives = [value for case in node.cases for value in _given(case)]
    return {"line": node.lineno, "keys": keys, "gives": gives, "form": "branch"}


def _table(node: ast.Dict) -> dict[str, object]:
    pairs = [(key, value) for key, value in zip(node.keys, node.values, strict=True) if key is not None]
    fixed = [(text(key), text(value)) for key, value in pairs if constant(key) and constant(value)]
    keys, gives = [key for key, _ in fixed], [value for _, value in fixed]
    return {"line": node.lineno, "keys": keys, "gives": gives, "form": "table"}


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
