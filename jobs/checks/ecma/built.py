"""Texts that are put together: which of them hold what somebody else may have written."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from jobs.checks.ecma.node import File, called, field, inner, text

if TYPE_CHECKING:
    from tree_sitter import Node

_CLEAN = re.compile(
    r"(?i)sanitiz|escape|encode|purify|quote|trusted|^(Number|parseInt|parseFloat|Boolean|BigInt|String\.raw)$"
)
_CONSTANT = re.compile(r"[A-Z][A-Z0-9_]*")
_PLAIN = frozenset({"string", "number", "true", "false", "null", "undefined", "regex", "template_chars"})
DEPTH = 12


def harmless(file: File, node: Node | None, depth: int = DEPTH) -> bool:
    """Whether the value is written in the file itself, a number, or went through something that cleans it."""
    if node is None or node.type in _PLAIN:
        return True
    if depth == 0:
        return False
    if node.type in ("identifier", "member_expression"):
        return _named(file, node, depth)
    if node.type == "call_expression":
        return _cleans(file, node, depth)
    parts = _parts(node)
    return parts is not None and all(harmless(file, part, depth - 1) for part in parts)


def _named(file: File, node: Node, depth: int) -> bool:
    if _CONSTANT.fullmatch(text(node)) or text(field(node, "property")) == "length":
        return True
    found = file.values.get(text(node))
    return found is not None and harmless(file, found, depth - 1)


def _cleans(file: File, call: Node, depth: int) -> bool:
    on, name = called(call)
    if _CLEAN.search(name) or _CLEAN.search(on):
        return True
    if name == "join":  # ids.map(() => "?").join(", "): only as many as there are
        mapped = field(call, "function", "object")
        return mapped is not None and _only_marks(file, mapped, depth)
    return name == "repeat" and harmless(file, field(call, "function", "object"), depth - 1)


def _only_marks(file: File, node: Node, depth: int) -> bool:
    if node.type == "call_expression" and called(node)[1] in ("map", "fill"):
        given = field(node, "arguments")
        made = given.named_children[0] if given is not None and given.named_children else None
        body = field(made, "body") if made is not None and made.type == "arrow_function" else made
        return body is not None and harmless(file, body, depth - 1)
    return node.type == "array" and all(harmless(file, one, depth - 1) for one in node.named_children)


def _parts(node: Node) -> list[Node] | None:
    """What a text is put together from; None where that cannot be told."""
    if node.type == "template_string":
        put = [one for one in node.named_children if one.type == "template_substitution"]
        return [part for one in put for part in one.named_children]
    if node.type == "ternary_expression":
        return _fields(node, "consequence", "alternative")
    if node.type in ("parenthesized_expression", "as_expression", "non_null_expression", "satisfies_expression"):
        return node.named_children[:1]
    if node.type == "binary_expression" and text(field(node, "operator")) in ("+", "||", "??", "*", "-"):
        return _fields(node, "left", "right")
    return [] if node.type in ("unary_expression", "update_expression") else None


def _fields(node: Node, *names: str) -> list[Node]:
    found = (field(node, name) for name in names)
    return [one for one in found if one is not None]


def words(file: File, node: Node | None, depth: int = DEPTH) -> str:
    """The fixed words of a text that is put together, with `?` for each other part."""
    node = file.value(node)
    if node is None or depth == 0:
        return "?"
    if node.type == "string":
        return inner(node)
    if node.type == "template_string":
        fixed = ("string_fragment", "template_chars")
        return "".join(text(one) if one.type in fixed else "?" for one in node.named_children)
    if node.type == "binary_expression" and text(field(node, "operator")) == "+":
        return words(file, field(node, "left"), depth - 1) + words(file, field(node, "right"), depth - 1)
    return "?"


def joined(file: File, node: Node | None) -> bool:
    """Whether this is a template or a sum with a text in it."""
    node = file.value(node)
    if node is None:
        return False
    return node.type == "template_string" or (node.type == "binary_expression" and bool(words(file, node).strip("?")))
