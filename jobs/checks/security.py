"""New places where somebody else's text could do harm: bandit for Python, own rules for Python and JavaScript.

Bandit takes half a second to begin. Ruff, which knows bandit's rules too and begins at once, looks first; bandit itself
is asked only about what ruff finds fault with.
"""

from __future__ import annotations

import json
import re
import secrets
import shlex
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from jobs.checks.changed import Pair, each, pairs
from jobs.checks.ecma import ask
from jobs.checks.python_risks import python_risks
from jobs.checks.result import Finding, Found
from jobs.checks.scene import Scene
from jobs.git.hygiene import remove_tree
from jobs.sandbox.layout import TMP
from jobs.setup.source import Source
from jobs.setup.tables import toml
from state.plan.flat import is_test

SECONDS = 120.0
OWN = ("B102", "B301", "B307", "B608")
"""What our own rules look at more closely."""
UNSURE = (
    *("B101", "B104", "B108", "B308", "B310", "B601", "B615", "B702"),
    *("B313", "B314", "B315", "B316", "B317", "B318", "B319", "B320"),
)
"""Rules that flag every use of a thing that is right more often than not, or that nothing but a new package mends."""
SHOWN = "bandit -q -ll -ii --ignore-nosec --skip {skips} {paths}"
UNKNOWN = re.compile(r"\b(paramiko|Crypto)\b")
"""What bandit minds and ruff does not."""
FIRST = ("check", "--isolated", "--no-cache", "--ignore-noqa", "--quiet", "--select", "S,PLE2502")


def look(scene: Scene) -> tuple[Found, Sequence[Finding]]:
    """The changed files that are no tests."""
    python = pairs(scene, lambda path: path.endswith((".py", ".pyw")) and not is_test(path))
    ecma = [file for file in ask.ecma_files(scene) if not is_test(file.path)]
    if not python and not ecma:
        return Found(), ()
    now, before = each(python_risks, python)
    ecma_now, ecma_before = ask.found(ecma, "security")
    bandit, bandit_before = _bandit(scene, python)
    every = (*now, *ecma_now, *bandit.findings)
    found = replace(bandit, findings=every, not_run="" if every else bandit.not_run)
    return found, (*before, *ecma_before, *bandit_before)


def _bandit(scene: Scene, files: Sequence[Pair]) -> tuple[Found, list[Finding]]:
    """Both states of the changed Python files, written out where nothing of the tree is."""
    if scene.programs is None or not files:
        return Found(), []
    skips = ",".join(sorted({*OWN, *UNSURE, *configured_skips(scene.before)}))
    with _written(scene, files) as inside:
        plain = _nothing_at_first(scene, files, inside)
        if plain is not None:
            return plain, []
        argv = ["bandit", "-q", "-f", "json", "-ll", "-ii", "--exit-zero", "--ignore-nosec", "-s", skips, "-r", inside]
        program = scene.programs.module(scene.box, argv[0])
        result = scene.box.run([*program, *argv[1:]], timeout=SECONDS, cancel=scene.cancel, show=8_000_000)
    rows = read_bandit(result.output)
    command = SHOWN.format(skips=skips, paths=shlex.join(file.path for file in files))
    if rows is None:
        why = "bandit gave no report, and our own rules found nothing"
        return Found((), command, result.exit_code, result.seconds, result.output[-500:], why), []
    now = tuple(one for number, file in enumerate(files) for one in _of(rows, f"now/{number}.py", file.path))
    before = [one for number, file in enumerate(files) for one in _of(rows, f"before/{number}.py", file.path)]
    return Found(now, command, result.exit_code, result.seconds), before


def _nothing_at_first(scene: Scene, files: Sequence[Pair], inside: str) -> Found | None:
    """What ruff says where it finds nothing at all in either state; None where bandit has to look."""
    assert scene.programs is not None
    if any(UNKNOWN.search(file.after) for file in files):
        return None
    argv = [scene.programs.program(scene.box, "ruff"), *FIRST, inside]
    result = scene.box.run(argv, timeout=SECONDS, cancel=scene.cancel)
    if result.exit_code != 0:
        return None
    command = f"ruff {shlex.join(FIRST)} {shlex.join(file.path for file in files)}"
    return Found((), command, result.exit_code, result.seconds)


@contextmanager
def _written(scene: Scene, files: Sequence[Pair]) -> Iterator[str]:
    """The files under numbers in a folder that no command before could have known; its path in the sandbox."""
    name = f"files-{secrets.token_hex(12)}"
    folder = scene.box.scratch / "tmp" / name
    try:
        for state in ("now", "before"):
            (folder / state).mkdir(parents=True)
            for number, file in enumerate(files):
                text = file.after if state == "now" else file.before
                (folder / state / f"{number}.py").write_text(text, encoding="utf-8", errors="replace")
        yield f"{TMP}/{name}" if scene.box.kind == "bwrap" else str(folder)
    finally:
        remove_tree(folder)


def configured_skips(source: Source) -> Iterable[str]:
    """Rules that the repository itself turned off before the task."""
    tool = toml(source.read("pyproject.toml")).get("tool")
    table = tool.get("bandit") if isinstance(tool, dict) else None
    skips = table.get("skips") if isinstance(table, dict) else None
    return [str(one) for one in skips if re.fullmatch(r"B\d{3}", str(one))] if isinstance(skips, list) else []


def read_bandit(output: str) -> list[tuple[str, int, str, str]] | None:
    """File, line, rule and text of each finding; None where there is no report. Raises nothing on any text."""
    try:
        report = json.loads(output[output.index("{") :])
        return [
            (str(one["filename"]), int(one["line_number"]), str(one["test_id"]), str(one["issue_text"]))
            for one in report["results"]
        ]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


def _of(rows: Iterable[tuple[str, int, str, str]], end: str, path: str) -> Iterator[Finding]:
    for name, line, code, message in rows:
        if Path(name).as_posix().endswith(f"/{end}"):
            yield Finding(path, line, code, " ".join(message.split()))
