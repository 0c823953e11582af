"""Syntax of the files that changed: Python, JSON, YAML, TOML. What was broken before is not new."""

from __future__ import annotations

import ast
import json
import tomllib
import warnings
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import yaml

from jobs.checks.result import CheckResult, Layer, Status
from jobs.checks.scene import Scene
from jobs.setup.source import AtCommit

MAX_BYTES = 2_000_000
_COMMENTED_JSON = ("tsconfig", "jsconfig", ".vscode/", ".devcontainer", ".eslintrc", "devcontainer.json")


@dataclass(frozen=True)
class SyntaxProblem:
    """Where a file stops being readable. Lines count from 1; 0 where the parser does not say."""

    line: int
    message: str


def syntax_problem(path: str, text: str) -> SyntaxProblem | None:
    """The first syntax error, None when the file is well formed or of a kind that is not checked."""
    check = _CHECKS.get(path.rpartition(".")[2].lower()) if "." in path else None
    if (
        check is None
        or len(text) > MAX_BYTES
        or (path.endswith(".json") and any(part in path for part in _COMMENTED_JSON))
    ):
        return None
    return check(text.removeprefix("\ufeff"))


def new_syntax_problem(path: str, before: str | None, after: str) -> SyntaxProblem | None:
    """The syntax error that this change brings; None where the file was broken before."""
    found = syntax_problem(path, after)
    if found is None or (before is not None and syntax_problem(path, before) is not None):
        return None
    return found


def judge(scene: Scene) -> Iterator[CheckResult]:
    """The files that the step changed."""
    yield check_syntax([change.path for change in scene.changes], _at_start(scene), scene.now.read)


def _at_start(scene: Scene) -> Callable[[str], str | None]:
    return AtCommit(scene.mirror, scene.start).read


def check_syntax(
    paths: Iterable[str], before: Callable[[str], str | None], after: Callable[[str], str | None]
) -> CheckResult:
    """All changed files; `before` and `after` give their texts (None = not there, or not text)."""
    problems = []
    count = 0
    for path in paths:
        text = after(path)
        if text is None:
            continue
        count += 1
        found = new_syntax_problem(path, before(path), text)
        if found:
            problems.append(f"{path}:{found.line}: {found.message}")
    status = Status.FAILED if problems else Status.PASSED
    summary = (
        f"{len(problems)} of {count} changed files cannot be parsed" if problems else f"{count} changed files parse"
    )
    return CheckResult("syntax", Layer.CRITICAL, status, summary, tail="\n".join(problems[:50]))


def _python(text: str) -> SyntaxProblem | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(text)
    except SyntaxError as wrong:
        return SyntaxProblem(wrong.lineno or 0, wrong.msg)
    except (ValueError, RecursionError, MemoryError) as wrong:
        return SyntaxProblem(0, str(wrong) or "too deeply nested")
    return None


def _json(text: str) -> SyntaxProblem | None:
    try:
        json.loads(text)
    except json.JSONDecodeError as wrong:
        return SyntaxProblem(wrong.lineno, wrong.msg)
    except RecursionError:
        return SyntaxProblem(0, "too deeply nested")
    return None


def _yaml(text: str) -> SyntaxProblem | None:
    try:
        for _ in yaml.parse(text, Loader=yaml.SafeLoader):
            pass
    except yaml.MarkedYAMLError as wrong:
        mark = wrong.problem_mark
        return SyntaxProblem(mark.line + 1 if mark else 0, wrong.problem or "not YAML")
    except (yaml.YAMLError, RecursionError) as wrong:
        return SyntaxProblem(0, str(wrong)[:200])
    return None


def _toml(text: str) -> SyntaxProblem | None:
    try:
        tomllib.loads(text.replace("\r\n", "\n"))
    except tomllib.TOMLDecodeError as wrong:
        message = str(wrong)
        line = message.rpartition("at line ")[2].partition(",")[0]
        return SyntaxProblem(int(line) if line.isdigit() else 0, message)
    return None


_CHECKS: dict[str, Callable[[str], SyntaxProblem | None]] = {
    "py": _python,
    "pyi": _python,
    "json": _json,
    "yml": _yaml,
    "yaml": _yaml,
    "toml": _toml,
}
