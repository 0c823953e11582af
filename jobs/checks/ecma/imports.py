"""Which packages a JavaScript or TypeScript file asks for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from jobs.checks.ecma.node import File, arguments, called, field, inner, line
from jobs.checks.ecma.row import Row

if TYPE_CHECKING:
    from tree_sitter import Node

GROUP = "imports"


def rows(file: File) -> Iterator[Row]:
    """Each specifier that is written out; what may be missing (in a `try`) or is only a type is left out."""
    for node in file.of("import_statement", "export_statement"):
        if not any(child.type == "type" for child in node.children):
            yield from _row(field(node, "source"))
    for node in file.of("import_require_clause"):
        yield from _row(field(node, "source"))
    for node in file.of("call_expression"):
        if called(node) in (("", "require"), ("", "import")) and not _tried(node):
            for one in arguments(node)[:1]:
                yield from _row(one)


def _row(source: Node | None) -> Iterator[Row]:
    if source is not None and inner(source):
        yield Row(GROUP, line(source), "import", inner(source))


def _tried(node: Node) -> bool:
    parent: Node | None = node
    while parent is not None:
        if parent.type == "try_statement":
            return True
        parent = parent.parent
    return False
