"""What a repository needs before its tests can run, from its own files. Pure: files in, commands out."""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from jobs.setup.config import RepoConfig
from jobs.setup.source import Source

_REQUIREMENTS = re.compile(
    r"(requirements([-_.](dev|develop|test|tests|testing))?|(dev|test|tests)[-_.]requirements)\.(txt|in)"
    r"|requirements/(base|main|dev|develop|test|tests|testing|all)\.txt"
)
_EXTRAS = ("test", "tests", "testing", "dev", "develop")
_MANIFESTS = (
    *("pyproject.toml", "setup.cfg", "setup.py", "uv.lock", "poetry.lock", "package.json", "package-lock.json"),
    *("npm-shrinkwrap.json", "Pipfile", "Pipfile.lock", ".python-version", "constraints.txt"),
)
VENV = "python3 -m venv /env"
EMPTY = f"{VENV} --without-pip"
"""Nothing is installed: ten times as fast, and the machine's own packages are kept out all the same."""
PIP = "/env/bin/python -m pip install --quiet --no-input"
PYTEST = f'/env/bin/python -c "import pytest" 2>/dev/null || {PIP} pytest'
NEEDS = "/tmp/devtask-needs.txt"


@dataclass(frozen=True)
class SetupPlan:
    """The commands, run in order in the setup sandbox at the root of a throwaway checkout; `/env` is kept.

    `kind` is configured, pip, uv, poetry, npm, a `+`-joined mix, or none; `lock` is the hash of all that decides the
    outcome; `files` are written into the sandbox beforehand (path to text).
    """

    kind: str
    commands: tuple[str, ...]
    lock: str
    files: tuple[tuple[str, str], ...] = ()


def detect_setup(
    source: Source, config: RepoConfig, pytest_wanted: bool = True, pytest_welcome: bool = False
) -> SetupPlan:
    """How the dependencies are installed: as configured, else as the lock files and manifests say.

    `pytest_welcome`: there are no tests yet, so that the first ones can be run if pytest can be had.
    """
    if config.setup:
        return _plan(source, "configured", (VENV, *config.setup), ())
    kinds: list[str] = []
    commands: list[str] = []
    python, needs = _python(source)
    if python:
        kinds.append(python)
        commands += _python_commands(source, python, needs)
        if pytest_wanted:
            commands.append(PYTEST)
        elif pytest_welcome:
            commands.append(f"{PYTEST} || true")
    if "package.json" in source.paths and _npm_needed(source):
        kinds.append("npm")
        commands += _npm_commands(source)
    if commands == [VENV]:
        commands = [EMPTY]
    files = ((NEEDS, "\n".join(needs) + "\n"),) if needs else ()
    return _plan(source, "+".join(kinds) or "none", tuple(commands), files)


def requirement_files(source: Source) -> list[str]:
    """Requirement files that tests need, the general one first."""
    found = [path for path in source.paths if _REQUIREMENTS.fullmatch(path) and not path.endswith(".in")]
    return sorted(found, key=lambda path: (len(path), path))


def _plan(source: Source, kind: str, commands: tuple[str, ...], files: tuple[tuple[str, str], ...]) -> SetupPlan:
    relevant = [path for path in source.paths if path in _MANIFESTS or _REQUIREMENTS.fullmatch(path)]
    digest = hashlib.sha256(json.dumps([kind, commands, files]).encode())
    for path in sorted(relevant):
        digest.update(f"\0{path}\0{source.read(path)}".encode())
    return SetupPlan(kind, commands, digest.hexdigest(), files)


def _python(source: Source) -> tuple[str | None, list[str]]:
    paths = source.paths
    project = toml(source.read("pyproject.toml"))
    needs = _groups(project)
    if "uv.lock" in paths:
        return "uv", needs
    if "poetry.lock" in paths or "poetry" in project.get("tool", {}):
        return "poetry", []
    if requirement_files(source) or _installable(source, project) or needs:
        return "pip", needs
    has_python = any(path.endswith(".py") for path in paths)
    return ("pip", []) if has_python else (None, [])


