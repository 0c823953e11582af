"""The project's files and small readers of those that a machine reads."""

from __future__ import annotations

import shlex
import subprocess
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
PACKAGES = ("state", "ai", "ghapp", "jobs", "cli", "devkit")
INSTALLED = "/opt/dev-orchestrator"
UNITS = ROOT / "packaging" / "systemd"


@cache
def tracked() -> tuple[str, ...]:
    """Paths of the project's files: what git knows, or would add."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return tuple(sorted(name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()))


def text_of(name: str) -> str | None:
    """A tracked file's text; None if it is no text."""
    try:
        return (ROOT / name).read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return None


@cache
def pyproject() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text())


def compose() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "compose.yml").read_text())
    return loaded


def procfile() -> dict[str, str]:
    lines = (ROOT / "Procfile").read_text().splitlines()
    return {name: command.strip() for name, _, command in (line.partition(":") for line in lines if line.strip())}


@dataclass(frozen=True)
class Instruction:
    """One instruction of a Dockerfile, continuation lines joined."""

    name: str
    value: str


def dockerfile() -> list[Instruction]:
    joined = (ROOT / "Dockerfile").read_text().replace("\\\n", " ")
    lines = [line.strip() for line in joined.splitlines()]
    pairs = (line.partition(" ") for line in lines if line and not line.startswith("#"))
    return [Instruction(name.upper(), value.strip()) for name, _, value in pairs]


def unit(path: Path) -> dict[str, dict[str, list[str]]]:
    """Sections of a systemd unit; a key may stand there several times."""
    found: dict[str, dict[str, list[str]]] = {}
    section = ""
    for line in path.read_text().splitlines():
        if line.startswith("[") and line.endswith("]"):
            section = line[1:-1]
            found[section] = {}
        elif line and not line.startswith(("#", ";")):
            key, equals, value = line.partition("=")
            assert equals, line
            found[section].setdefault(key.strip(), []).append(value.strip())
    return found


def units() -> dict[str, dict[str, dict[str, list[str]]]]:
    """`gate` -> its unit, and so on."""
    return {path.stem.removeprefix("devtask-"): unit(path) for path in sorted(UNITS.glob("*.service"))}


def argv(command: str | list[str]) -> tuple[str, ...]:
    """A command line as its words, the installation's path taken off the program."""
    words = shlex.split(command) if isinstance(command, str) else list(command)
    return (words[0].removeprefix(f"{INSTALLED}/venv/bin/"), *words[1:])
