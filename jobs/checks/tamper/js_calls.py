"""Calls and functions of JavaScript tests: what they hold, are given and replace."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from jobs.checks.tamper.js_forms import FUNCTIONS, arguments, plain, words

if TYPE_CHECKING:
    from tree_sitter import Node

QUOTES = "'\"`"
_STUBS = re.compile(r"\.mock(Return|Implementation|Resolved|Rejected)|\bstub\(|\.callsFake|\.returns\(")


def unwrapped(node: Node) -> Node:
    """Without `await` and parentheses."""
    while node.type in {"await_expression", "parenthesized_expression"} and node.named_children:
        node = node.named_children[0]
    return node


def block_of(node: Node) -> list[Node]:
    """The statements of a block, a function or a single statement."""
    if node.type in FUNCTIONS:
        body = node.child_by_field_name("body")
        return block_of(body) if body is not None else []
    if node.type in {"statement_block", "else_clause"}:
        return [
            part
            for child in node.named_children
            for part in ([child] if node.type != "else_clause" else block_of(child))
        ]
    if node.type.endswith(("statement", "declaration")):
        return [node]
    holder = node.parent
    return [Bare(node)] if holder is not None and not node.type.endswith("statement") else []  # type: ignore[list-item]


class Bare:
    """The expression that is an arrow function's whole body, as a statement."""

    type = "expression_statement"

    def __init__(self, node: Node) -> None:
        self.named_children = [node]
        self.start_point = node.start_point


def parameters(function: Node) -> Node | None:
    """The parameters of a function."""
    return function.child_by_field_name("parameters") or function.child_by_field_name("parameter")


def function_of(call: Node) -> Node | None:
    """The first function that a call is given."""
    return next((one for one in arguments(call) if one.type in FUNCTIONS), None)


def mocked(call: Node) -> str:
    """The name that a call replaces, empty where it replaces none: `mock.method(o, "f")`, `jest.mock("./m")`."""
    for one in _chained(call):
        path, args = words(one.child_by_field_name("function")), arguments(one)
        if _replaces_module(path):
            return f"module {plain(args[0]).strip(QUOTES)}" if args else ""
        named = len(args) > 1 and args[1].type == "string"
        if named and _replaces_member(path, plain(call)):
            return f"{plain(args[0])}.{plain(args[1])[1:-1]}"
    return ""


def _chained(call: Node) -> Iterator[Node]:
    """The calls of `a().b().c()`, the last one first."""
    inner: Node | None = call
    while inner is not None and inner.type in {"call_expression", "member_expression"}:
        if inner.type == "call_expression":
            yield inner
        inner = inner.child_by_field_name("function") or inner.child_by_field_name("object")


def _replaces_module(path: list[str]) -> bool:
    return path[-1:] in (["mock"], ["doMock"]) or path[-2:] == ["mock", "module"]


def _replaces_member(path: list[str], whole: str) -> bool:
    """A spy only watches until it is told what to give back."""
    if path[-1:] == ["spyOn"]:
        return _STUBS.search(whole) is not None
    return path[-1:] in (["method"], ["stub"], ["getter"])
