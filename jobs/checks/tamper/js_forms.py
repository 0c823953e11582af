"""JavaScript and TypeScript in normal form: tokens without comments, blanks and needless commas; names replaced."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tree_sitter import Node, Parser

Env = Mapping[str, str]
LONG = 4_000
MANY = 200
FUNCTIONS = ("arrow_function", "function_expression", "function", "function_declaration", "generator_function")
_GRAMMARS = {
    "javascript": ("tree_sitter_javascript", "language"),
    "typescript": ("tree_sitter_typescript", "language_typescript"),
    "tsx": ("tree_sitter_typescript", "language_tsx"),
}
_SILENT = frozenset({"comment", ";", "type_annotation", "type_arguments"})
_WITH_DEFAULT = ("required_parameter", "optional_parameter", "assignment_pattern", "object_assignment_pattern")
_WHOLE = ("string", "template_string", "regex", "number")
_WORD = re.compile(r"[\w$]")
_NAME = re.compile(r"[A-Za-z_$][\w$]*")
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"|`[^`]*`')
_VALUES = frozenset({"true", "false", "null", "undefined", "new", "NaN", "Infinity", "Date", "Map", "Set", "Symbol"})


@cache
def parser(language: str) -> Parser:
    """Raises ImportError, or ValueError for a grammar of another ABI."""
    from tree_sitter import Language, Parser

    module, function = _GRAMMARS[language]
    grammar: Any = importlib.import_module(module)
    return Parser(Language(getattr(grammar, function)()))


def plain(node: Node) -> str:
    """Its text as it stands."""
    return (node.text or b"").decode("utf-8", "replace")


def form(node: Node, env: Env | None = None) -> str:
    """In normal form, the names of `env` replaced; as it is where that would make it very long."""
    found = _joined(list(filter(None, _tokens(node, env or {}))))
    return found if not env or len(found) <= LONG else form(node)


def _joined(tokens: list[str]) -> str:
    out: list[str] = []
    for place, token in enumerate(tokens):
        after = tokens[place + 1] if place + 1 < len(tokens) else ""
        if token == "," and after in {")", "]", "}"}:
            continue
        if out and _WORD.match(token[0]) and _WORD.match(out[-1][-1]):
            out.append(" ")
        out.append(token)
    return "".join(out)


def _tokens(node: Node, env: Env) -> Iterator[str]:
    if node.type in _SILENT:
        return
    if node.type in _WHOLE:
        yield _quoted(node, env)
    elif node.type in {"identifier", "shorthand_property_identifier"}:
        yield _replaced(node, env)
    elif node.type == "optional_chain":
        yield "."
    elif node.child_count == 0:
        if plain(node) and not _non_null(node):
            yield plain(node)
    else:
        for child in node.children:
            yield from _tokens(child, env)


def _replaced(node: Node, env: Env) -> str:
    name = plain(node)
    found = env.get(name)
    if found is None:
        return name
    return found if node.type == "identifier" else f"{name}:{found}"


def _non_null(node: Node) -> bool:
    return node.type == "!" and node.parent is not None and node.parent.type == "non_null_expression"


def _quoted(node: Node, env: Env) -> str:
    inside = plain(node)
    if node.type == "string":
        return '"' + inside[1:-1].replace('"', '\\"').replace("\\'", "'").replace('\\\\"', '\\"') + '"'
    if node.type == "template_string":
        if not any(child.type == "template_substitution" for child in node.children):
            return '"' + inside[1:-1].replace('"', '\\"') + '"'
        parts = [
            f"${{{form(child.named_children[0], env)}}}"
            if child.type == "template_substitution" and child.named_children
            else plain(child)
            for child in node.children
        ]
        return "".join(parts)
    return inside


def names(text: str) -> tuple[str, ...]:
    """Every name in a normal form."""
    return tuple(dict.fromkeys(_NAME.findall(_STRING.sub("", text))))[:MANY]


def constant(text: str) -> bool:
    """Whether it holds nothing but written-out values."""
    return not set(names(text)) - _VALUES


def words(node: Node | None) -> list[str]:
    """`a.b.c` as its parts; calls on the way are passed through."""
    if node is None:
        return []
    if node.type in {"identifier", "this", "property_identifier"}:
        return [plain(node)]
    if node.type == "member_expression":
        return [*words(node.child_by_field_name("object")), plain(node.child_by_field_name("property") or node)]
    if node.type == "call_expression":
        return words(node.child_by_field_name("function"))
    if node.type in {"await_expression", "parenthesized_expression", "as_expression", "non_null_expression"}:
        return words(node.named_children[0]) if node.named_children else []
    return []


def arguments(call: Node) -> list[Node]:
    """What a call is given."""
    given = call.child_by_field_name("arguments")
    if given is None or given.type != "arguments":
        return []
    return uncommented(given)


def uncommented(node: Node) -> list[Node]:
    """Its parts without comments."""
    return [child for child in node.named_children if child.type != "comment"]


def rows(values: Node | None, target: Node, env: Env) -> list[dict[str, str]] | None:
    """What the names of `target` are given by each element of a written-out list; None where it cannot be seen."""
    if values is None or values.type != "array":
        return None
    items = uncommented(values)
    if any(item.type == "spread_element" for item in items):
        return None
    return [dict(_bind(target, item, env)) for item in items[:MANY]]


def _bind(target: Node, item: Node, env: Env) -> Iterator[tuple[str, str]]:
    if target.type in _WITH_DEFAULT and target.named_children:
        yield from _bind(target.named_children[0], item, env)
    elif target.type in {"identifier", "shorthand_property_identifier_pattern"}:
        yield plain(target), _value(item, env)
    elif target.type in {"array_pattern", "formal_parameters"}:
        parts = uncommented(item) if item.type == "array" else [item]
        for name, given in zip(uncommented(target), parts, strict=False):
            yield from _bind(name, given, env)
    elif target.type == "object_pattern" and item.type == "object":
        yield from _bind_properties(target, item, env)


def _value(item: Node, env: Env) -> str:
    """What a name is given; `{a}` gives what `a` holds."""
    if item.type == "shorthand_property_identifier":
        return env.get(plain(item), plain(item))
    return form(item, env)


def _bind_properties(target: Node, item: Node, env: Env) -> Iterator[tuple[str, str]]:
    """By their keys; a default counts where nothing that is spread can hold the key."""
    entries = uncommented(item)
    given = dict(_entry(one) for one in entries if one.type != "spread_element")
    whole = all(one.type != "spread_element" for one in entries)
    for part in uncommented(target):
        name, into = _entry(part)
        value = given.get(name) or (into.child_by_field_name("right") if whole else None)
        if value is not None and part.type != "rest_pattern":
            yield from _bind(into, value, env)


def _entry(one: Node) -> tuple[str, Node]:
    """The key of a property, and what stands for it: of `a: b`, of `a = b`, or of a name alone."""
    parts = uncommented(one) or [one]
    return form(parts[0]).strip('"'), one if one.type in _WITH_DEFAULT else parts[-1]
