"""The repository's own formatter, where it configures one: files that it would write otherwise."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from jobs.checks.result import Finding, Found
from jobs.checks.scene import Scene
from jobs.setup.node import json_object
from jobs.setup.python import toml
from jobs.setup.source import Source

SECONDS = 60.0
_PRETTIER = re.compile(r"\.prettierrc(\.\w+)?|prettier\.config\.\w+")
_HOOKS = re.compile(r"(?m)^\s*-\s*id:\s*['\"]?(ruff-format|black|prettier)\b")


@dataclass(frozen=True)
class Formatter:
    """`command` is as a person types it; `line` finds the path in what it prints."""

    name: str
    command: tuple[str, ...]
    line: re.Pattern[str]


_RUFF = re.compile(r"(?m)^(?:Would reformat: | *--> )(.+?)(?::\d+:\d+)?$")
RUFF = Formatter("ruff", ("ruff", "format", "--check", "--no-cache", "."), _RUFF)
BLACK = Formatter("black", ("python3", "-m", "black", "--check", "."), re.compile(r"(?m)^would reformat (.+)$"))
PRETTIER = Formatter(
    "prettier", ("node_modules/.bin/prettier", "--list-different", "."), re.compile(r"(?m)^(?!\[)(\S.*\.\w+)$")
)


def find(scene: Scene) -> Found:
    """What each configured formatter would change in the whole tree."""
    chosen = formatters(scene.before)
    if not chosen:
        return Found(not_run="the repository configures no formatter")
    found, missing, seconds = [], [], 0.0
    for one in chosen:
        result = scene.box.run(_argv(one, scene), timeout=SECONDS, cancel=scene.cancel, show=1_000_000)
        seconds += result.seconds
        paths = unformatted(one, result.output, scene.box.root)
        if result.exit_code not in (0, 1) or (result.exit_code == 1 and not paths):
            missing.append(f"{one.name} ended with {result.exit_code}: {result.output.strip()[-200:]}")
        found += [Finding(path, 0, one.name, f"not as {one.name} formats it") for path in paths]
    commands = " && ".join(" ".join(one.command) for one in chosen)
    if missing and not found:
        return Found(command=commands, seconds=seconds, not_run="; ".join(missing))
    return Found(tuple(found), commands, 1 if found else 0, seconds)


def formatters(source: Source) -> Sequence[Formatter]:
    """Those that the repository configures or runs before each commit. Pure."""
    tool = toml(source.read("pyproject.toml")).get("tool")
    tables = tool if isinstance(tool, dict) else {}
    ruff = tables.get("ruff")
    own = [toml(source.read(name)) for name in ("ruff.toml", ".ruff.toml")]
    hooks = set(_HOOKS.findall(source.read(".pre-commit-config.yaml") or ""))
    found = []
    if (isinstance(ruff, dict) and "format" in ruff) or any("format" in one for one in own) or "ruff-format" in hooks:
        found.append(RUFF)
    if "black" in tables or "black" in hooks:
        found.append(BLACK)
    manifest = json_object(source.read("package.json"))
    if "prettier" in manifest or any(_PRETTIER.fullmatch(path) for path in source.paths):
        found.append(PRETTIER)
    return found


def _argv(one: Formatter, scene: Scene) -> list[str]:
    """ruff is ours where the repository's environment has none."""
    if one is RUFF and scene.programs is not None:
        ours = scene.programs.program(scene.box, "ruff")
        script = 'if command -v ruff >/dev/null; then exec ruff "$@"; else exec "$0" "$@"; fi'
        return ["/bin/sh", "-c", script, ours, *one.command[1:]]
    return list(one.command)


def unformatted(one: Formatter, output: str, root: str) -> list[str]:
    """The paths that it names, relative to the root. Pure."""
    return list(dict.fromkeys(path.strip().removeprefix(f"{root}/") for path in one.line.findall(output)))
