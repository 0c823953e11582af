"""The tests of a JavaScript or TypeScript file by its syntax tree."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from jobs.checks.tamper.js_asserts import tools_of
from jobs.checks.tamper.js_flow import Body, block_of, mocked, parameters
from jobs.checks.tamper.js_forms import FUNCTIONS, arguments, constant, form, parser, plain, rows, words
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
        self.origins = dict(_origins(root))
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
        for one in node.named_children if node.type in {"lexical_declaration", "variable_declaration"} else ():
            name, value = one.child_by_field_name("name"), one.child_by_field_name("value")
            if name is None or value is None or name.type != "identifier":
                continue
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
        bound = rows(self.arrays.get(plain(values), values), target, {**self.constants, **env})
        for row in bound if bound is not None else [{}]:
            self._walk(block_of(body), outer, off, {**env, **row})

    def _expression(self, node: Node, outer: str, off: tuple[Off, ...], env: Mapping[str, str]) -> None:
        node = node.named_children[0] if node.type == "await_expression" else node
        if node.type == "assignment_expression":
            left = words(node.child_by_field_name("left"))
            if left and left[0] in self.tools.objects:
                self.marks.append((f"{'.'.join(left)} is replaced", node.start_point[0] + 1))
            return
        path = words(node)
        if path[:1] and path[0] in _TESTS | _GROUPS:
            self._declared(node, path, outer, off, env)
        elif path in (["process", "exit"], ["process", "abort"]):
            self.marks.append((f"{plain(node)[:80]} ends the run", node.start_point[0] + 1))
        elif node.type == "call_expression" and (mock := mocked(node)):
            self.mocks.append(mock)
        elif path and path[0] in {"beforeEach", "before", "beforeAll"}:
            self._set_up(node)

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
        if path[0] in {"fit", "fdescribe", "ftest"} or "only" in path or _option(args, "only"):
            self.marks.append((f"only {title!r} runs", line))
        function = next((one for one in reversed(args) if one.type in FUNCTIONS), None)
        if path[0] in _GROUPS:
            if function is not None:
                self._walk(block_of(function), name, own, env)
            return
        if function is None:
            own = own if own else (Off("todo", why="it has no body"),)
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
        inner = node.child_by_field_name("function")
        table = arguments(inner) if inner is not None and inner.type == "call_expression" else []
        target = parameters(function) if function is not None else None
        if inner is None or inner.type != "call_expression" or words(inner)[-1:] not in (["each"], ["for"]):
            yield {}, ""
            return
        values = self.arrays.get(plain(table[0]), table[0]) if table else None
        bound = rows(values, target, {**self.constants, **env}) if target is not None else None
        if bound is None:
            shown = form(table[0], self.constants) if table else plain(inner.child_by_field_name("arguments") or inner)
            yield {}, f"each of {' '.join(shown.split())}"
        else:
            yield from ((row, "") for row in bound)


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


def _origins(root: Node) -> Iterator[tuple[str, str]]:
    """Where the names of the module come from, as `module#name`; "here" for those that it makes itself."""
    for node in root.named_children:
        if node.type == "import_statement":
            source = plain(node.child_by_field_name("source") or node).strip("\"'")
            yield from _imported(node, source)
        elif node.type in {"lexical_declaration", "variable_declaration"}:
            for one in node.named_children:
                yield from _declared_from(one)
        elif node.type in {"function_declaration", "class_declaration"}:
            yield plain(node.child_by_field_name("name") or node), "here"


def _imported(node: Node, source: str) -> Iterator[tuple[str, str]]:
    for clause in (child for child in node.named_children if child.type == "import_clause"):
        for part in clause.named_children:
            if part.type == "identifier":
                yield plain(part), f"{source}#default"
            elif part.type == "namespace_import":
                yield plain(part.named_children[-1]), f"{source}#*"
            for one in part.named_children if part.type == "named_imports" else ():
                pieces = [plain(child) for child in one.named_children]
                yield pieces[-1], f"{source}#{pieces[0]}"


def _declared_from(one: Node) -> Iterator[tuple[str, str]]:
    name, value = one.child_by_field_name("name"), one.child_by_field_name("value")
    if name is None:
        return
    required = value is not None and words(value)[:1] == ["require"] and arguments(value)
    source = plain(required[0]).strip("\"'`") if required else ""
    if name.type == "identifier":
        yield plain(name), f"{source}#default" if source else "here"
    else:
        for part in name.named_children:
            pieces = [plain(child) for child in part.named_children] or [plain(part)]
            yield pieces[-1], f"{source}#{pieces[0]}" if source else "here"