def _python_commands(source: Source, kind: str, needs: list[str]) -> list[str]:
    pip = [VENV, *_pip_commands(source, needs)]
    if kind == "uv":
        sync = "UV_PROJECT_ENVIRONMENT=/env uv sync --frozen --all-extras --all-groups --link-mode copy"
        return [f"if command -v uv >/dev/null; then {sync}; else {' && '.join(pip)}; fi"]
    if kind == "poetry":
        own = "python3 -m venv /tmp/poetry && /tmp/poetry/bin/pip install --quiet poetry"
        install = 'VIRTUAL_ENV=/env PATH=/env/bin:$PATH "$p" install --no-interaction --all-extras --all-groups'
        return [VENV, f"p=$(command -v poetry) || {{ {own}; p=/tmp/poetry/bin/poetry; }}; {install}"]
    return pip


def _pip_commands(source: Source, needs: list[str]) -> list[str]:
    commands = []
    files = requirement_files(source)
    if files:
        commands.append(f"{PIP} " + " ".join(f"-r {path}" for path in files))
    if needs:
        commands.append(f"{PIP} -r {NEEDS}")
    project = toml(source.read("pyproject.toml"))
    if _installable(source, project):
        extras = ",".join(name for name in _extras(source, project) if name.lower() in _EXTRAS)
        commands.append(f"{PIP} -e '.{f'[{extras}]' if extras else ''}'")
    return commands


def _installable(source: Source, project: dict[str, Any]) -> bool:
    return (
        "project" in project
        or "build-system" in project
        or bool(
            {"setup.py", "setup.cfg"} & source.paths
            and ("setup.py" in source.paths or "[metadata]" in (source.read("setup.cfg") or ""))
        )
    )


def _extras(source: Source, project: dict[str, Any]) -> list[str]:
    table = project.get("project", {})
    declared = list(table.get("optional-dependencies", {})) if isinstance(table, dict) else []
    cfg = (source.read("setup.cfg") or "").partition("[options.extras_require]")[2].partition("\n[")[0]
    return [name for name in (*declared, *re.findall(r"(?m)^([\w-]+)\s*=", cfg)) if re.fullmatch(r"[\w.-]+", name)]


def _groups(project: dict[str, Any]) -> list[str]:
    """Requirements of the dependency groups (PEP 735) that tests need, included groups resolved."""
    groups = project.get("dependency-groups", {})
    if not isinstance(groups, dict):
        return []
    return list(dict.fromkeys(need for name in groups if name.lower() in _EXTRAS for need in _group(groups, name, ())))


def _group(groups: dict[str, Any], name: str, seen: tuple[str, ...]) -> Iterable[str]:
    for item in groups.get(name, []) if name not in seen else []:
        if isinstance(item, str) and not item.startswith("-") and "\n" not in item:
            yield item
        elif isinstance(item, dict) and isinstance(item.get("include-group"), str):
            yield from _group(groups, item["include-group"], (*seen, name))


def _npm_needed(source: Source) -> bool:
    package = json_object(source.read("package.json"))
    return any(package.get(name) for name in ("dependencies", "devDependencies", "optionalDependencies", "workspaces"))


def _npm_commands(source: Source) -> list[str]:
    locked = {"package-lock.json", "npm-shrinkwrap.json"} & source.paths
    install = "npm ci --no-audit --no-fund" if locked else "npm install --no-audit --no-fund --no-package-lock"
    return [install, "mv node_modules /env/node_modules"]


def toml(text: str | None) -> dict[str, Any]:
    """A TOML file as a dictionary; empty where it is missing or broken."""
    try:
        return tomllib.loads(text or "")
    except tomllib.TOMLDecodeError:
        return {}


def json_object(text: str | None) -> dict[str, Any]:
    """A JSON object; empty where it is missing, broken or something else."""
    try:
        value = json.loads(text or "{}")
    except json.JSONDecodeError:
        return {}
    return value if isinstance(value, dict) else {}
