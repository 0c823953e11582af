"""What a Python test file does when it is loaded: what it ends, what it changes by hand, and which names no longer hold
what was defined there.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence

from jobs.checks.tamper.py_calls import Function
from jobs.checks.tamper.py_forms import Definition, callee, dotted, last, named, stored, text

_BLOCKS = ast.stmt | ast.ExceptHandler | ast.match_case
_RUNNERS = {"unittest", "pytest", "TestCase", "sys"}
_ENDS = {"exit", "_exit", "quit", "abort"}
_ENDING = {"os._exit", "os.abort", "sys.exit", "exit", "quit", "pytest.exit"}
_REACHING = {"globals", "vars", "locals", "setattr", "delattr", "exec", "eval"}
_CHANGING = {"setattr", "delattr", "exec", "eval"}
_SPACES = {"globals", "vars", "locals"}
_WRITES = {"pop", "popitem", "clear", "update", "setdefault", "__setitem__", "__delitem__"}


def load_marks(block: Sequence[ast.stmt]) -> Iterator[tuple[str, int]]:
    """What ends the run, changes the module by hand, or stands in for parts of the runner."""
    told: set[ast.AST] = set()
    for node in _carried_out(block):
        if isinstance(node, ast.Expr):
            told |= {part for part in ast.walk(node) if isinstance(part, ast.Call)}
            yield from ((said, node.lineno) for said in _expression(node))
        elif isinstance(node, ast.expr | ast.Raise) and node not in told and (said := _mark(node)):
            yield said, node.lineno
    yield from (
        ("load_tests chooses which tests run", one.lineno) for one in _every(block) if "load_tests" in _names(one)
    )


def _expression(one: ast.Expr) -> Iterator[str]:
    """An expression that stands alone is there for what it does."""
    for part in ast.walk(one):
        name = last(part.func) if isinstance(part, ast.Call) else ""
        if name in _ENDS:
            yield f"{text(part)[:80]} ends the run"
        elif name in _REACHING:
            yield f"{text(one)[:80]} changes the module by hand"


def _mark(node: ast.expr | ast.Raise) -> str:
    """What any other node says, empty for nothing."""
    if isinstance(node, ast.Raise):
        return f"{text(node)[:80]} ends the run" if node.exc and last(callee(node.exc)) == "SystemExit" else ""
    if isinstance(node, ast.Call):
        return _call(node)
    if isinstance(node, ast.Attribute | ast.Subscript) and stored(node):
        return _put(node)
    return ""


def _call(call: ast.Call) -> str:
    name = dotted(call.func).removeprefix("builtins.")
    if name in _ENDING:
        return f"{text(call)[:80]} ends the run"
    written = isinstance(call.func, ast.Attribute) and call.func.attr in _WRITES and _space(call.func.value)
    return f"{text(call)[:80]} changes the module by hand" if written or name in _CHANGING else ""


def _put(node: ast.Attribute | ast.Subscript) -> str:
    """Something else is put there, or it is deleted."""
    if isinstance(node, ast.Subscript):
        return f"{text(node)[:80]} is changed by hand" if _space(node.value) else ""
    head, dot, _ = dotted(node).partition(".")
    return f"{dotted(node)} is replaced" if dot and head in _RUNNERS else ""


def _space(node: ast.expr) -> bool:
    """Whether it holds names: `globals()`."""
    return isinstance(node, ast.Call) and dotted(node.func).removeprefix("builtins.") in _SPACES


def _carried_out(block: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """Every node in order, but what stands in functions and what is done only where the file is no test."""
    waiting = list(block)[::-1]
    while waiting:
        node = waiting.pop()
        yield node
        waiting += _parts(node)[::-1]


def _parts(node: ast.AST) -> list[ast.AST]:
    if isinstance(node, Function):
        return [*node.decorator_list, node.args]
    if isinstance(node, ast.Lambda):
        return [*node.args.defaults, *filter(None, node.args.kw_defaults)]
    if isinstance(node, ast.If) and _never(node):
        return [*node.orelse]
    return list(ast.iter_child_nodes(node))


def _never(one: ast.If) -> bool:
    """Whether a run of tests never goes into it."""
    return text(one.test) in {"False", "0", "None", "__name__ == '__main__'"}


def taken_from_outside(block: Sequence[ast.stmt]) -> set[str]:
    """Attributes that get another value, or are deleted: `CartTest.test_add = None`."""
    nodes = (node for node in _carried_out(block) if isinstance(node, ast.Attribute))
    return {node.attr for node in nodes if stored(node)}


def lost(block: Iterable[ast.stmt]) -> set[ast.stmt]:
    """Functions and classes whose names are deleted, or taken by something else, further down."""
    gone: set[ast.stmt] = set()
    _follow(block, {}, gone)
    return gone


def _follow(block: Iterable[ast.stmt], live: dict[str, set[ast.stmt]], gone: set[ast.stmt]) -> None:
    """`live` is what each name may hold. What stands in another branch takes nothing from this one."""
    for one in block:
        gone.update(*(live.pop(name) for name in _names(one) & live.keys()))
        if isinstance(one, Definition):
            live[one.name] = {one}
        sides = [(branch, dict(live)) for branch in _branches(one)]
        for branch, side in sides:
            _follow(branch, side, gone)
            live |= {name: made | live.get(name, made) for name, made in side.items()}


def _every(block: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    for one in block:
        yield one
        for branch in _branches(one):
            yield from _every(branch)


def _branches(one: ast.stmt) -> list[list[ast.stmt]]:
    """Its blocks: one after another in one list, one or the other in two."""
    if isinstance(one, Definition):
        return []
    if isinstance(one, ast.If):
        return [[] if _never(one) else one.body, one.orelse]
    if isinstance(one, ast.Match):
        return [case.body for case in one.cases]
    main = [part for name in ("body", "orelse", "finalbody") for part in getattr(one, name, ())]
    return [main, *(handler.body for handler in getattr(one, "handlers", ()))]


def _names(one: ast.stmt) -> set[str]:
    """The names that it gives something to, or deletes, leaving its blocks aside."""
    if isinstance(one, Definition):
        return {one.name}
    if isinstance(one, ast.AnnAssign) and one.value is None:
        return set()
    parts = [part for part in ast.iter_child_nodes(one) if not isinstance(part, _BLOCKS)]
    parts += [case.pattern for case in getattr(one, "cases", ())]
    return {named(node) for node in (*_carried_out(parts), *getattr(one, "handlers", ()))} - {""}
