"""Packages that a tree asks for and the base did not: only those that the approved plan names are installed. Pure."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from typing import Any

from jobs.setup.compiled import cargo_dependencies
from jobs.setup.node import json_object
from jobs.setup.python import REQUIREMENTS, needs, toml
from jobs.setup.source import Source

_NAME = re.compile(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[[^]]*\])?\s*(?:[<>=!~;,]|$|\()")
_GO = re.compile(r"(?m)^\s*(?:require\s+)?([\w.-]+\.[\w.-]+/\S+)\s+v")
_NODE = ("dependencies", "devDependencies", "optionalDependencies")


def unapproved(base: Source, now: Source, approved: Iterable[str]) -> tuple[str, ...]:
    """Names of packages that were added since the base and that nobody approved, in alphabetical order.

    What only a lock file names came with an approved package, if there is one; without one it is told as well.
    """
    granted = {plain(name) for name in approved}
    added = declared(now) - declared(base)
    locked = set() if added & granted else locked_names(now) - locked_names(base)
    return tuple(sorted((added | locked) - granted))


def plain(name: str) -> str:
    """A name as it is compared: without extras, version, case, and the three ways to write a hyphen."""
    return re.sub(r"[-_.]+", "-", name.strip().partition("[")[0].lower())


def declared(source: Source) -> set[str]:
    """What the manifests name, a line that is no plain requirement (an address, an option) as it stands."""
    found, lines = set(_GO.findall(source.read("go.mod") or "")), set(_python_lines(source))
    for path in source.paths:
        if path == "package.json" or (path.endswith("/package.json") and "node_modules/" not in path):
            package = json_object(source.read(path))
            found |= {name for table in _NODE for name in _keys(package.get(table))}
        elif path == "Cargo.toml" or path.endswith("/Cargo.toml"):
            found |= {plain(name) for name in cargo_dependencies(toml(source.read(path)))}
    return {plain(name) for name in found} | {_requirement(line) for line in lines}


def locked_names(source: Source) -> set[str]:
    """What the lock files name that are written to be read."""
    found: set[str] = set()
    for path in ("uv.lock", "poetry.lock", "Cargo.lock"):
        packages = toml(source.read(path)).get("package", [])
        found |= {str(one.get("name", "")) for one in packages if isinstance(one, dict)}
    for path in ("package-lock.json", "npm-shrinkwrap.json"):
        packages = json_object(source.read(path)).get("packages")
        found |= {key.rpartition("node_modules/")[2] for key in _keys(packages) if "node_modules/" in key}
    return {plain(name) for name in found if name}


def _python_lines(source: Source) -> Iterable[str]:
    project = toml(source.read("pyproject.toml"))
    table, poetry = _table(project.get("project")), _table(_table(project.get("tool")).get("poetry"))
    for path in source.paths:
        if REQUIREMENTS.fullmatch(path):
            lines = (line.partition(" #")[0].strip() for line in (source.read(path) or "").splitlines())
            yield from (line for line in lines if line and line[0] != "#")
    yield from (str(one) for one in _items(table.get("dependencies")))
    yield from (str(one) for group in _values(table.get("optional-dependencies")) for one in _items(group))
    yield from (str(one) for group in _values(project.get("dependency-groups")) for one in _items(group))
    yield from (str(one) for one in _items(_table(project.get("build-system")).get("requires")))
    for group in (poetry, *_values(poetry.get("group"))):
        for name in ("dependencies", "dev-dependencies"):
            yield from (one for one in _keys(_table(group).get(name)) if one != "python")
    yield from needs(source).lines
    yield from _setup_script(source.read("setup.py") or "")
    cfg = re.findall(r"(?m)^(?:install_requires|[\w-]+)\s*=\s*\n((?:[ \t]+\S.*\n?)+)", source.read("setup.cfg") or "")
    yield from (line.strip() for block in cfg for line in block.splitlines())


def _setup_script(text: str) -> Iterable[str]:
    """The words of a setup script that look like requirements; what it computes cannot be seen."""
    try:
        calls = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.keyword)]
    except (SyntaxError, ValueError):
        return [text] if text else []
    wanted = [node.value for node in calls if node.arg in ("install_requires", "extras_require", "setup_requires")]
    words = (word for value in wanted for word in ast.walk(value) if isinstance(word, ast.Constant))
    return [word.value for word in words if isinstance(word.value, str)]


def _requirement(line: str) -> str:
    found = _NAME.match(line)
    return plain(found[1]) if found else line


def _table(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _keys(value: Any) -> list[str]:
    return [str(key) for key in value] if isinstance(value, dict) else []


def _values(value: Any) -> list[Any]:
    return list(value.values()) if isinstance(value, dict) else []


def _items(value: Any) -> list[Any]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []
