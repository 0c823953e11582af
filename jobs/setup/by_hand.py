"""The setup of a repository as a person types it in a clone: a `.venv` of their own in place of our `/env`. Pure."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator

from jobs.setup.detect import SetupPlan
from jobs.setup.python import EMPTY, NEEDS

VENV = ".venv"
ACTIVATE = f". {VENV}/bin/activate"
_MAKES = re.compile(r"(?:^|\s)(?:\"\$p\"|python3) -m venv /env$")
_VERSION = re.compile(r"command -v (python3\.\d+)")
_QUIET = re.compile(r" --(?:quiet|no-input|no-audit|no-fund|silent|non-interactive|no-interaction)\b")
_STORE = re.compile(r" --store-dir \S+")
_ENVIRONMENT = re.compile(r"^(?:[A-Z_]+=(?:/env|local)\S* )+")
_ONCE = re.compile(r"^/env/bin/python -c \"import \w+\" 2>/dev/null \|\| (.*?)(?: \|\| true)?$")
_MANAGER = re.compile(r"(?P<package>(?P<modern>@yarnpkg/cli-dist)@\S+|(?:pnpm|yarn)@\S+) .*\"\$m\" (?P<rest>.*)$")


def by_hand(plan: SetupPlan) -> tuple[str, ...]:
    """The commands in order; none where nothing has to be installed."""
    if plan.commands == (EMPTY,):
        return ()
    return tuple(line for command in plan.commands for line in _typed(command, dict(plan.files)))


def _made(command: str) -> tuple[str, str]:
    version = _VERSION.search(command)
    return f"{version[1] if version else 'python3'} -m venv {VENV}", ACTIVATE


def _typed(command: str, files: dict[str, str]) -> Iterator[str]:
    if command == EMPTY or _MAKES.search(command):
        yield from _made(command)
    elif '"$u" sync' in command:
        yield "python -m pip install uv"
        yield "UV_PROJECT_ENVIRONMENT=.venv uv sync --frozen --inexact --all-extras --all-groups"
    elif '"$p" install' in command:
        yield from ("python -m pip install poetry", "poetry install --all-extras --all-groups")
    elif found := _MANAGER.search(command):
        name = f"-p {found['package']} yarn" if found["modern"] else found["package"]
        yield _plain(f"npx {name} {found['rest']}")
    elif "node_modules" not in command:
        once = _ONCE.match(command)
        yield _plain(_inline(once[1] if once else command, files))


def _inline(command: str, files: dict[str, str]) -> str:
    """The requirements that stand in a file of ours, written out."""
    lines = (line for line in files.get(NEEDS, "").split("\n") if line.strip())
    return command.replace(f"-r {NEEDS}", " ".join(shlex.quote(line) for line in lines))


def _plain(command: str) -> str:
    text = _ENVIRONMENT.sub("", _STORE.sub("", _QUIET.sub("", command)))
    text = text.replace("/env/bin/python ", "python ").replace("/env/bin/", "")
    return re.sub(r"(?<![\w./])/env(?![\w])", VENV, text)
