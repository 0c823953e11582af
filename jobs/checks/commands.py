"""A type checker or linter as a program in the sandbox: its problems where they can be read, else its exit code."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence

from jobs.checks.commands_printed import problems
from jobs.checks.result import Finding, Found
from jobs.checks.scene import Scene
from jobs.sandbox.limits import Result

SECONDS = 300.0
SHOW = 8_000_000
TAIL = 4_000


def run_tool(scene: Scene, check: str, command: str | Sequence[str], shown: str = "") -> Found:
    """What the command finds on the whole tree. `shown` is how a person types it.

    A failure that is not made up of readable problems is one by itself. Where the base commit fails in the same way,
    nothing can be said of the step, and that is what is said.
    """
    result = scene.box.run(command, timeout=SECONDS, cancel=scene.cancel, show=SHOW)
    line = shown or (command if isinstance(command, str) else shlex.join(command))
    readable = problems(result.output, scene.box.root) if result.exit_code else ()
    whole = _as_a_whole(result, readable)
    known = {one.identity for one in scene.baseline.findings.get(check, ())}
    vain = whole is not None and not readable and whole.identity in known
    return Found(
        readable if whole is None else (*readable, whole),
        line,
        result.exit_code,
        result.seconds,
        result.output[-TAIL:],
        not_run=f"it cannot be judged: {whole.message}, at the base commit too" if vain and whole else "",
    )


def _as_a_whole(result: Result, readable: Sequence[Finding]) -> Finding | None:
    """What is wrong with the run itself."""
    if result.cancelled:
        return Finding("", 0, "stopped", "the command was stopped")
    if result.timed_out or result.limit:
        return Finding("", 0, "limit", f"the command was ended at a limit: {result.limit or f'{SECONDS:.0f} s'}")
    if result.exit_code and result.output_path is not None:
        return Finding("", 0, "output", "the command prints more than can be compared")
    if result.exit_code and not (readable and _found_some(result.exit_code, readable)):
        return Finding("", 0, "exit", f"the command ended with {result.exit_code}")
    return None


def _found_some(code: int, readable: Sequence[Finding]) -> bool:
    """Whether this exit code says that something was found, and not that the tool broke off."""
    tsc = code == 2 and all(one.code.startswith("TS") for one in readable)
    cargo = code == 101 and all(one.path.endswith(".rs") for one in readable)
    return code == 1 or tsc or cargo


def together(parts: Iterable[Found]) -> Found:
    """Several tools as one look. What could not be run is told only where nothing else was."""
    every = tuple(parts)
    ran = [one for one in every if not one.not_run] or list(every)
    codes = [one.exit_code for one in ran if one.exit_code is not None]
    return Found(
        tuple(finding for one in ran for finding in one.findings),
        " ; ".join(one.command for one in ran if one.command),
        max(codes, default=None),
        sum(one.seconds for one in ran),
        "\n".join(one.tail for one in ran if one.tail)[-TAIL:],
        "; ".join(one.not_run for one in ran if one.not_run),
    )


def touched(scene: Scene, ends: tuple[str, ...]) -> bool:
    """Whether the task changed a file of this kind; where it changed nothing the whole tree is looked at."""
    return not scene.since_base or any(one.path.endswith(ends) for one in scene.since_base)


def installed(scene: Scene, name: str) -> bool:
    """Whether the repository's own environment has this program."""
    folder = scene.environment.folder
    return folder is not None and any((folder / place / name).exists() for place in ("bin", "node_modules/.bin"))
