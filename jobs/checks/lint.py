"""The linter: configured, else the repository's own ruff, flake8 or eslint, else ruff with the few rules that nobody
argues about.

Without a configuration only plain mistakes count: undefined names, unused imports and variables, syntax (E9, F). What
packages do on purpose is left out: imports that `__init__.py` hands on, `*`, fixtures that conftest.py collects.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator

from jobs.checks.commands import installed as has
from jobs.checks.commands import run_tool, together, touched
from jobs.checks.ecma.ask import ENDS
from jobs.checks.result import Found
from jobs.checks.scene import Scene
from jobs.setup.detect import json_object
from jobs.setup.source import Source
from jobs.setup.tables import toml

NAME = "lint"
PLAIN = (
    *("check", "--isolated", "--no-cache", "--output-format", "concise", "--extend-exclude", "*.ipynb"),
    *("--select", "E9,F", "--ignore", "F403,F405,F541,F722", "--per-file-ignores"),
    *("__init__.py:F401,conftest.py:F401,conftest.py:F811,test_*.py:F811,*_test.py:F811", "."),
)
_RUFF = re.compile(r"(^|/)\.?ruff\.toml$")
_ESLINT = re.compile(r"eslint\.config\.[mc]?[jt]s|\.eslintrc(\.\w+)?")


def find(scene: Scene) -> Found:
    """All problems of the tree, those that were there before too."""
    if scene.config.lint:
        return run_tool(scene, NAME, scene.config.lint)
    own = list(_own(scene))
    return together(own) if own else _fallback(scene)


def _own(scene: Scene) -> Iterator[Found]:
    source = scene.now
    python = (".py", ".pyi", ".ipynb", ".toml", ".cfg", ".ini", ".flake8")
    for there, ends, look in (
        (ruff_configured(source), python, _ruff),
        (flake8_configured(source) and has(scene, "flake8"), python, lambda scene: run_tool(scene, NAME, "flake8")),
        (_eslint_configured(source), (*ENDS, ".json", ".vue", ".svelte", ".eslintrc", ".yml"), _eslint),
    ):
        if there:
            yield look(scene) if touched(scene, ends) else Found(not_run="nothing that the linter reads was changed")


def ruff_configured(source: Source) -> bool:
    """Whether the repository has a configuration for ruff."""
    own = "ruff" in toml(source.read("pyproject.toml")).get("tool", {})
    return own or any(_RUFF.search(path) for path in source.paths)


def flake8_configured(source: Source) -> bool:
    """Whether the repository has a configuration for flake8."""
    texts = (source.read(name) or "" for name in ("setup.cfg", "tox.ini"))
    return ".flake8" in source.paths or any(re.search(r"(?m)^\[flake8\]", text) for text in texts)


def _eslint_configured(source: Source) -> bool:
    return any(_ESLINT.fullmatch(path) for path in source.paths) or "eslintConfig" in json_object(
        source.read("package.json")
    )


def _ruff(scene: Scene) -> Found:
    """The environment's own ruff, else ours, with the repository's configuration."""
    arguments = ["check", "--no-cache", "--output-format", "concise", "."]
    if has(scene, "ruff"):
        return run_tool(scene, NAME, shlex.join(["ruff", *arguments]))
    if scene.programs is None:
        return Found(not_run="the repository configures ruff, which is not installed")
    ours = [scene.programs.program(scene.box, "ruff"), *arguments]
    return run_tool(scene, NAME, ours, shlex.join(["ruff", *arguments]))


def _eslint(scene: Scene) -> Found:
    if not has(scene, "eslint"):
        return Found(not_run="the repository configures eslint, which is not among the installed packages")
    return run_tool(scene, NAME, "node_modules/.bin/eslint .")


def _fallback(scene: Scene) -> Found:
    """Ruff with the plain rules."""
    if scene.programs is None or not touched(scene, (".py", ".pyi")):
        return Found(not_run="the repository configures no linter, and no Python file was changed")
    ours = [scene.programs.program(scene.box, "ruff"), *PLAIN]
    return run_tool(scene, NAME, ours, shlex.join(["ruff", *PLAIN]))
