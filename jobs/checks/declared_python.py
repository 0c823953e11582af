"""Imports in Python files of packages that are installed here, but that no manifest of the repository declares."""

from __future__ import annotations

import ast
import json
import re
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from jobs.checks.changed import Pair, pairs
from jobs.checks.names import module
from jobs.checks.result import Finding
from jobs.checks.scene import Scene
from jobs.setup.additions import plain
from state.plan.flat import is_test

SECONDS = 60.0
_ENDS = (".py", ".pyw")
_MANIFEST = re.compile(
    r"(?i)(^|/)([\w.-]*requirements[\w.-]*\.(txt|in)|requirements/[\w.-]+\.(txt|in)|constraints[\w.-]*\.txt"
    r"|pyproject\.toml|setup\.(py|cfg)|pipfile|environment[\w.-]*\.ya?ml|tox\.(ini|toml)|noxfile\.py|pixi\.toml"
    r"|(meta|recipe)\.yaml|dockerfile[\w.-]*)$|^\.github/workflows/[^/]+\.ya?ml$"
)
_ASK = """import importlib.metadata as m, json, sys
found = m.packages_distributions()
print(json.dumps({"modules": {n: found.get(n, []) for n in sys.argv[1:]}, "stdlib": sorted(sys.stdlib_module_names)}))
"""


@dataclass(frozen=True)
class Known:
    """What the repository's environment says: which distributions a module comes from, which modules need none."""

    modules: Mapping[str, tuple[str, ...]]
    stdlib: Collection[str] = ()


def undeclared(scene: Scene, own: Collection[str]) -> list[Finding]:
    """New imports only. `own` are names that need no declaration."""
    local = local_modules(scene.now.paths)
    files = pairs(scene, lambda path: path.endswith(_ENDS))
    wanted = [one for one in new_imports(files) if one[2] not in local]
    manifests = list(filter(_MANIFEST.search, scene.now.paths))
    if not wanted or not manifests:
        return []
    names = {name for _, _, name in wanted}
    names -= _used_before(scene, names)
    known = _asked(scene, sorted(names)) if names else None
    if known is None:
        return []
    texts = [*(scene.now.read(path) or "" for path in manifests), *scene.config.setup]
    return judged([one for one in wanted if one[2] in names], known, "\n".join(texts), own)


def judged(wanted: Iterable[tuple[str, int, str]], known: Known, manifests: str, own: Collection[str]) -> list[Finding]:
    """The verdict on (path, line, module): only what is surely somebody else's and surely not declared. Pure."""
    words = {plain(word) for word in re.findall(r"[A-Za-z0-9][A-Za-z0-9._-]*", manifests)} | set(own)
    found = []
    for path, line, name in wanted:
        homes = {plain(one) for one in known.modules.get(name, ())}
        if not homes or name in known.stdlib or homes & words or (is_test(path) and "pytest" in homes):
            continue
        message = f"{name} is of the package {' or '.join(sorted(homes))}, which no manifest declares"
        found.append(Finding(path, line, "undeclared", message))
    return found


def new_imports(files: Iterable[Pair]) -> list[tuple[str, int, str]]:
    """(path, line, top-level module) of what a file asks for and did not before, the standard library left out."""
    found = []
    for file in files:
        before = {name for _, name in imports(file.before)}
        found += [(file.path, line, name) for line, name in imports(file.after) if name not in before]
    return [one for one in found if one[2] not in sys.stdlib_module_names]


def imports(text: str) -> Iterator[tuple[int, str]]:
    """Line and top-level module of each absolute import; what may be missing, or is for type checkers, left out."""
    waiting: list[ast.AST] = [tree] if (tree := module(text)) else []
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name.partition(".")[0]) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.lineno, node.module.partition(".")[0]
        waiting += _sure(node)


def _sure(node: ast.AST) -> Iterable[ast.AST]:
    """The parts of a statement whose imports have to succeed when the program runs."""
    if isinstance(node, ast.Try) and _catches(node):
        return [*node.orelse, *node.finalbody]
    if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
        return node.orelse
    return ast.iter_child_nodes(node)


def _catches(node: ast.Try) -> bool:
    said = " ".join("Exception" if one.type is None else ast.dump(one.type) for one in node.handlers)
    return any(name in said for name in ("ImportError", "ModuleNotFoundError", "'Exception'", "Exception"))


def local_modules(paths: Iterable[str]) -> set[str]:
    """Names that a file or a folder of the repository has: an import of one of these may mean it."""
    found: set[str] = set()
    for path in paths:
        *folders, name = path.split("/")
        found |= {*folders, name.partition(".")[0]}
    return found


def _used_before(scene: Scene, names: Collection[str]) -> set[str]:
    """Those that some file imported at the base commit already."""
    pattern = rf"^[[:space:]]*(import|from)[[:space:]]+({'|'.join(map(re.escape, names))})([^[:alnum:]_]|$)"
    out = scene.mirror.git.run("grep", "-h", "-I", "-E", "-e", pattern, scene.base, "--", "*.py", ok=(0, 1))
    return set(re.findall(r"(?m)^\s*(?:import|from)\s+(\w+)", out.decode("utf-8", "replace")))


def _asked(scene: Scene, names: Collection[str]) -> Known | None:
    """What the environment says; None where it cannot be asked."""
    result = scene.box.run(["python3", "-I", "-c", _ASK, *names], timeout=SECONDS, cancel=scene.cancel, show=1_000_000)
    try:
        said = json.loads(result.output)
        modules = {str(name): tuple(map(str, homes)) for name, homes in said["modules"].items()}
        return Known(modules, frozenset(map(str, said["stdlib"])))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
