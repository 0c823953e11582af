"""Expressions of Python in normal form: names replaced by what they hold, sizes bounded."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator, Mapping

Env = Mapping[str, ast.expr]
Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
LONG = 4_000
MANY = 200


class _Replace(ast.NodeTransformer):
    def __init__(self, env: Env) -> None:
        self.env = env

    def visit_Name(self, node: ast.Name) -> ast.expr:
        found = self.env.get(node.id) if isinstance(node.ctx, ast.Load) else None
        return found if found is not None else node

    def visit_NamedExpr(self, node: ast.NamedExpr) -> ast.expr:
        visited: ast.expr = self.visit(node.value)
        return visited


class _Unawaited(ast.NodeTransformer):
    def visit_Await(self, node: ast.Await) -> ast.expr:
        visited: ast.expr = self.visit(node.value)
        return visited


def put_in(node: ast.expr, env: Env) -> ast.expr:
    """The expression with the names of `env` replaced; as it is where that would make it very long."""
    found: ast.expr = _Replace(env).visit(copy.deepcopy(node))
    return found if len(text(found)) <= LONG else node


def text(node: ast.AST) -> str:
    """In normal form: one spelling for blanks, quotes and brackets."""
    return ast.unparse(node)


def bare(node: ast.AST) -> str:
    """In normal form without any `await`: a test may become asynchronous."""
    waits = any(isinstance(part, ast.Await) for part in ast.walk(node))
    return text(_Unawaited().visit(copy.deepcopy(node)) if waits else node)


def said(node: ast.stmt | ast.expr, env: Env) -> str:
    """What an expression, or the value of a statement, is with the names of `env` replaced."""
    value = node.value if isinstance(node, ast.Expr | ast.Assign) else node
    return bare(put_in(value, env)) if isinstance(value, ast.expr) else text(value)


def constant(node: ast.expr) -> bool:
    """Whether it holds nothing but written-out values."""
    return not any(
        isinstance(part, ast.Name | ast.Call | ast.Attribute | ast.Lambda | ast.Await) for part in ast.walk(node)
    )


def number(node: ast.expr | None) -> float | None:
    """The number that stands there."""
    if node is None or not constant(node):
        return None
    try:
        found = ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError):
        return None
    return float(found) if isinstance(found, int | float) else None


def dotted(node: ast.AST) -> str:
    """`a.b.c`, empty for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        head = dotted(node.value)
        return f"{head}.{node.attr}" if head else ""
    return ""


def last(node: ast.AST) -> str:
    """The last part of a dotted name, also where something is called or indexed before it."""
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def callee(node: ast.expr) -> ast.expr:
    """What a call calls; anything else as it is."""
    return node.func if isinstance(node, ast.Call) else node


def names(node: ast.AST) -> tuple[str, ...]:
    """Every name and attribute that it uses."""
    found = [last(part) for part in ast.walk(node) if isinstance(part, ast.Name | ast.Attribute)]
    return tuple(dict.fromkeys(found))[:MANY]


def stored(node: ast.Name | ast.Attribute | ast.Subscript) -> bool:
    """Whether something is put there, or what is there is deleted."""
    return not isinstance(node.ctx, ast.Load)


def named(node: ast.AST) -> str:
    """The name that this one node gives to something or deletes; empty for none."""
    if isinstance(node, Definition | ast.ExceptHandler | ast.MatchAs | ast.MatchStar):
        return node.name or ""
    if isinstance(node, ast.alias):
        return node.asname or node.name.partition(".")[0]
    if isinstance(node, ast.arg):
        return node.arg
    return node.id if isinstance(node, ast.Name) and stored(node) else ""


def targets(one: ast.AST) -> list[ast.expr]:
    """What an assignment puts something into; nothing for any other statement."""
    if isinstance(one, ast.Assign):
        return one.targets
    return [one.target] if isinstance(one, ast.AnnAssign) else []


def rows(node: ast.expr, target: ast.expr) -> list[dict[str, ast.expr]] | None:
    """What `for target in node` gives the names, for a written-out list; None where it cannot be seen."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "items":
        node = node.func.value
    items = _elements(node, paired=isinstance(target, ast.Tuple))
    if items is None or any(isinstance(item, ast.Starred) for item in items):
        return None
    return [bound for item in items[:MANY] for bound in _bind(target, item)]


def _elements(node: ast.expr, *, paired: bool) -> list[ast.expr] | None:
    """Those of a dict are its keys, or keys with their values."""
    if isinstance(node, ast.List | ast.Tuple | ast.Set):
        return node.elts
    pairs = _pairs(node)
    if pairs is None:
        return None
    return [ast.Tuple([key, value], ast.Load()) if paired else key for key, value in pairs]


def _pairs(node: ast.expr) -> list[tuple[ast.expr, ast.expr]] | None:
    """The keys and values of a dict and of those that are put into it; None where one of them is not written out."""
    if not isinstance(node, ast.Dict):
        return None
    found: list[tuple[ast.expr, ast.expr]] = []
    for key, value in zip(node.keys, node.values, strict=True):
        more = _pairs(value) if key is None else [(key, value)]
        if more is None:
            return None
        found += more
    return found


def _bind(target: ast.expr, item: ast.expr) -> Iterator[dict[str, ast.expr]]:
    if isinstance(target, ast.Name):
        yield {target.id: item}
    elif isinstance(target, ast.Tuple | ast.List) and isinstance(item, ast.Tuple | ast.List):
        pairs = zip(target.elts, item.elts, strict=False)
        yield {name.id: value for name, value in pairs if isinstance(name, ast.Name)}
    else:
        yield {}
