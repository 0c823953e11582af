"""Comments that switch a checker off where they stand. What it would have said is not seen, so a person is told."""

from __future__ import annotations

import re
from collections.abc import Sequence

from jobs.checks.changed import each, pairs
from jobs.checks.debug import comments
from jobs.checks.ecma import ask
from jobs.checks.result import Finding, Found
from jobs.checks.scene import Scene
from state.plan.flat import is_test

_PYTHON = re.compile(
    r"#\s*(type:\s*ignore|(ruff:\s*|flake8:\s*)?noqa\b|nosec\b|pyright:\s*(ignore|basic|strict=false)|pyre-(fixme|ignore)"
    r"|pylint:\s*(disable|skip-file)|mypy:\s*(ignore|allow|disable|no-|follow)|pragma:\s*no\s*(cover|branch))",
    re.I,
)
_ECMA = re.compile(r"(?<![\w-])(eslint-disable|@ts-(ignore|nocheck|expect-error)|biome-ignore|(istanbul|c8|v8) ignore)")


def look(scene: Scene) -> tuple[Found, Sequence[Finding]]:
    """The changed files that are no tests."""
    now, before = each(silenced, pairs(scene, lambda path: path.endswith((".py", ".pyi")) and not is_test(path)))
    files = [one for one in ask.ecma_files(scene) if not is_test(one.path)]
    ecma_now, ecma_before = (of_ecma(found) for found in ask.found(files, "debug"))
    return Found((*now, *ecma_now)), (*before, *ecma_before)


def silenced(path: str, text: str) -> list[Finding]:
    """Such comments of a Python text."""
    return [_found(path, line, comment) for line, comment in comments(text) if _PYTHON.search(comment)]


def of_ecma(found: Sequence[Finding]) -> list[Finding]:
    """Such comments among what the process that parses JavaScript found."""
    return [
        _found(one.path, one.line, one.message) for one in found if one.code == "comment" and _ECMA.search(one.message)
    ]


def _found(path: str, line: int, comment: str) -> Finding:
    return Finding(path, line, "silenced", f"a checker is switched off here: {comment.strip()[:120]}")
