"""What new public names lack: a docstring, and types where the repository writes them."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from jobs.checks.changed import Pair, each, pairs
from jobs.checks.ecma import ask
from jobs.checks.names import module
from jobs.checks.result import Finding, Found
from jobs.checks.scene import Scene
from state.plan.flat import is_test

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_EXEMPT = frozenset({"overload", "override", "setter", "deleter", "typing.overload", "typing.override"})
Public = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def docstrings(scene: Scene) -> tuple[Found, Sequence[Finding]]:
    """The changed files that are no tests; in JavaScript only where the file's exports were documented before."""
    now, before = each(undocumented, _python(scene))
    ecma = [one for one in ask.ecma_files(scene) if not is_test(one.path) and "/**" in one.before]
    ecma_now, ecma_before = ask.found(ecma, "docs")
    return Found((*now, *ecma_now)), (*before, *ecma_before)


def hints(scene: Scene) -> tuple[Found, Sequence[Finding]]:
    """The changed files that are no tests, in a repository that has types."""
    files = _python(scene)
    if files and not typed(scene):
        return Found(not_run="the repository writes no types"), ()
    now, before = each(unannotated, files)
    return Found(now), before


def typed(scene: Scene) -> bool:
    """Whether a function had a return type at the base commit, or there was no Python at all."""
    paths = [path for path in scene.before.paths if path.endswith(".py") and not is_test(path)]
    pattern = r"^[[:space:]]*(async[[:space:]]+)?def .*->|^\)[[:space:]]*->"
    args = ("grep", "-q", "-I", "-E", "-e", pattern, scene.base, "--", "*.py")
    return not paths or scene.mirror.git.raw(*args, stdin=b"", env=None, remote=None, seconds=60)[0] == 0


def _python(scene: Scene) -> tuple[Pair, ...]:
    return pairs(scene, lambda path: path.endswith(".py") and not is_test(path))


def undocumented(path: str, text: str) -> list[Finding]:
    """Public functions, classes and methods without a docstring."""
    return [
        Finding(path, node.lineno, "docstring", f"{name} has no docstring")
        for name, node in public(text)
        if not ast.get_docstring(node, clean=False)
    ]


def unannotated(path: str, text: str) -> list[Finding]:
    """Public functions and methods of which a parameter or the result has no type."""
    found = []
    for name, node in public(text):
        if not isinstance(node, ast.ClassDef) and (lacking := _lacking(node, "." in name)):
            found.append(Finding(path, node.lineno, "hint", f"{name} has no type for {', '.join(lacking)}"))
    return found


def _lacking(node: ast.FunctionDef | ast.AsyncFunctionDef, method: bool) -> list[str]:
    plain = [*node.args.posonlyargs, *node.args.args]
    static = any(_name(one) == "staticmethod" for one in node.decorator_list)
    more = [one for one in (node.args.vararg, node.args.kwarg) if one is not None]
    asked = [*(plain[1:] if method and not static else plain), *node.args.kwonlyargs, *more]
    return [one.arg for one in asked if one.annotation is None] + (["its result"] if node.returns is None else [])


def public(text: str) -> Iterator[tuple[str, Public]]:
    """Public functions and classes of a module and the public methods of these classes; none where it does not
    parse.
    """
    tree = module(text)
    waiting: list[tuple[str, ast.AST]] = [("", tree)] if tree else []
    while waiting:
        prefix, node = waiting.pop()
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.If | ast.Try | ast.ExceptHandler):
                waiting.append((prefix, child))
            elif isinstance(child, (ast.ClassDef, *_FUNCTIONS)) and child.name[:1] != "_" and not _exempt(child):
                yield prefix + child.name, child
                if isinstance(child, ast.ClassDef):
                    waiting.append((f"{prefix}{child.name}.", child))


def _exempt(node: Public) -> bool:
    return any(_name(one).rpartition(".")[2] in _EXEMPT for one in node.decorator_list)


def _name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return f"{_name(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""
