"""A few habits that are surely slow: what is done in each round of a loop although once would do."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence

from jobs.checks.bindings import Bindings
from jobs.checks.changed import each, pairs
from jobs.checks.ecma import ask
from jobs.checks.names import module
from jobs.checks.result import Finding, Found
from jobs.checks.scene import Scene
from state.plan.flat import is_test

MANY = 10
_LOOPS = (ast.For, ast.AsyncFor, ast.While)
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)
_ASKS = frozenset({"execute", "fetchone", "scalar", "scalars", "get_or_create"})
_DATABASE = re.compile(r"(?i)(^|_)(cursor|cur|conn|connection|session|db|database|engine)$")


def look(scene: Scene) -> tuple[Found, Sequence[Finding]]:
    """The changed files that are no tests."""
    now, before = each(slow, pairs(scene, lambda path: path.endswith(".py") and not is_test(path)))
    files = [one for one in ask.ecma_files(scene) if not is_test(one.path)]
    ecma_now, ecma_before = ask.found(files, "performance")
    return Found((*now, *ecma_now)), (*before, *ecma_before)


def slow(path: str, text: str) -> list[Finding]:
    """Such places of a Python text; none where it does not parse."""
    tree = module(text)
    if tree is None:
        return []
    names = Bindings(tree)
    found: dict[tuple[int, int, str], Finding] = {}
    for loop in (node for node in names.nodes if isinstance(node, _LOOPS)):
        body = [part for statement in loop.body for part in _below(statement)]
        for node in body:
            for code, message in (*_calls(node, names), *_searches(node, body, names)):
                place = (getattr(node, "lineno", 0), getattr(node, "col_offset", 0), code)
                found[place] = Finding(path, place[0], code, message)
    return [found[place] for place in sorted(found)]


def _below(statement: ast.AST) -> Iterator[ast.AST]:
    """The statement and its parts, not into functions that are only defined there."""
    waiting = [statement]
    while waiting:
        node = waiting.pop()
        if not isinstance(node, _SCOPES):
            yield node
            waiting += ast.iter_child_nodes(node)


def _calls(node: ast.AST, names: Bindings) -> Iterator[tuple[str, str]]:
    if not isinstance(node, ast.Call):
        return
    fixed = bool(node.args) and isinstance(node.args[0], ast.Constant)
    if fixed and names.called(node) == "re.compile":
        yield "regex-in-loop", "a fixed regular expression is compiled in every round of a loop: compile it once before"
    elif isinstance(node.func, ast.Attribute) and _asks(node.func):
        yield "query-in-loop", "the database is asked in every round of a loop: ask once for all, or use executemany"
    elif fixed and _in_front(node):
        yield "insert-in-front", "insert(0, ...) in a loop moves the whole list each time: use collections.deque"


def _asks(function: ast.Attribute) -> bool:
    return function.attr in _ASKS and _DATABASE.search(_last(function.value)) is not None


def _in_front(call: ast.Call) -> bool:
    named = isinstance(call.func, ast.Attribute) and call.func.attr == "insert"
    return named and len(call.args) == 2 and ast.unparse(call.args[0]) == "0"


def _last(node: ast.expr) -> str:
    if isinstance(node, ast.Call):
        return _last(node.func)
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _searches(node: ast.AST, body: Sequence[ast.AST], names: Bindings) -> Iterator[tuple[str, str]]:
    """`x in found`, where `found` is a list that grows in the same loop, or a long one."""
    if not isinstance(node, ast.Compare) or not isinstance(node.ops[0], ast.In | ast.NotIn):
        return
    where = node.comparators[0]
    values = names.values(where.id) if isinstance(where, ast.Name) else []
    if not isinstance(where, ast.Name) or not values or not all(map(_is_list, values)):
        return
    if any(map(_long, values)) or any(_appends(one, where.id) for one in body):
        yield "list-search", "a list is searched in every round of a loop: keep a set for it"


def _is_list(value: ast.expr | None) -> bool:
    return isinstance(value, ast.List | ast.ListComp)


def _long(value: ast.expr | None) -> bool:
    return isinstance(value, ast.List) and len(value.elts) >= MANY


def _appends(node: ast.AST, name: str) -> bool:
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or node.func.attr != "append":
        return False
    return isinstance(node.func.value, ast.Name) and node.func.value.id == name
