"""The tests of a Python file by its syntax tree."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator, Mapping, Sequence

from jobs.checks.tamper.model import Module, Off, Test
from jobs.checks.tamper.py_calls import Function, holds_assertion, mocked
from jobs.checks.tamper.py_cases import cases
from jobs.checks.tamper.py_flow import Body
from jobs.checks.tamper.py_forms import callee, constant, last, put_in, targets, text
from jobs.checks.tamper.py_load import load_marks, lost, taken_from_outside
from jobs.checks.tamper.py_normal import normal
from jobs.checks.tamper.py_switches import decorated, known, marked, resolve

_CASE = ("TestCase", "Case", "Tests", "Test", "Mixin", "Base")


def read(data: bytes) -> Module:
    """What a file tests. `wrong` where it is no Python."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = normal(ast.parse(data))
        return _File(tree).module()
    except (SyntaxError, ValueError, LookupError, RecursionError, MemoryError) as wrong:
        return Module(wrong=str(wrong)[:200] or type(wrong).__name__)


class _File:
    """One file."""

    def __init__(self, tree: ast.Module) -> None:
        self.tree = tree
        self.statements = list(_reached(tree.body))
        self.classes = {one.name: one for one, _ in self.statements if isinstance(one, ast.ClassDef)}
        self.functions = {one.name: one for one, _ in self.statements if isinstance(one, Function)}
        self.helpers = {name: one for name, one in self.functions.items() if not name.startswith("test")}
        self.constants = _constants(tree.body)
        self.lost, self.gone = lost(tree.body), taken_from_outside(tree.body)
        resolve(tree)
        self.marks = list(load_marks(tree.body))
        self.shared = _file_mocks(tree.body)

    def module(self) -> Module:
        tests = {test.name: test for test in self._tests() if test.plain not in self.gone}
        helpers = [
            self._test(f"helper:{name}", one, (), {}, ()) for name, one in self.helpers.items() if holds_assertion(one)
        ]
        return Module(tuple(tests.values()), tuple(helpers), dict(_origins(self.tree)), tuple(self.marks))

    def _tests(self) -> Iterator[Test]:
        whole = marked(self.tree.body)
        for one, off in self.statements:
            if one in self.lost:
                continue
            if isinstance(one, Function) and one.name.startswith("test"):
                yield self._test(one.name, one, (*whole, *off), {}, self.shared)
            elif isinstance(one, ast.ClassDef):
                yield from self._class(one, "", (*whole, *off))

    def _class(self, one: ast.ClassDef, outer: str, off: tuple[Off, ...]) -> Iterator[Test]:
        members = self._members(one)
        if not _collected(one, members):
            return
        functions = {member.name: member for member in members if isinstance(member, Function)}
        own = (*off, *decorated(one.decorator_list), *marked(members))
        mocks = (*self.shared, *_set_up(functions), *_decorator_mocks(one.decorator_list))
        for name, function in functions.items():
            if name.startswith("test"):
                yield self._test(f"{outer}{one.name}::{name}", function, own, functions, mocks)
        for member in members:
            if isinstance(member, ast.ClassDef):
                yield from self._class(member, f"{outer}{one.name}::", own)
        overriding = (function for name, function in functions.items() if _overrides_runner(name))
        self.marks += [(f"{one.name} has a {method.name} of its own", method.lineno) for method in overriding]

    def _members(self, one: ast.ClassDef, depth: int = 0) -> list[ast.stmt]:
        """Its own and, before them, those of bases in the same file, as far as they keep their names."""
        found: list[ast.stmt] = []
        for base in one.bases if depth < 5 else ():
            local = self.classes.get(last(base))
            if local is not None and local is not one:
                found += self._members(local, depth + 1)
        found += [member for member, _ in _reached(one.body)]
        gone = lost(member for member in found if not isinstance(member, ast.If))
        return [*(member for member in found if member not in gone), *(s for s in one.body if isinstance(s, ast.If))]

    def _test(
        self, name: str, one: Function, off: tuple[Off, ...], methods: Mapping[str, Function], mocks: Sequence[str]
    ) -> Test:
        body = Body({**self.helpers, **methods} if methods else self.helpers)
        unseen: list[str] = []
        for row in cases(one.decorator_list, self.constants, unseen):
            body.walk(one.body, {**self.constants, **row}, loop=" ".join(unseen))
        around = (last(callee(d)) for d in one.decorator_list)
        wraps = tuple(name for name in around if name in self.functions or name == "fixture")
        rest = [*body.rest, *(text(d) for d in one.decorator_list if not known(d))]
        mocked_ = (*mocks, *body.mocks, *_decorator_mocks(one.decorator_list))
        given = (Off("yield", why="a test that yields is not run"),) if _yields(one) else ()
        switched = (*off, *decorated(one.decorator_list), *given, *body.off)
        return Test(name, one.lineno, tuple(body.asserts), switched, tuple(mocked_), wraps, "\n".join(rest))


