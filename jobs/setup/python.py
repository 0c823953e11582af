"""Python: which interpreter, which installer, which requirements tests need. Pure."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from typing import Any

from jobs.setup.runners import Needs, runner_needs
from jobs.setup.source import Source
from jobs.setup.tables import at, keys, table, toml

REQUIREMENTS = re.compile(
    r"(requirements([-_.](dev|develop|test|tests|testing))?|(dev|test|tests)[-_.]requirements)\.(txt|in)"
    r"|requirements/(base|main|dev|develop|test|tests|testing|all)\.txt"
)
_RUNTIME = re.compile(r"requirements\.txt|requirements/(base|main|all)\.txt")
EXTRAS = ("test", "tests", "testing", "dev", "develop")
VENV = "python3 -m venv /env"
EMPTY = f"{VENV} --without-pip"
"""Nothing is installed: ten times as fast, and the machine's own packages are kept out all the same."""
PIP = "/env/bin/python -m pip install --quiet --no-input"
PYTEST = f'/env/bin/python -c "import pytest" 2>/dev/null || {PIP} pytest'
NEEDS = "/tmp/devtask-needs.txt"
_MINORS = range(7, 21)
_BOUND = re.compile(r"(>=|<=|==|!=|~=|>|<|\^|~)?\s*3(?:\.(\d+|\*))?")


def python_kind(source: Source) -> str | None:
    """uv, poetry, pip, or None where there is no Python."""
    paths, project = source.paths, toml(source.read("pyproject.toml"))
    if "uv.lock" in paths:
        return "uv"
    if "poetry.lock" in paths or "poetry" in keys(project.get("tool")):
        return "poetry"
    found = needs(source)
    if found.files or found.lines or installable(source, project) or any(path.endswith(".py") for path in paths):
        return "pip"
    return None


def python_commands(source: Source, kind: str, lines: tuple[str, ...], version: tuple[int, int]) -> list[str]:
    """How the environment is made; `lines` stand in the file NEEDS."""
    venv = venv_command(source, version)
    pip = _pip_commands(source, lines)
    if kind == "uv":
        sync = '"$u" sync --frozen --inexact --all-extras --all-groups --link-mode copy'
        have = "u=$(command -v uv) || { u=/tmp/uv/bin/uv; python3 -m venv /tmp/uv && /tmp/uv/bin/pip install -q uv; }"
        return [venv, f"if {have}; then UV_PROJECT_ENVIRONMENT=/env {sync}; else {' && '.join(pip) or 'true'}; fi"]
    if kind == "poetry":
        own = "python3 -m venv /tmp/poetry && /tmp/poetry/bin/pip install --quiet poetry"
        install = 'VIRTUAL_ENV=/env PATH=/env/bin:$PATH "$p" install --no-interaction --all-extras --all-groups'
        return [venv, f"p=$(command -v poetry) || {{ {own}; p=/tmp/poetry/bin/poetry; }}; {install}"]
    return [venv, *pip]


def _pip_commands(source: Source, lines: tuple[str, ...]) -> list[str]:
    commands, found = [], needs(source)
    if found.files:
        commands.append(f"{PIP} " + " ".join(f"-r {path}" for path in found.files))
    if lines:
        commands.append(f"{PIP} -r {NEEDS}")
    if installable(source, toml(source.read("pyproject.toml"))):
        extras = ",".join(found.extras)
        commands.append(f"{PIP} -e '.{f'[{extras}]' if extras else ''}'")
    return commands


def needs(source: Source) -> Needs:
    """What the tests need besides the project: groups, test requirements, extras; where none of these are declared
    what tox or nox would install.
    """
    project = toml(source.read("pyproject.toml"))
    files = [path for path in source.paths if REQUIREMENTS.fullmatch(path) and not path.endswith(".in")]
    files.sort(key=lambda path: (len(path), path))
    extras = [name for name in _extras(source, project) if name.lower() in EXTRAS]
    declared = Needs(tuple(_groups(project)), tuple(files), tuple(extras))
    return declared if _names_tests(declared) else _with_runner(source, declared)


