"""Packages that a tree asks for and the base did not: only those that the approved plan names are installed. Pure."""

from __future__ import annotations

import ast
import configparser
import re
from collections.abc import Iterable, Iterator
from typing import Any

from jobs.setup.compiled import cargo_dependencies
from jobs.setup.node import json_object
from jobs.setup.python import REQUIREMENTS, needs
from jobs.setup.source import Source
from jobs.setup.tables import at, keys, tables, texts, toml, values

_NAME = re.compile(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[[^]]*\])?\s*(?:[<>=!~;,]|$|\()")
_GO = re.compile(r"(?m)^\s*(?:require\s+)?([\w.-]+\.[\w.-]+/\S+)\s+v")
_CFG = ("install_requires", "setup_requires", "tests_require")
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
    named = {*_GO.findall(source.read("go.mod") or ""), *_node_packages(source), *_crates(source)}
    return {plain(name) for name in named} | {_requirement(line) for line in _python_lines(source)}


def _node_packages(source: Source) -> Iterator[str]:
    for path in _manifests(source, "package.json"):
        package = json_object(source.read(path)) if "node_modules/" not in path else {}
        yield from (name for group in _NODE for name in keys(package.get(group)))


def _crates(source: Source) -> Iterator[str]:
    for path in _manifests(source, "Cargo.toml"):
        yield from cargo_dependencies(toml(source.read(path)))


def _manifests(source: Source, name: str) -> list[str]:
    """The files of that name in whatever folder."""
    return [path for path in source.paths if path.rpartition("/")[2] == name]


def locked_names(source: Source) -> set[str]:
    """What the lock files name that are written to be read."""
    found: set[str] = set()
    for path in ("uv.lock", "poetry.lock", "Cargo.lock"):
        found |= {str(one.get("name", "")) for one in tables(toml(source.read(path)).get("package"))}
    for path in ("package-lock.json", "npm-shrinkwrap.json"):
        packages = json_object(source.read(path)).get("packages")
        found |= {key.rpartition("node_modules/")[2] for key in keys(packages) if "node_modules/" in key}
    return {plain(name) for name in found if name}


def _python_lines(source: Source) -> Iterator[str]:
    for path in filter(REQUIREMENTS.fullmatch, source.paths):
        lines = (line.partition(" #")[0].strip() for line in (source.read(path) or "").splitlines())
        yield from (line for line in lines if line and line[0] != "#")
    project = toml(source.read("pyproject.toml"))
    yield from _standard(project)
    yield from _poetry(at(project, "tool", "poetry"))
    yield from needs(source).lines
    yield from _setup_script(source.read("setup.py") or "")
    yield from _setup_cfg(source.read("setup.cfg") or "")


def _standard(project: dict[str, Any]) -> Iterator[str]:
    """The requirements of a pyproject.toml where the standards have them."""
    groups = values(at(project, "project", "optional-dependencies")) + values(project.get("dependency-groups"))
    for listed in (at(project, "project", "dependencies"), *groups, at(project, "build-system", "requires")):
        yield from texts(listed)


def _poetry(table: Any) -> Iterator[str]:
    for group in (table, *values(at(table, "group"))):
        for name in ("dependencies", "dev-dependencies"):
            yield from (one for one in keys(at(group, name)) if one != "python")


def _setup_cfg(text: str) -> list[str]:
    """The requirements of a setup.cfg; one that cannot be read installs nothing."""
    parser = configparser.RawConfigParser(strict=False)
    try:
        parser.read_string(text)
    except configparser.Error:
        return []
    listed = [parser.get("options", key, fallback="") for key in _CFG]
    extras = parser["options.extras_require"] if parser.has_section("options.extras_require") else {}
    lines = (line.strip() for text in (*listed, *extras.values()) for line in text.split("\n" if "\n" in text else ";"))
    return [line for line in lines if line and line[0] != "#"]


def _setup_script(text: str) -> list[str]:
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
