"""What a Python module defines. Pure."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator

_BLOCKS = (ast.If, ast.Try, ast.With, ast.For, ast.While)
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def module(text: str) -> ast.Module | None:
    """The parsed text; None where it cannot be parsed."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def defined(tree: ast.Module) -> set[str]:
    """Names of functions, classes, variables and imports at module level, and of classes' members as `Class.name`."""
    found: set[str] = set()
    waiting: list[tuple[str, ast.AST]] = [("", tree)]
    while waiting:
        prefix, node = waiting.pop()
        for child in ast.iter_child_nodes(node):
            found |= {prefix + name for name in _named(child)}
            if isinstance(child, ast.ClassDef):
                waiting.append((f"{prefix}{child.name}.", child))
            elif isinstance(child, (*_BLOCKS, ast.ExceptHandler)):
                waiting.append((prefix, child))
            elif prefix and isinstance(child, _FUNCTIONS):
                found |= {prefix + name for name in _own_attributes(child)}
    return found


def _named(node: ast.AST) -> Iterator[str]:
    if isinstance(node, (ast.ClassDef, *_FUNCTIONS)):
        yield node.name
    elif isinstance(node, ast.Assign | ast.AnnAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        yield from (part.id for target in targets for part in ast.walk(target) if isinstance(part, ast.Name))
    elif isinstance(node, ast.ImportFrom | ast.Import):
        yield from (alias.asname or alias.name for alias in node.names)


def _own_attributes(function: ast.AST) -> Iterator[str]:
    """What a method writes on `self`."""
    written = (node for node in ast.walk(function) if isinstance(node, ast.Attribute))
    for node in written:
        if isinstance(node.ctx, ast.Store) and isinstance(node.value, ast.Name) and node.value.id in ("self", "cls"):
            yield node.attr
