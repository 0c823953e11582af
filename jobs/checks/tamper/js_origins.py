"""Where the names of a JavaScript module come from."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from jobs.checks.tamper.js_forms import arguments, plain, uncommented, words

if TYPE_CHECKING:
    from tree_sitter import Node

DECLARATIONS = ("lexical_declaration", "variable_declaration")
_MADE = frozenset(
    {"function_declaration", "generator_function_declaration", "class_declaration", "abstract_class_declaration"}
    | {"enum_declaration"}
)


def origins(root: Node) -> Iterator[tuple[str, str]]:
    """Where the names of the module come from, as `module#name`; "here" for those that it makes itself."""
    for outer in root.named_children:
        node = outer.child_by_field_name("declaration") or outer
        if node.type == "import_statement":
            source = plain(node.child_by_field_name("source") or node).strip("\"'")
            yield from _imported(node, source)
        elif node.type in DECLARATIONS:
            for one in node.named_children:
                yield from _declared_from(one)
        elif node.type in _MADE:
            yield plain(node.child_by_field_name("name") or node), "here"


def _imported(node: Node, source: str) -> Iterator[tuple[str, str]]:
    for clause in (child for child in node.named_children if child.type == "import_clause"):
        for part in clause.named_children:
            if part.type == "identifier":
                yield plain(part), f"{source}#default"
            elif part.type == "namespace_import":
                yield plain(part.named_children[-1]), f"{source}#*"
            for one in (child for child in part.named_children if child.type == "import_specifier"):
                pieces = [plain(child) for child in uncommented(one)]
                yield pieces[-1], f"{source}#{pieces[0]}"


def _declared_from(one: Node) -> Iterator[tuple[str, str]]:
    name = one.child_by_field_name("name")
    if name is None:
        return
    source = _required(one.child_by_field_name("value"))
    if name.type == "identifier":
        yield plain(name), f"{source}#default" if source else "here"
        return
    for part in name.named_children:
        pieces = [plain(child) for child in part.named_children] or [plain(part)]
        yield pieces[-1], f"{source}#{pieces[0]}" if source else "here"


def _required(value: Node | None) -> str:
    """The module of `require("...")`, empty for any other value."""
    given = arguments(value) if value is not None and words(value)[:1] == ["require"] else []
    return plain(given[0]).strip("\"'`") if given else ""
