"""A Python tree before it is read: what is imported of the tools of tests has its full name, whatever the file calls it
(`p.skip` is `pytest.skip`), `x: T = v` is `x = v`, and `x.y: T` does nothing.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

from jobs.checks.tamper.py_forms import named

_TOOLS = {"builtins", "os", "pytest", "sys", "unittest"}


def normal(tree: ast.Module) -> ast.Module:
    """The same tree, changed in its place."""
    _Normal(_full_names(tree)).visit(tree)
    return tree


class _Normal(ast.NodeTransformer):
    def __init__(self, names: Mapping[str, ast.expr]) -> None:
        self.names = names

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self.names.get(node.id, node) if isinstance(node.ctx, ast.Load) else node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.stmt:
        self.generic_visit(node)
        if node.value is not None:
            return ast.copy_location(ast.Assign([node.target], node.value), node)
        return node if isinstance(node.target, ast.Name) else ast.copy_location(ast.Expr(node.annotation), node)


def _full_names(tree: ast.Module) -> dict[str, ast.expr]:
    """What the names of imported tools stand for; a name that is also something else stands for itself."""
    found: dict[str, set[str]] = {}
    for node in ast.walk(tree):
        for name, full in _given(node):
            found.setdefault(name, set()).add(full)
    single = {name: next(iter(full)) for name, full in found.items() if len(full) == 1 and name != "*"}
    tools = {name: full for name, full in single.items() if full.partition(".")[0] in _TOOLS}
    return {name: ast.parse(full, mode="eval").body for name, full in tools.items()}


def _given(node: ast.AST) -> Iterator[tuple[str, str]]:
    """Names that it gives to something, and what that is called where it is imported from."""
    if isinstance(node, ast.Import | ast.ImportFrom):
        yield from ((named(alias), _origin(node, alias)) for alias in node.names)
    elif not isinstance(node, ast.alias) and (name := named(node)):
        yield name, ""


def _origin(one: ast.Import | ast.ImportFrom, alias: ast.alias) -> str:
    if isinstance(one, ast.ImportFrom):
        return f"{'.' * one.level}{one.module or ''}.{alias.name}"
    return alias.name if alias.asname else named(alias)
