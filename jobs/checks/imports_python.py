"""What a Python file imports without a way out: an import in a `try` that catches it, below a condition, or of a
package that only some function asks for and a manifest names, may be missing. Pure.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from jobs.checks.names import defined, module

_CATCHES = frozenset({"ImportError", "ModuleNotFoundError", "Exception", "BaseException"})
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


@dataclass(frozen=True)
class Import:
    """`from ..module import name` has level 2; `name` is empty for `import module`. `lazy`: in a function."""

    line: int
    level: int
    module: str
    name: str = ""
    lazy: bool = False

    @property
    def asked(self) -> tuple[int, str, str]:
        """What is asked for, wherever it stands."""
        return self.level, self.module, self.name

    def __str__(self) -> str:
        target = "." * self.level + self.module
        return f"from {target} import {self.name}" if self.name else f"import {target}"


def imports(text: str) -> tuple[Import, ...]:
    """Those that have to succeed; none where the text cannot be parsed."""
    tree = module(text)
    return tuple(_walk(tree)) if tree is not None else ()


def _walk(tree: ast.Module) -> Iterator[Import]:
    waiting: list[tuple[ast.AST, bool]] = [(tree, False)]
    while waiting:
        node, lazy = waiting.pop()
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield from _asked(node, lazy)
        else:
            deeper = lazy or isinstance(node, _SCOPES)
            waiting += [(child, deeper) for child in reversed(list(_certain(node)))]


def _asked(node: ast.Import | ast.ImportFrom, lazy: bool) -> Iterator[Import]:
    for alias in node.names:
        if isinstance(node, ast.Import):
            yield Import(node.lineno, 0, alias.name, lazy=lazy)
        else:
            yield Import(node.lineno, node.level, node.module or "", alias.name.replace("*", ""), lazy)


def _certain(node: ast.AST) -> Iterable[ast.AST]:
    """What of a node runs whatever the machine is like."""
    if isinstance(node, ast.If):
        return ()
    if isinstance(node, ast.Try) and any(_catches(handler.type) for handler in node.handlers):
        return ()
    if isinstance(node, ast.With) and any("suppress" in ast.dump(item.context_expr) for item in node.items):
        return ()
    return ast.iter_child_nodes(node)


def _catches(kind: ast.expr | None) -> bool:
    parts = kind.elts if isinstance(kind, ast.Tuple) else [kind]
    names = {getattr(one, "id", getattr(one, "attr", "")) if one is not None else "Exception" for one in parts}
    return bool(names & _CATCHES)


def lost(before: str, after: str | None) -> frozenset[str]:
    """Names that a module had at its top level and has no more."""
    old, new = module(before), module(after) if after is not None else None
    if old is None or (after is not None and new is None):
        return frozenset()
    return frozenset(defined(old) - (defined(new) if new is not None else set()))


def roots(path: str, top: str, paths: frozenset[str]) -> tuple[str, ...]:
    """Folders where a file's absolute imports may begin: its own and those above it, `src`, and wherever else the
    repository has a module of that name.
    """
    parts = path.split("/")[:-1]
    above = ["/".join(parts[:count]) for count in range(len(parts), -1, -1)]
    return tuple(dict.fromkeys([*above, "src", *_homes(paths).get(top, ())]))


_homes_of: dict[frozenset[str], dict[str, tuple[str, ...]]] = {}


def _homes(paths: frozenset[str]) -> dict[str, tuple[str, ...]]:
    """Top-level name -> folders with such a module or package."""
    if paths not in _homes_of:
        found: dict[str, dict[str, None]] = {}
        for path in paths:
            if path.endswith((".py", ".pyx", ".pyi")):
                parts = path.rpartition(".")[0].split("/")
                for at, part in enumerate(parts):
                    found.setdefault(part, {})["/".join(parts[:at])] = None
        _homes_of.clear()
        _homes_of[paths] = {name: tuple(places) for name, places in found.items()}
    return _homes_of[paths]


def folder_of(path: str, level: int) -> str | None:
    """Where a relative import begins; None beyond the root."""
    parts = path.split("/")[:-1]
    up = level - 1
    return "/".join(parts[: len(parts) - up]) if up <= len(parts) else None
