"""The repository's own formatter, where it configures one: files that it would write otherwise."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from jobs.checks.result import Finding, Found
from jobs.checks.scene import Scene
from jobs.setup.node import json_object
from jobs.setup.source import Source
from jobs.setup.tables import toml

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
    asked = [_asked(one, scene) for one in chosen]
    findings = tuple(finding for one in asked for finding in one.findings)
    missing = "; ".join(one.not_run for one in asked if one.not_run)
    commands, seconds = " && ".join(" ".join(one.command) for one in chosen), sum(one.seconds for one in asked)
    return Found(findings, commands, int(bool(findings)), seconds, not_run="" if findings else missing)


def _asked(one: Formatter, scene: Scene) -> Found:
    result = scene.box.run(_argv(one, scene), timeout=SECONDS, cancel=scene.cancel, show=1_000_000)
    paths = unformatted(one, result.output, scene.box.root)
    failed = result.exit_code not in (0, 1) or (result.exit_code == 1 and not paths)
    missing = f"{one.name} ended with {result.exit_code}: {result.output.strip()[-200:]}" if failed else ""
    findings = tuple(Finding(path, 0, one.name, f"not as {one.name} formats it") for path in paths)
    return Found(findings, seconds=result.seconds, not_run=missing)


def formatters(source: Source) -> Sequence[Formatter]:
    """Those that the repository configures or runs before each commit. Pure."""
    hooks = set(_HOOKS.findall(source.read(".pre-commit-config.yaml") or ""))
    tool = toml(source.read("pyproject.toml")).get("tool")
    tables = tool if isinstance(tool, dict) else {}
    own = (tables.get("ruff"), toml(source.read("ruff.toml")), toml(source.read(".ruff.toml")))
    ruff = any(isinstance(one, dict) and "format" in one for one in own)
    prettier = "prettier" in json_object(source.read("package.json")) or any(map(_PRETTIER.fullmatch, source.paths))
    asked = (
        (RUFF, ruff or "ruff-format" in hooks),
        (BLACK, "black" in hooks or "black" in tables),
        (PRETTIER, prettier),
    )
    return [one for one, wanted in asked if wanted]


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
