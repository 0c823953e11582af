"""Complexity, missing documentation, left-over debug code and slow habits in JavaScript and TypeScript."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from jobs.checks.ecma.node import FUNCTIONS, LOOPS, File, arguments, below, called, field, line, text
from jobs.checks.ecma.row import Row

if TYPE_CHECKING:
    from tree_sitter import Node

MOST = 10
_BRANCHES = frozenset({"if_statement", "ternary_expression", "switch_case", "catch_clause"}) | LOOPS
_CONSOLE = frozenset({"log", "debug", "dir", "trace", "table"})
_ASKS = frozenset(
    {"query", "execute", "findOne", "findUnique", "findFirst", "findById", "findByPk", "findMany", "findAll"}
)


def complexity(file: File) -> Iterator[Row]:
    """Functions with more than ten ways through, those of inner functions not counted."""
    for node in file.of(*FUNCTIONS):
        ways = 1 + sum(_way(one) for one in below(node, FUNCTIONS))
        if ways > MOST:
            name = name_of(node)
            yield Row("complexity", line(node), "complexity", f"{name} has a complexity above {MOST}: split it")


def _way(node: Node) -> bool:
    logical = node.type == "binary_expression" and text(field(node, "operator")) in ("&&", "||", "??")
    return node.type in _BRANCHES or logical


def name_of(node: Node) -> str:
    """What a function is called, by itself or by what it is assigned to."""
    named = field(node, "name")
    if named is not None:
        return text(named)
    parent = node.parent
    holder = field(parent, "name") or field(parent, "key") or field(parent, "left")
    return text(holder) if holder is not None else "an anonymous function"


def docs(file: File) -> Iterator[Row]:
    """Exported functions and classes without a comment before them."""
    for node in file.of("export_statement"):
        made = field(node, "declaration")
        before = node.prev_sibling
        if made is None or made.type not in (
            "function_declaration",
            "class_declaration",
            "generator_function_declaration",
        ):
            continue
        if before is None or before.type != "comment" or not text(before).startswith("/**"):
            yield Row("docs", line(node), "docstring", f"{text(field(made, 'name')) or 'default'} has no doc comment")


def debug(file: File) -> Iterator[Row]:
    """console.log and its like, `debugger`, and marks of unfinished work."""
    for node in file.of("call_expression"):
        on, name = called(node)
        if on == "console" and name in _CONSOLE:
            yield Row("debug", line(node), "print", f"console.{name} was left in")
    for node in file.of("debugger_statement"):
        yield Row("debug", line(node), "debugger", "debugger was left in")
    for node in file.of("comment"):
        for at, words in enumerate(text(node).split("\n")):
            yield Row("debug", line(node) + at, "comment", words.strip())


def performance(file: File) -> Iterator[Row]:
    """What is done again and again although once would do."""
    for node in file.of("await_expression"):
        call = node.named_children[0] if node.named_children else None
        if call is not None and _asks(call) and _in_loop(node):
            said = f"{called(call)[1]} is asked in every round of a loop"
            yield Row("performance", line(node), "query-in-loop", said)
    for node in file.of("new_expression"):
        if text(field(node, "constructor")) == "RegExp" and _fixed(arguments(node)) and _in_loop(node):
            said = "a fixed regular expression is made in every round of a loop"
            yield Row("performance", line(node), "regex-in-loop", said)


def _asks(call: Node) -> bool:
    if call.type != "call_expression":
        return False
    on, name = called(call)
    return bool(on) and name in _ASKS and bool(arguments(call))


def _fixed(given: list[Node]) -> bool:
    return bool(given) and all(one.type == "string" for one in given)


def _in_loop(node: Node) -> bool:
    """Whether a loop of the same function holds the node in its body."""
    child, parent = node, node.parent
    while parent is not None and parent.type not in FUNCTIONS:
        if parent.type in LOOPS and field(parent, "body") == child:
            return True
        child, parent = parent, parent.parent
    return False
