"""Where JavaScript and TypeScript choose by written-out values, as py_choices.py tells it of Python."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from jobs.checks.tamper.js_forms import constant, form, parser, plain

if TYPE_CHECKING:
    from tree_sitter import Node

_SNIFFED = re.compile(
    r"NODE_TEST_CONTEXT|JEST_WORKER_ID|VITEST|NODE_ENV\W+test\b|npm_lifecycle_event\W+test|argv.*test"
)
_VALUE = re.compile(r"[\"\-\d]")
_FIXED = frozenset({"string", "number", "true", "false", "null", "unary_expression"})


def read(language: str, data: bytes) -> dict[str, Any]:
    """`choices`: {line, keys, gives, form} as in py_choices.py."""
    found: list[dict[str, object]] = []
    waiting = [parser(language).parse(data).root_node]
    while waiting:
        node = waiting.pop()
        found += _choices(node)
        waiting += node.children
    return {"choices": found}


def _choices(node: Node) -> Iterator[dict[str, object]]:
    found = _KINDS.get(node.type)
    if found is not None:
        yield from (dict(one, line=node.start_point[0] + 1) for one in found(node))


def _branch(node: Node) -> Iterator[dict[str, object]]:
    condition = node.child_by_field_name("condition")
    if condition is None:
        return
    keys = list(_keys(condition))
    if _SNIFFED.search(plain(condition)):
        yield {"keys": [plain(condition)[:200]], "gives": [], "form": "sniff"}
    elif keys:
        yield {"keys": keys, "gives": _given(node.child_by_field_name("consequence")), "form": "branch"}


def _case(node: Node) -> Iterator[dict[str, object]]:
    value = node.child_by_field_name("value")
    if value is not None and value.type in _FIXED:
        yield {"keys": [form(value)], "gives": _given(node), "form": "branch"}


def _table(node: Node) -> Iterator[dict[str, object]]:
    pairs = [pair for pair in node.named_children if pair.type == "pair"]
    fixed = [(form(pair.named_children[0]), form(pair.named_children[-1])) for pair in pairs]
    rows = [(key if _VALUE.match(key) else f'"{key}"', value) for key, value in fixed if constant(value)]
    if len(rows) > 1:
        yield {"keys": [key for key, _ in rows], "gives": [value for _, value in rows], "form": "table"}


_KINDS: dict[str, Callable[[Node], Iterator[dict[str, object]]]] = {
    "if_statement": _branch,
    "ternary_expression": _branch,
    "switch_case": _case,
    "object": _table,
}


def _keys(condition: Node) -> Iterator[str]:
    waiting = [condition]
    while waiting:
        node = waiting.pop()
        if node.type == "binary_expression" and plain(node.children[1]) in {"===", "=="}:
            yield from (form(side) for side in (node.children[0], node.children[2]) if side.type in _FIXED)
        elif node.type == "array":
            yield from (form(item) for item in node.named_children if item.type in _FIXED)
        waiting += node.named_children


def _given(body: Node | None) -> list[str]:
    if body is None:
        return []
    if body.type in _FIXED:
        return [form(body)]
    ends = [body, *body.named_children]
    values = [one.named_children[0] for one in ends if one.type == "return_statement" and one.named_children]
    return [form(value) for value in values if constant(form(value))]
