"""Functions with too many ways through: counted in Python as ruff's C901 does, in JavaScript by the branches."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from jobs.checks.changed import each, pairs
from jobs.checks.ecma import ask
from jobs.checks.names import module
from jobs.checks.result import Finding, Found
from jobs.checks.scene import Scene

MOST = 10


def look(scene: Scene) -> tuple[Found, Sequence[Finding]]:
    """The changed files."""
    now, before = each(too_complex, pairs(scene, lambda path: path.endswith((".py", ".pyw"))))
    ecma_now, ecma_before = ask.found(ask.ecma_files(scene), "complexity")
    return Found((*now, *ecma_now)), (*before, *ecma_before)


def too_complex(path: str, text: str, most: int = MOST) -> list[Finding]:
    """Functions and methods of a Python text with more than `most` ways through; none where it does not parse."""
    tree = module(text)
    found = []
    for name, node in functions(tree) if tree else ():
        if ways(node) > most:
            found.append(Finding(path, node.lineno, "complexity", f"{name} has a complexity above {most}: split it"))
    return found


def functions(tree: ast.Module) -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    """Every function with its full name."""
    waiting: list[tuple[str, ast.AST]] = [("", tree)]
    while waiting:
        prefix, node = waiting.pop()
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
                yield prefix + child.name, child
            named = isinstance(child, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
            waiting.append((f"{prefix}{getattr(child, 'name', '')}." if named else prefix, child))


def ways(function: ast.AST) -> int:
    """One, and one more for each branch; those of inner functions count too."""
    found = 1
    waiting = [child for child in ast.iter_child_nodes(function) if isinstance(child, ast.stmt)]
    while waiting:
        node = waiting.pop()
        found += _own(node)
        parts = [*ast.iter_child_nodes(node)]
        parts += [part for one in parts if isinstance(one, ast.ExceptHandler | ast.match_case) for part in one.body]
        waiting += [part for part in parts if isinstance(part, ast.stmt)]
    return found


def _own(node: ast.stmt) -> int:
    if isinstance(node, ast.If | ast.For | ast.AsyncFor | ast.While | ast.FunctionDef | ast.AsyncFunctionDef):
        return 1
    if isinstance(node, ast.Try | ast.TryStar):
        return len(node.handlers) + bool(node.orelse)
    if isinstance(node, ast.Match):
        return len(node.cases) - _is_else(node.cases[-1])
    return 0


def _is_else(case: ast.match_case) -> bool:
    return case.guard is None and isinstance(case.pattern, ast.MatchAs) and case.pattern.pattern is None