def _reached(block: Sequence[ast.stmt], off: tuple[Off, ...] = ()) -> Iterator[tuple[ast.stmt, tuple[Off, ...]]]:
    """Statements that are carried out, with the conditions that they are under."""
    for one in block:
        if isinstance(one, ast.If):
            never = isinstance(one.test, ast.Constant) and not one.test.value
            sometimes = (*off, Off("if", True, text(one.test)[:200]))
            yield from () if never else _reached(one.body, sometimes)
            yield from _reached(one.orelse, sometimes)
        elif isinstance(one, ast.Try):
            yield from _reached([*one.body, *one.orelse, *one.finalbody], off)
        else:
            yield one, off


def _collected(one: ast.ClassDef, members: Sequence[ast.stmt]) -> bool:
    case = any(last(base).endswith(_CASE) for base in one.bases)
    switch = any(isinstance(member, ast.Assign) and text(member) == "__test__ = False" for member in one.body)
    made = any(isinstance(member, Function) and member.name == "__init__" for member in members)
    return not switch and (case or (one.name.startswith("Test") and not made))


def _overrides_runner(name: str) -> bool:
    return name.startswith("assert") or name in {"run", "fail", "__call__", "__getattribute__"}


def _constants(block: Sequence[ast.stmt]) -> dict[str, ast.expr]:
    """Names at module level that hold one written-out value."""
    found: dict[str, ast.expr] = {}
    twice: set[str] = set()
    for one in block:
        for target in targets(one):
            value = getattr(one, "value", None)
            if isinstance(target, ast.Name) and value is not None:
                twice |= {target.id} & found.keys()
                found[target.id] = put_in(value, found)
    return {name: value for name, value in found.items() if name not in twice and constant(value)}


def _decorator_mocks(decorators: Sequence[ast.expr]) -> list[str]:
    return [mock for one in decorators if isinstance(one, ast.Call) and (mock := mocked(one))]


def _set_up(functions: Mapping[str, Function]) -> list[str]:
    """What setUp and the like replace."""
    found: list[str] = []
    for name in ("setUp", "setUpClass", "setup_method", "setup_class", "asyncSetUp"):
        if name in functions:
            body = Body({})
            body.walk(functions[name].body, {})
            found += body.mocks
            calls = (part for part in ast.walk(functions[name]) if isinstance(part, ast.Call))
            found += [mock for call in calls if (mock := mocked(call))]
    return list(dict.fromkeys(found))


def _file_mocks(block: Sequence[ast.stmt]) -> tuple[str, ...]:
    """What the file replaces for all of its tests: at module level and in fixtures that are always used."""
    body = Body({})
    for one in block:
        if isinstance(one, ast.Assign | ast.Expr):
            body.walk([one], {})
        elif isinstance(one, Function) and any("autouse=True" in text(mark) for mark in one.decorator_list):
            body.walk(one.body, {})
    return tuple(body.mocks)


def _origins(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Where the names of the module come from; "here" for those that it makes itself."""
    for one in tree.body:
        if isinstance(one, ast.Import | ast.ImportFrom):
            yield from (_imported(one, alias) for alias in one.names)
        elif isinstance(one, Function | ast.ClassDef):
            yield one.name, "here"
        elif isinstance(one, ast.Assign):
            yield from ((target.id, "here") for target in one.targets if isinstance(target, ast.Name))


def _imported(one: ast.Import | ast.ImportFrom, alias: ast.alias) -> tuple[str, str]:
    name = alias.asname or alias.name
    if isinstance(one, ast.ImportFrom):
        return name, f"{one.module or '.'}.{alias.name}"
    return name.partition(".")[0], alias.name


def _yields(function: Function) -> bool:
    waiting: list[ast.AST] = list(function.body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Yield | ast.YieldFrom):
            return True
        if not isinstance(node, Function | ast.Lambda | ast.ClassDef):
            waiting += ast.iter_child_nodes(node)
    return False