def _names_tests(declared: Needs) -> bool:
    """Whether something is there for tests in particular, not only for whoever runs the project."""
    return bool(declared.lines or declared.extras) or not all(_RUNTIME.fullmatch(path) for path in declared.files)


def _with_runner(source: Source, declared: Needs) -> Needs:
    runner = runner_needs(source)
    files = [path for path in runner.files if path in source.paths and path not in declared.files]
    extras = [name for name in runner.extras if re.fullmatch(r"[\w.-]+", name)]
    return Needs(runner.lines, (*declared.files, *files), tuple(extras))


def venv_command(source: Source, version: tuple[int, int] = sys.version_info[:2]) -> str:
    """The environment's own interpreter: this machine's, or another where the repository asks for one."""
    required, pinned = _required(source), _pinned(source)
    bounds = _bounds(required)
    allowed = [minor for minor in _MINORS if all(_fits(minor, bound) for bound in bounds)]
    wish = [pinned] if pinned in allowed and pinned != version[1] else []
    if version[1] in allowed:
        return f'p=$(command -v python3.{wish[0]} || echo python3); "$p" -m venv /env' if wish else VENV
    names = " || ".join(f"command -v python3.{minor}" for minor in dict.fromkeys([*wish, *allowed]))
    said = f"This repository requires Python {required}; here is only $(python3 --version)."
    return f'p=$({names or "false"}) || {{ echo "error: {said}" >&2; exit 1; }}; "$p" -m venv /env'


def _pinned(source: Source) -> int | None:
    found = re.match(r"\s*3\.(\d+)", source.read(".python-version") or "")
    return int(found[1]) if found else None


def _required(source: Source) -> str:
    project = toml(source.read("pyproject.toml"))
    found = at(project, "project", "requires-python") or at(project, "tool", "poetry", "dependencies", "python")
    if found is None:
        cfg = re.search(r"(?m)^python_requires\s*=\s*(.+)$", source.read("setup.cfg") or "")
        found = cfg[1] if cfg else ""
    return re.sub(r"[^0-9.,<>=!~^* ]", "", str(found))[:60]


def _bounds(text: str) -> list[tuple[str, int]]:
    found = []
    for part in text.split(","):
        bound = _BOUND.match(part.strip())
        if bound and bound[2] and bound[2] != "*":
            found.append((bound[1] or "==", int(bound[2])))
    return found


def _fits(minor: int, bound: tuple[str, int]) -> bool:
    operator, other = bound
    if operator in ("<=", "=="):
        return minor <= other if operator == "<=" else minor == other
    if operator in ("<", "!="):
        return minor < other if operator == "<" else True  # != names a patch version as a rule
    return minor > other - 1


def installable(source: Source, project: dict[str, Any]) -> bool:
    """Whether pip can install the repository itself."""
    if "project" in project or "build-system" in project or "setup.py" in source.paths:
        return True
    return "[metadata]" in (source.read("setup.cfg") or "")


def _extras(source: Source, project: dict[str, Any]) -> list[str]:
    table = at(project, "project", "optional-dependencies")
    declared = list(table) if isinstance(table, dict) else []
    cfg = (source.read("setup.cfg") or "").partition("[options.extras_require]")[2].partition("\n[")[0]
    return [name for name in (*declared, *re.findall(r"(?m)^([\w-]+)\s*=", cfg)) if re.fullmatch(r"[\w.-]+", name)]


def _groups(project: dict[str, Any]) -> list[str]:
    """Requirements of the dependency groups (PEP 735) that tests need, included groups resolved."""
    groups = table(project.get("dependency-groups"))
    if not isinstance(groups, dict):
        return []
    return list(dict.fromkeys(need for name in groups if name.lower() in EXTRAS for need in _group(groups, name, ())))


def _group(groups: dict[str, Any], name: str, seen: tuple[str, ...]) -> Iterable[str]:
    listed = groups.get(name) if name not in seen else None
    for item in listed if isinstance(listed, list) else ():
        if isinstance(item, str) and not item.startswith("-") and "\n" not in item:
            yield item
        elif isinstance(item, dict) and isinstance(item.get("include-group"), str):
            yield from _group(groups, item["include-group"], (*seen, name))
