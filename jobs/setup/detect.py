"""What a repository needs before its tests can run, from its own files. Pure: files in, commands out."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field

from jobs.setup.approved import Wanted, unnamed
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
_Part = tuple[str, list[str]]
"""A kind and its commands."""


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
    env = _compiled_env(source)
    if config.setup:
        return _plan(source, "configured", [VENV, *config.setup], (), env, "setup of the configuration")
    python, node = python_kind(source), node_kind(source)
    more = _more(source, python, node, wanted)
    lines = (*needs(source).lines, *more) if python else ()
    parts: list[_Part] = []
    if python:
        installed = [*python_commands(source, python, lines, version), *_besides(python, more)]
        parts.append((python, installed + _pytest(pytest_wanted, pytest_welcome)))
    if node:
        parts.append((node, node_commands(source, node, () if python else more)))
    return _joined(source, [*parts, *_compiled(source)], lines, env)


def _besides(kind: str, more: tuple[str, ...]) -> list[str]:
    """uv and poetry install what is locked; pip has the approved packages among its lines already."""
    return [f"{PIP} -r {NEEDS}"] if kind != "pip" and more else []


def _pytest(wanted: bool, welcome: bool) -> list[str]:
    if wanted:
        return [PYTEST]
    return [f"{PYTEST} || true"] if welcome else []


def _compiled(source: Source) -> list[_Part]:
    found = (("go", go_commands(source)), ("cargo", cargo_commands(source)))
    return [(kind, commands) for kind, commands in found if commands is not None]


def _compiled_env(source: Source) -> dict[str, str]:
    go = go_env(source) if "go.mod" in source.paths else {}
    return go | (cargo_env(source) if "Cargo.toml" in source.paths else {})


def _joined(source: Source, parts: list[_Part], lines: tuple[str, ...], env: dict[str, str]) -> SetupPlan:
    commands = [command for _, added in parts for command in added]
    files = ((NEEDS, "\n".join(lines) + "\n"),) if lines else ()
    kind = "+".join(kind for kind, _ in parts) or "none"
    return _plan(source, kind, [EMPTY] if commands == [VENV] else commands, files, env, "")


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
    """Approved packages that no manifest names yet; none where it is unclear who would install them."""
    client = _only_client(source, python, node)
    if not wanted or client is None:
        return ()
    manifests = "\n".join(source.read(path) or "" for path in source.paths if _matters(path))
    return unnamed(wanted, manifests, client)


def _only_client(source: Source, python: str | None, node: str | None) -> str | None:
    """pip or npm, where the repository has no other."""
    if {"go.mod", "Cargo.toml"} & source.paths:
        return None
    if python:
        return None if node else "pip"
    return "npm" if node == "npm" else None


__all__ = ["EMPTY", "NEEDS", "PIP", "PYTEST", "VENV", "SetupPlan", "Wanted", "detect_setup", "json_object"]
