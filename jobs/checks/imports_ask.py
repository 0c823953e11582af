"""Runs with the Python of a repository's environment, in its sandbox: which imports resolve there.

Reads lines of JSON from the file that its argument names, [roots, module, name, relative], where a root is a folder of
the tree; prints what is missing as JSON, null where it resolves. The tree's sources are read and not run; only what an
installed package makes up at run time is asked of the package itself, in a process of its own. For Python 3.7 on.
"""

from __future__ import annotations

import ast
import importlib
import json
import os
import re
import subprocess
import sys
from importlib.machinery import PathFinder
from pathlib import Path
from typing import Optional, Set, Tuple  # noqa: UP035 # for old Pythons

MADE = re.compile(r"(^|[._])(_?version|_build_info|_generated)$|_pb2(_grpc)?$")
OTHER_ENDS = (".pyx", ".so", ".pyd", ".pyi")
STANDARD = frozenset(getattr(sys, "stdlib_module_names", sys.builtin_module_names))
REALLY = """import importlib, json, sys
path, module, name = json.loads(sys.argv[1])
sys.path[:] = path
try:
    found = importlib.import_module(module)
    if name and not hasattr(found, name):
        importlib.import_module(module + "." + name)
except ImportError:
    sys.exit(3)
"""

Module = Optional[Tuple[str, "list[str]"]]  # noqa: UP006, UP045
"""Source file, empty where there is none to read, and the folders of submodules."""


def missing(roots: list[str], module: str, name: str, relative: bool) -> str | None:
    """What does not resolve, in words; None where it does."""
    here = at([part for part in module.split(".") if part], [root or "." for root in roots])
    if made(module, name) or offers(here, name) or (not relative and elsewhere(module, name)):
        return None
    return words(here, module, name)


def words(here: Module, module: str, name: str) -> str:
    """What is wrong, for whoever wrote the import."""
    if here is None:
        return f"there is no module {module or name}"
    return f"{module or 'the package'} has no {name}"


def made(module: str, name: str) -> bool:
    """Whether the module is one that a build writes."""
    return bool(MADE.search(module) or MADE.search(name))


def offers(found: Module, name: str) -> bool:
    """Whether the module is there and has the name, if one is asked for."""
    return found is not None and (not name or has(found, name))


def at(parts: list[str], folders: list[str]) -> Module:
    """A module of the tree; None where there is none."""
    if not parts:
        inits = [Path(folder, "__init__.py") for folder in folders]
        return next((str(one) for one in inits if one.is_file()), ""), folders
    name, rest = parts[0], parts[1:]
    for folder in folders:
        place = str(Path(folder, name))
        package = Path(place).is_dir() and (rest or holds_python(place))
        found = at(rest, [place]) if package else None if rest else single(place)
        if found:
            return found
    return None


def single(place: str) -> Module:
    """A module that is one file."""
    if Path(place + ".py").is_file():
        return place + ".py", []
    return ("", []) if any(Path(place + end).is_file() for end in OTHER_ENDS) else None


def holds_python(folder: str) -> bool:
    """Whether a folder can be a package."""
    return any(one.endswith((".py", *OTHER_ENDS)) for _, _, files in os.walk(folder) for one in files)


def elsewhere(module: str, name: str) -> bool:
    """Whether the environment or the standard library has it."""
    if module.split(".")[0] in STANDARD:
        return standard(module, name)
    return offers(installed(module), name) or really(module, name)


def standard(module: str, name: str) -> bool:
    """Asks the standard library."""
    try:
        found = importlib.import_module(module)
        if name and not hasattr(found, name):
            importlib.import_module(f"{module}.{name}")
    except ImportError:
        return False
    return True


def installed(module: str) -> Module:
    """A module of the environment, seen without running it."""
    path, spec, name = None, None, ""
    for part in module.split("."):
        name = f"{name}.{part}" if name else part
        spec = seek(name, path)
        if spec is None:
            return None
        path = list(getattr(spec, "submodule_search_locations", None) or [])
    origin = str(getattr(spec, "origin", "") or "")
    return (origin if origin.endswith(".py") else "", path or [])


def seek(name: str, path: list[str] | None) -> object:
    """A module's specification."""
    for finder in sys.meta_path:
        if path is not None and not path and finder is PathFinder:
            continue
        try:
            spec = finder.find_spec(name, path)
        except (ImportError, AttributeError, ValueError):
            spec = None
        if spec is not None:
            return spec
    return None


def has(found: tuple[str, list[str]], name: str) -> bool:
    """Whether a module has this attribute or submodule, or cannot be read."""
    source, folders = found
    if folders and at([name], folders):
        return True
    if not source:
        return not folders
    names = names_of(source)
    return names is None or name in names


def names_of(source: str) -> Optional[Set[str]]:  # noqa: UP006, UP045
    """All names that stand in a source; None where it cannot be read, or may make up more."""
    try:
        tree = ast.parse(Path(source).read_bytes())
    except (OSError, SyntaxError, ValueError, RecursionError):
        return None
    found = {"__name__", "__file__", "__doc__", "__path__", "__version__", "__all__"}
    found |= {name for node in ast.walk(tree) for name in bound(node)}
    return None if found & {"__getattr__", "globals", "exec", "setattr", "vars", "*"} else found


def bound(node: ast.AST) -> list[str]:
    """Names that a node may bind; `sys.modules` may bind any."""
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return [node.name]
    if isinstance(node, ast.Name):
        return [node.id]
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        return [alias.asname or alias.name.split(".")[0] for alias in node.names]
    return ["globals"] if isinstance(node, ast.Attribute) and node.attr == "modules" else []


def really(module: str, name: str) -> bool:
    """Asks the installed package itself; what else goes wrong there is not about the import."""
    asked = json.dumps([sys.path, module, name])
    quiet = subprocess.DEVNULL
    elsewhere = Path(__file__).parent  # no module of the tree stands in for one of the standard library
    command = [sys.executable, "-c", REALLY, asked]
    return subprocess.run(command, stdout=quiet, stderr=quiet, cwd=elsewhere, check=False).returncode != 3


def main() -> None:
    """Answer each line."""
    del sys.path[0]  # the folder of this file
    said = [missing(*json.loads(line)) for line in Path(sys.argv[1]).read_text(encoding="utf-8").splitlines()]
    sys.stdout.write("\n" + json.dumps(said) + "\n")


if __name__ == "__main__":
    main()
