"""Goes through the body of a JavaScript test as it would run, and tells what it asserts, replaces and skips."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from jobs.checks.tamper.js_asserts import Tools, asserted
from jobs.checks.tamper.js_calls import Bare, block_of, function_of, mocked, parameters, unwrapped
from jobs.checks.tamper.js_forms import FUNCTIONS, arguments, form, plain, rows, words
from jobs.checks.tamper.model import Assertion, Off

if TYPE_CHECKING:
    from tree_sitter import Node

MANY = 2_000
DEEP = 4
_ASSERTION = re.compile(r"\b(assert|expect|should|t\.(is|like|deepEqual))\b")
_NEVER = frozenset({"false", "0", "null", "undefined", "!true", "!1", '""'})
_PROMISED = frozenset({"rejects", "resolves", "doesNotReject", "eventually", "rejected", "rejectedWith", "fulfilled"})


@dataclass
class Body:
    """What was found. `functions` are those of the file that may hold assertions; `tests` are tests inside."""

    tools: Tools
    functions: Mapping[str, Node]
    asserts: list[Assertion] = field(default_factory=list)
    off: list[Off] = field(default_factory=list)
    mocks: list[str] = field(default_factory=list)
    rest: list[str] = field(default_factory=list)

    def walk(
        self,
        block: Sequence[Node],
        env: Mapping[str, str],
        guards: tuple[str, ...] = (),
        depth: int = 0,
        loop: str = "",
    ) -> None:
        """One block, in order; what follows an end is dead."""
        here = _Block(self, dict(env), guards, depth, loop)
        for node in block:
            if len(self.asserts) > MANY:
                return
            here.statement(node)


@dataclass
class _Block:
    body: Body
    env: dict[str, str]
    guards: tuple[str, ...]
    depth: int
    loop: str

    def statement(self, node: Node) -> None:
        handle = {
            "expression_statement": self._expression,
            "lexical_declaration": self._declaration,
            "variable_declaration": self._declaration,
            "if_statement": self._if,
            "for_in_statement": self._for,
            "for_statement": self._loop,
            "while_statement": self._loop,
            "do_statement": self._do,
            "try_statement": self._try,
            "return_statement": self._end,
            "throw_statement": self._end,
            "statement_block": self._block,
            "function_declaration": self._function,
        }.get(node.type)
        if handle is not None:
            handle(node)
        elif node.type not in {"comment", "empty_statement", ";", "{", "}"}:
            self.body.rest.append(form(node))

    def _into(self, node: Node | None, guards: tuple[str, ...] = (), env: Mapping[str, str] | None = None) -> None:
        if node is not None:
            scope = self.env if env is None else env
            self.body.walk(block_of(node), scope, (*self.guards, *guards), self.depth, self.loop)

    def _block(self, node: Node) -> None:
        self._into(node)

    def _expression(self, node: Node) -> None:
        for part in node.named_children:
            awaited = part.type == "await_expression" or node.type == "return_statement" or isinstance(node, Bare)
            self._value(unwrapped(part), node, awaited=awaited)

    def _value(self, part: Node, node: Node, *, awaited: bool) -> None:
        found = asserted(part, self.body.tools, self.env)
        if found:
            promised = _PROMISED & set(words(part))
            before = self.guards
            self.guards = before if awaited or not promised else (*before, "unawaited")
            for one in found:
                self._add(one, node)
            self.guards = before
        elif part.type == "call_expression":
            self._call(part, node)
        elif part.type == "assignment_expression":
            self._assignment(part)
        else:
            self.body.rest.append(form(part))

    def _add(self, one: Assertion, node: Node) -> None:
        subject = f"{one.subject} for {self.loop}" if self.loop else one.subject
        line = node.start_point[0] + 1
        self.body.asserts.append(replace(one, subject=subject, guards=self.guards, line=line))

    def _assignment(self, part: Node) -> None:
        left, right = part.child_by_field_name("left"), part.child_by_field_name("right")
        if left is not None and left.type == "identifier" and right is not None:
            self.env[plain(left)] = form(right, self.env)
        elif left is not None and left.type == "member_expression":
            self.body.mocks.append(".".join(words(left)))
        self.body.rest.append(form(part))

    def _call(self, call: Node, node: Node) -> None:
        path = words(call.child_by_field_name("function"))
        mock = mocked(call)
        if mock:
            self.body.mocks.append(mock)
        if path[-1:] in (["skip"], ["todo"]) and len(path) > 1 and not function_of(call):
            self._skip(path[-1], call)
        elif path in (["process", "exit"], ["process", "abort"]):
            self.guards = (*self.guards, "dead")
        elif path[-1:] == ["forEach"] and self._each(call):
            return
        elif not self._helper(path, call):
            self.body.rest.append(form(call))

    def _skip(self, kind: str, call: Node) -> None:
        args = arguments(call)
        sometimes = bool(self.guards) or (bool(args) and args[0].type not in {"string", "template_string", "true"})
        self.body.off.append(Off(kind, sometimes, form(call)[:200]))
        self.guards = self.guards if sometimes else (*self.guards, "dead")

    def _each(self, call: Node) -> bool:
        function = function_of(call)
        object_ = (call.child_by_field_name("function") or call).child_by_field_name("object")
        if function is None or object_ is None:
            return False
        target = parameters(function)
        if target is None:
            return False
        self._over(object_, target.named_children[0] if target.named_children else target, function)
        return True

    def _over(self, values: Node, target: Node, block: Node) -> None:
        bound = rows(values, target, self.env)
        if bound is not None:
            for row in bound:
                self._into(block, env={**self.env, **row})
            return
        loop = " ".join(filter(None, (self.loop, f"{form(target)} of {form(values, self.env)}")))
        self.body.walk(block_of(block), self.env, self.guards, self.depth, loop)

    def _helper(self, path: list[str], call: Node) -> bool:
        """A function of the same file: its assertions count here, with what it is given."""
        found = self.body.functions.get(path[0]) if len(path) == 1 else None
        if found is None or self.depth >= DEEP or not _ASSERTION.search(plain(found)):
            return False
        target = parameters(found)
        env = dict(self.env)
        for name, value in zip(target.named_children if target else [], arguments(call), strict=False):
            inner = name.named_children[0] if name.type.endswith("parameter") and name.named_children else name
            env[plain(inner)] = form(value, self.env)
        self.body.walk(block_of(found), env, self.guards, self.depth + 1, self.loop)
        return True

    def _declaration(self, node: Node) -> None:
        for one in node.named_children:
            name, value = one.child_by_field_name("name"), one.child_by_field_name("value")
            if name is None or value is None:
                continue
            value = unwrapped(value)
            if value.type == "call_expression" and (mock := mocked(value)):
                self.body.mocks.append(mock)
            if value.type in FUNCTIONS:
                self.body.functions = {**self.body.functions, plain(name): value}
                self.env.pop(plain(name), None)
            elif name.type == "identifier":
                self.env[plain(name)] = form(value, self.env)
            else:
                self.body.rest.append(form(one))

    def _function(self, node: Node) -> None:
        name = node.child_by_field_name("name")
        if name is not None:
            self.body.functions = {**self.body.functions, plain(name): node}

    def _if(self, node: Node) -> None:
        condition = node.child_by_field_name("condition")
        when = form(condition, self.env).strip("()") if condition is not None else ""
        body, other = node.child_by_field_name("consequence"), node.child_by_field_name("alternative")
        then, otherwise = _branches(when)
        self._into(body, then)
        self._into(other, otherwise)
        if body is not None and any(part.type == "return_statement" for part in block_of(body)[-1:]):
            self.guards = (*self.guards, *otherwise)

    def _for(self, node: Node) -> None:
        values, target = node.child_by_field_name("right"), node.child_by_field_name("left")
        body = node.child_by_field_name("body")
        if values is not None and target is not None and body is not None:
            self._over(values, target, body)

    def _loop(self, node: Node) -> None:
        condition = node.child_by_field_name("condition")
        never = condition is not None and form(condition).strip("()") in _NEVER
        self._into(node.child_by_field_name("body"), ("dead",) if never else ())

    def _do(self, node: Node) -> None:
        self._into(node.child_by_field_name("body"))

    def _try(self, node: Node) -> None:
        handler = node.child_by_field_name("handler")
        loud = handler is None or re.search(r"\bthrow\b", plain(handler)) or _ASSERTION.search(plain(handler))
        self._into(node.child_by_field_name("body"), () if loud else ("swallowed",))
        inner = handler.child_by_field_name("body") if handler is not None else None
        self._into(inner, ("after an error",))
        finalizer = node.child_by_field_name("finalizer")
        self._into(finalizer.child_by_field_name("body") if finalizer is not None else None)

    def _end(self, node: Node) -> None:
        if node.type == "return_statement":
            self._expression(node)
        self.guards = (*self.guards, "dead")


def _branches(when: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What guards the two branches of an `if`."""
    if when in _NEVER:
        return ("dead",), ()
    if when in {"true", "1"}:
        return (), ("dead",)
    return (f"if {when}",), (f"if not {when}",)
