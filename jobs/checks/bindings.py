"""Which module a name of a Python file comes from, and what its variables hold. Pure."""

from __future__ import annotations

import ast
from functools import cached_property


class Bindings:
    """The imports and plain assignments of one parsed file."""

    def __init__(self, tree: ast.Module) -> None:
        self.tree = tree
        self.nodes = tuple(ast.walk(tree))

    @cached_property
    def imported(self) -> dict[str, str]:
        """The full name behind each imported one: `{"p": "pickle", "loads": "pickle.loads"}`."""
        found: dict[str, str] = {}
        for node in self.nodes:
            if isinstance(node, ast.Import):
                found |= {(one.asname or one.name.partition(".")[0]): _head(one) for one in node.names}
            elif isinstance(node, ast.ImportFrom) and not node.level:
                found |= {(one.asname or one.name): f"{node.module}.{one.name}" for one in node.names}
        return found

    @cached_property
    def own(self) -> set[str]:
        """Names that the file itself gives a meaning."""
        made = {
            node.name for node in self.nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        }
        stored = {node.id for node in self.nodes if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)}
        return made | stored | {node.arg for node in self.nodes if isinstance(node, ast.arg)} | set(self.imported)

    def called(self, call: ast.Call) -> str:
        """The full name of what is called, as far as it can be told: `pickle.loads`, `eval`, `?.execute`."""
        if isinstance(call.func, ast.Name):
            return self.imported.get(call.func.id, call.func.id)
        parts: list[str] = []
        node: ast.expr = call.func
        while isinstance(node, ast.Attribute):
            parts.append(node.attr)
            node = node.value
        head = self.imported.get(node.id, "?") if isinstance(node, ast.Name) else "?"
        return ".".join([head, *reversed(parts)])

    @cached_property
    def _assigned(self) -> dict[str, list[ast.expr | None]]:
        """Everything that is ever stored under a name; None for what cannot be told."""
        found: dict[str, list[ast.expr | None]] = {}
        plain: set[int] = set()
        for target, value in filter(None, map(_stored, self.nodes)):
            found.setdefault(target.id, []).append(value)
            plain.add(id(target))
        for node in self.nodes:
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and id(node) not in plain:
                found.setdefault(node.id, []).append(None)
            elif isinstance(node, ast.arg):
                found.setdefault(node.arg, []).append(None)
        return found

    def values(self, name: str) -> list[ast.expr | None]:
        """What a variable of this name may hold anywhere in the file; empty for one that the file does not set."""
        return self._assigned.get(name, [])


def _head(one: ast.alias) -> str:
    return one.name if one.asname else one.name.partition(".")[0]


def _stored(node: ast.AST) -> tuple[ast.Name, ast.expr | None] | None:
    """The name and the value of a plain assignment."""
    if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
        return node.targets[0], node.value
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        return node.target, node.value
    return None
