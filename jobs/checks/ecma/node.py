"""Small questions to nodes of a syntax tree."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tree_sitter import Node

FUNCTIONS = frozenset(
    {
        "function_declaration",
        "generator_function_declaration",
        "function_expression",
        "generator_function",
        "arrow_function",
        "method_definition",
    }
)
LOOPS = frozenset({"for_statement", "for_in_statement", "while_statement", "do_statement"})


def below(node: Node, but: frozenset[str] = frozenset()) -> Iterator[Node]:
    """The node and all below it, in the order of the text; not into nodes of the kinds in `but`."""
    waiting = [node]
    while waiting:
        one = waiting.pop()
        yield one
        waiting += [child for child in reversed(one.named_children) if child.type not in but]


def text(node: Node | None) -> str:
    """The source of a node."""
    return (node.text or b"").decode("utf-8", "replace") if node is not None else ""


def line(node: Node) -> int:
    """Where it begins, from 1."""
    return node.start_point[0] + 1


def field(node: Node | None, *names: str) -> Node | None:
    """The child under these field names, one after the other."""
    for name in names:
        node = node.child_by_field_name(name) if node is not None else None
    return node


def inner(node: Node | None) -> str:
    """What a plain string holds."""
    return text(node)[1:-1] if node is not None and node.type == "string" else ""


def arguments(call: Node) -> list[Node]:
    """The arguments of a call; none for a tagged template."""
    given = field(call, "arguments")
    if given is None or given.type != "arguments":
        return []
    return [one for one in given.named_children if one.type != "comment"]


def called(call: Node) -> tuple[str, str]:
    """What a call is made on, and its name: `("db.pool", "query")`, `("", "eval")`."""
    function = field(call, "function")
    if function is not None and function.type == "member_expression":
        return text(field(function, "object")), text(field(function, "property"))
    return "", text(function) if function is not None and function.type in ("identifier", "import") else ""


class File:
    """One parsed file, with what its constants hold."""

    def __init__(self, path: str, root: Node) -> None:
        self.path, self.root = path, root
        self.nodes = tuple(below(root))

    def of(self, *kinds: str) -> Iterator[Node]:
        """The nodes of these kinds."""
        return (node for node in self.nodes if node.type in kinds)

    @cached_property
    def values(self) -> dict[str, Node]:
        """The value of each name that is declared once and never assigned."""
        found: dict[str, list[Node | None]] = {}
        for node in self.of("variable_declarator"):
            found.setdefault(text(field(node, "name")), []).append(field(node, "value"))
        changed = {
            text(field(node, "left")) for node in self.of("assignment_expression", "augmented_assignment_expression")
        }
        changed |= {
            text(part) for node in self.of("formal_parameters") for part in below(node) if part.type == "identifier"
        }
        return {
            name: values[0]
            for name, values in found.items()
            if len(values) == 1 and values[0] is not None and name not in changed
        }

    def value(self, node: Node | None) -> Node | None:
        """The node, or what the constant that it names holds."""
        if node is not None and node.type == "identifier":
            return self.values.get(text(node), node)
        return node
