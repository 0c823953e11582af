"""The tests of a JavaScript or TypeScript file by its syntax tree."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from jobs.checks.tamper.js_asserts import tools_of
from jobs.checks.tamper.js_calls import block_of, mocked, parameters
from jobs.checks.tamper.js_flow import Body
from jobs.checks.tamper.js_forms import FUNCTIONS, arguments, constant, form, parser, plain, rows, words
from jobs.checks.tamper.js_origins import DECLARATIONS, origins
from jobs.checks.tamper.model import Module, Off, Test

if TYPE_CHECKING:
    from tree_sitter import Node

_TESTS = frozenset({"test", "it", "specify", "xit", "xtest", "fit", "ftest"})
_GROUPS = frozenset({"describe", "suite", "context", "xdescribe", "fdescribe", "xcontext"})
_OFF = {"skip": "skip", "todo": "todo", "failing": "failing", "fails": "failing", "skipIf": "skip", "runIf": "skip"}
_OPTIONS = ("skip", "todo", "only", "expectFailure", "fails")


def read(language: str, data: bytes) -> Module:
    """What a file tests."""
    return _File(parser(language).parse(data).root_node).module()


class _File:
    """One file."""

    def __init__(self, root: Node) -> None:
        self.root = root
        self.origins = dict(origins(root))
        self.tools = tools_of(self.origins)
        self.functions: dict[str, Node] = {}
        self.constants: dict[str, str] = {}
        self.arrays: dict[str, Node] = {}
        self.mocks: list[str] = []
        self.marks: list[tuple[str, int]] = []
        self.tests: dict[str, Test] = {}
        for node in root.named_children:
            self._known(node)

    def module(self) -> Module:
        self._walk(self.root.named_children, "", (), {})
        for module in [mock.removeprefix("module ") for mock in self.mocks if mock.startswith("module ")]:
            self.mocks += [name for name, origin in self.origins.items() if origin.rpartition("#")[0] == module]
        shared = tuple(self.mocks)
        tests = [
            Test(one.name, one.line, one.asserts, one.off, (*shared, *one.mocks), one.wraps, one.rest)
            for one in self.tests.values()
        ]
        wrong = "it cannot be parsed" if self.root.has_error and not tests else ""
        return Module(tuple(tests), (), self.origins, tuple(self.marks), wrong)

    def _known(self, node: Node) -> None:
        """Functions and written-out values at module level."""
        node = node.named_children[-1] if node.type == "export_statement" and node.named_children else node
        if node.type == "function_declaration":
            self.functions[plain(node.child_by_field_name("name") or node)] = node
        elif node.type in DECLARATIONS:
            for one in node.named_children:
                self._declarator(one)

    def _declarator(self, node: Node) -> None:
        name, value = node.child_by_field_name("name"), node.child_by_field_name("value")
        if name is None or value is None or name.type != "identifier":
            return
        if value.type in FUNCTIONS:
            self.functions[plain(name)] = value
        elif constant(shown := form(value, self.constants)):
            self.constants[plain(name)] = shown
            self.arrays |= {plain(name): value} if value.type == "array" else {}

    def _walk(self, block: Sequence[Node], outer: str, off: tuple[Off, ...], env: Mapping[str, str]) -> None:
        for node in block:
            if node.type == "expression_statement" and node.named_children:
                self._expression(node.named_children[0], outer, off, env)
            elif node.type == "for_in_statement":
                self._for(node, outer, off, env)
            elif node.type == "if_statement":
                self._if(node, outer, off, env)
            elif node.type in {"statement_block", "else_clause"}:
                self._walk(block_of(node), outer, off, env)

    def _if(self, node: Node, outer: str, off: tuple[Off, ...], env: Mapping[str, str]) -> None:
        when = plain(node.child_by_field_name("condition") or node).strip("()")
        sometimes = (*off, Off("if", when not in {"false", "0"}, when[:200]))
        for name in ("consequence", "alternative"):
            part = node.child_by_field_name(name)
            if part is not None:
                self._walk(block_of(part), outer, sometimes, env)

    def _for(self, node: Node, outer: str, off: tuple[Off, ...], env: Mapping[str, str]) -> None:
        values, target = node.child_by_field_name("right"), node.child_by_field_name("left")
        body = node.child_by_field_name("body")
        if values is None or target is None or body is None:
            return
        bound = self._rows(values, target, env)
        for row in bound if bound is not None else [{}]:
            self._walk(block_of(body), outer, off, {**env, **row})

    def _rows(self, values: Node, target: Node, env: Mapping[str, str]) -> list[dict[str, str]] | None:
        return rows(self.arrays.get(plain(values), values), target, {**self.constants, **env})

    def _expression(self, node: Node, outer: str, off: tuple[Off, ...], env: Mapping[str, str]) -> None:
        node = node.named_children[0] if node.type == "await_expression" else node
        if node.type == "assignment_expression":
            self._assignment(node)
            return
        path = words(node)
        head = path[0] if path else ""
        if head in _TESTS | _GROUPS:
            self._declared(node, path, outer, off, env)
        elif path in (["process", "exit"], ["process", "abort"]):
            self.marks.append((f"{plain(node)[:80]} ends the run", node.start_point[0] + 1))
        elif node.type == "call_expression" and (mock := mocked(node)):
            self.mocks.append(mock)
        elif head in {"beforeEach", "before", "beforeAll"}:
            self._set_up(node)

    def _assignment(self, node: Node) -> None:
        left = words(node.child_by_field_name("left"))
        if left and left[0] in self.tools.objects:
            self.marks.append((f"{'.'.join(left)} is replaced", node.start_point[0] + 1))

    def _set_up(self, node: Node) -> None:
        for function in (one for one in arguments(node) if one.type in FUNCTIONS):
            body = Body(self.tools, {})
            body.walk(block_of(function), {})
            self.mocks += body.mocks

    def _declared(self, node: Node, path: list[str], outer: str, off: tuple[Off, ...], env: Mapping[str, str]) -> None:
        args, line = arguments(node), node.start_point[0] + 1
        title = form(args[0], env).strip('"') if args else "?"
        name = f"{outer} > {title}" if outer else title
        own = (*off, *_switched(path, node, args))
        if _only(path, args):
            self.marks.append((f"only {title!r} runs", line))
        function = next((one for one in reversed(args) if one.type in FUNCTIONS), None)
        if path[0] in _GROUPS:
            if function is not None:
                self._walk(block_of(function), name, own, env)
            return
        if function is None:
            own = own or (Off("todo", why="it has no body"),)
        for row, loop in self._cases(node, function, env):
            self._test(name, line, function, own, {**env, **row}, loop)

    def _test(
        self, name: str, line: int, function: Node | None, off: tuple[Off, ...], env: Mapping[str, str], loop: str
    ) -> None:
        body = Body(self.tools, self.functions)
        if function is not None:
            body.walk(block_of(function), {**self.constants, **env}, loop=loop)
        known = self.tests.get(name)
        asserts = (*(known.asserts if known and (env or loop) else ()), *body.asserts)
        rest = "\n".join(dict.fromkeys(body.rest))
        self.tests[name] = Test(name, line, asserts, (*off, *body.off), tuple(body.mocks), (), rest)

    def _cases(
        self, node: Node, function: Node | None, env: Mapping[str, str]
    ) -> Iterator[tuple[Mapping[str, str], str]]:
        """`test.each(table)(...)`: what each run is given; a table that is not written out is named."""
        each = _each(node)
        if each is None:
            yield {}, ""
            return
        table = next(iter(arguments(each)), None)
        target = parameters(function) if function is not None else None
        bound = self._rows(table, target, env) if table is not None and target is not None else None
        if bound is not None:
            yield from ((row, "") for row in bound)
            return
        shown = plain(each.child_by_field_name("arguments") or each) if table is None else form(table, self.constants)
        yield {}, f"each of {' '.join(shown.split())}"


def _each(node: Node) -> Node | None:
    """The `test.each(table)` of `test.each(table)(...)`."""
    inner = node.child_by_field_name("function")
    if inner is None or inner.type != "call_expression":
        return None
    return inner if words(inner)[-1:] in (["each"], ["for"]) else None


def _only(path: list[str], args: Sequence[Node]) -> bool:
    return path[0] in {"fit", "fdescribe", "ftest"} or "only" in path or bool(_option(args, "only"))


def _switched(path: list[str], node: Node, args: Sequence[Node]) -> Iterator[Off]:
    why = plain(node)[:80].split("\n", 1)[0]
    if path[0] in {"xit", "xtest", "xdescribe", "xcontext"}:
        yield Off("skip", why=why)
    for word in path[1:]:
        if word in _OFF:
            yield Off(_OFF[word], word in {"skipIf", "runIf"}, why)
    for option in ("skip", "todo", "expectFailure", "fails"):
        value = _option(args, option)
        if value:
            yield Off(option, value not in {"true", "1"} and value[:1] not in {'"', "'", "`"}, why)


def _option(args: Sequence[Node], name: str) -> str:
    """The value of `{name: ...}` among the arguments; empty where it is false or not there."""
    for one in args:
        for pair in one.named_children if one.type == "object" else ():
            if pair.type == "pair" and plain(pair.named_children[0]).strip("\"'") == name:
                value = plain(pair.named_children[-1])
                return "" if value in {"false", "undefined", "null", "0"} else value
    return ""
