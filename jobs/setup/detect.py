"""What a repository needs before its tests can run, from its own files. Pure: files in, commands out."""

from __future__ import annotations

import hashlib
import json
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field

from jobs.setup.compiled import COMPILED_PATHS, cargo_commands, cargo_env, go_commands, go_env
from jobs.setup.config import RepoConfig
from jobs.setup.node import NODE_PATHS, json_object, node_commands, node_kind
from jobs.setup.python import (
    EMPTY,
    NEEDS,
    PIP,
    PYTEST,
    REQUIREMENTS,
    VENV,
    needs,
    python_commands,
    python_kind,
    toml,
)
from jobs.setup.source import Source

_MANIFESTS = (
    *("pyproject.toml", "setup.cfg", "setup.py", "uv.lock", "poetry.lock", "Pipfile", "Pipfile.lock"),
    *("tox.ini", "tox.toml", "noxfile.py", ".python-version", "constraints.txt"),
    *NODE_PATHS,
    *COMPILED_PATHS,
)
_CLIENTS = {
    **dict.fromkeys(("pip", "uv", "poetry"), "pip"),
    **dict.fromkeys(("npm", "pnpm", "yarn"), "npm"),
    "go": "go",
    "cargo": "cargo",
}
_PACKAGE = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?(\[[\w,. -]+\])?")
_NPM_PACKAGE = re.compile(r"(@[a-z0-9~._-]+/)?[a-z0-9~][a-z0-9~._-]*")
_CONSTRAINT = re.compile(r"\s*(([<>=!~]=?|===)\s*[\w.*+!-]+)(\s*,\s*([<>=!~]=?)\s*[\w.*+!-]+)*\s*")


@dataclass(frozen=True)
class Wanted:
    """A package that an approved plan adds."""

    package: str
    constraint: str = ""


@dataclass(frozen=True)
class SetupPlan:
    """The commands, run in order in the setup sandbox at the root of a throwaway checkout; `/env` is kept.

    `kind` is configured, pip, uv, poetry, npm, pnpm, yarn, go, cargo, a `+`-joined mix, or none; `lock` is the hash of
    all that decides the outcome; `files` are written into the sandbox beforehand (path to text); `env` is what later
    commands get; `why` names the files that led here.
    """

    kind: str
    commands: tuple[str, ...]
    lock: str
    files: tuple[tuple[str, str], ...] = ()
    env: dict[str, str] = field(default_factory=dict)
    why: str = ""

    @property
    def clients(self) -> tuple[str, ...]:
        """The package clients whose indexes it may need: pip, npm, go, cargo."""
        if self.kind == "configured":
            return ("pip", "npm", "go", "cargo")
        return tuple(dict.fromkeys(_CLIENTS[kind] for kind in self.kind.split("+") if kind in _CLIENTS))


def detect_setup(
    source: Source,
    config: RepoConfig,
    pytest_wanted: bool = True,
    pytest_welcome: bool = False,
    wanted: Sequence[Wanted] = (),
    version: tuple[int, int] = sys.version_info[:2],
) -> SetupPlan:
    """How the dependencies are installed: as configured, else as the lock files and manifests say.

    `pytest_welcome`: there are no tests yet, so that the first ones can be run if pytest can be had. `wanted` are
    packages of the approved plan; those that no manifest names yet are installed besides. `version` is the Python of
    this machine.
    """
    env = {**(go_env(source) if "go.mod" in source.paths else {})}
    env |= cargo_env(source) if "Cargo.toml" in source.paths else {}
    if config.setup:
        return _plan(source, "configured", [VENV, *config.setup], (), env, "setup of the configuration")
    python, node = python_kind(source), node_kind(source)
    more = _more(source, python, node, wanted)
    lines = (*needs(source).lines, *more) if python else ()
    kinds, commands = [], []
    if python:
        kinds.append(python)
        commands += python_commands(source, python, lines, version)
        commands += [f"{PIP} -r {NEEDS}"] if python != "pip" and more else []
        commands += [PYTEST] if pytest_wanted else [f"{PYTEST} || true"] if pytest_welcome else []
    for kind, found in ((node, _node(source, node, () if python else more)), *_compiled(source)):
        if kind is not None and found is not None:
            kinds.append(kind)
            commands += found
    if commands == [VENV]:
        commands = [EMPTY]
    files = ((NEEDS, "\n".join(lines) + "\n"),) if lines else ()
    return _plan(source, "+".join(kinds) or "none", commands, files, env, "")


def _node(source: Source, kind: str | None, more: tuple[str, ...]) -> list[str] | None:
    return node_commands(source, kind, more) if kind else None


def _compiled(source: Source) -> tuple[tuple[str, list[str] | None], ...]:
    return ("go", go_commands(source)), ("cargo", cargo_commands(source))


def _plan(
    source: Source, kind: str, commands: list[str], files: tuple[tuple[str, str], ...], env: dict[str, str], why: str
) -> SetupPlan:
    relevant = sorted(path for path in source.paths if _matters(path))
    digest = hashlib.sha256(json.dumps([kind, commands, files]).encode())
    for path in relevant:
        digest.update(f"\0{path}\0{source.read(path)}".encode())
    seen = ", ".join(relevant[:8]) or ("*.py" if kind == "pip" else "nothing that needs installing")
    return SetupPlan(kind, tuple(commands), digest.hexdigest(), files, env, why or seen)


def _matters(path: str) -> bool:
    nested = path.endswith(("/package.json", "/Cargo.toml")) and "node_modules/" not in path
    return path in _MANIFESTS or bool(REQUIREMENTS.fullmatch(path)) or nested


def _more(source: Source, python: str | None, node: str | None, wanted: Sequence[Wanted]) -> tuple[str, ...]:
    """Approved packages that no manifest names yet, as pip or npm write them; none where it is unclear whose."""
    clear = (python and not node) or (node == "npm" and not python)
    if not wanted or not clear or {"go.mod", "Cargo.toml"} & source.paths:
        return ()
    known = "\n".join(source.read(path) or "" for path in source.paths if _matters(path)).lower()
    return tuple(
        line
        for one in wanted
        if (line := _npm_line(one) if node else _pip_line(one)) and not _named_in(known, one.package)
    )


def _named_in(known: str, package: str) -> bool:
    name = re.escape(package.strip().partition("[")[0].lower())
    return bool(re.search(rf"(?<![\w.-]){name}(?![\w.-])", known))


def _npm_line(one: Wanted) -> str:
    name = one.package.strip()
    return name if _NPM_PACKAGE.fullmatch(name) else ""


def _pip_line(one: Wanted) -> str:
    name = one.package.strip()
    if not _PACKAGE.fullmatch(name):
        return ""
    return name + (one.constraint.replace(" ", "") if _CONSTRAINT.fullmatch(one.constraint) else "")


__all__ = ["EMPTY", "NEEDS", "PIP", "PYTEST", "VENV", "SetupPlan", "Wanted", "detect_setup", "json_object", "toml"]
