"""Packages import alone, cheaply, in an empty environment; imports run one way; every name in the queue resolves."""

from __future__ import annotations

import ast
import importlib
import json
import re
import subprocess
import sys
from functools import cache
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import pytest

from jobs.checks.programs import ROOTS
from tests.house.files import PACKAGES, ROOT, pyproject, tracked

HEAVY = ("anthropic", "google.genai", "google.generativeai", "github", "githubkit", "playwright")
NOT_IMPORTED = re.compile(r"__main__$|migrations\.(env|versions)|gunicorn_conf$|^devkit\.samples|receive_hook$")
JOB = re.compile(r"jobs(\.[a-z_]+)+")
OURS = set(PACKAGES)
MODULE_OF = {
    "anthropic": ["anthropic"],
    "gitpython": ["git"],
    "githubkit": ["githubkit", "githubkit.webhooks"],
    "google-genai": ["google.genai"],
    "google-generativeai": ["google.generativeai"],
    "markdown-it-py": ["markdown_it"],
    "pip-audit": ["pip_audit"],
    "prometheus-client": ["prometheus_client"],
    "pydantic-settings": ["pydantic_settings"],
    "pygithub": ["github"],
    "pyjwt": ["jwt"],
    "pytest-timeout": ["pytest_timeout"],
    "pytest-xdist": ["xdist"],
    "pyyaml": ["yaml"],
    "import-linter": ["importlinter"],
    "types-pyyaml": [],
    "ruff": [],
    "playwright": ["playwright.sync_api"],
}
UNUSED = {
    "gunicorn": "a program",
    "hishel": "githubkit's import dies with 2.0",
    "githubkit": "its models judge the stand-in in tests; the product asks through PyGithub so far",
}
UNUSED |= {
    f"tree-sitter-{name}": "a grammar, loaded by its name" for name in ("go", "java", "javascript", "python", "rust")
} | {"tree-sitter-typescript": "two grammars, loaded by their names"}
"""Dependencies that no package imports, each with the reason."""


def modules() -> list[str]:
    """Every module of ours that may be imported."""
    found = []
    for name in tracked():
        if name.endswith(".py") and name.split("/")[0] in OURS:
            dotted = name.removesuffix(".py").replace("/", ".").removesuffix(".__init__")
            if not NOT_IMPORTED.search(dotted):
                found.append(dotted)
    return found


def python(code: str, cwd: Path, *options: str, seconds: float = 100) -> subprocess.CompletedProcess[str]:
    """Runs code in a fresh interpreter with an empty environment, away from the project's folder."""
    setup = f"import sys; sys.path.insert(0, {str(ROOT)!r})\n"
    return subprocess.run(
        [sys.executable, *options, "-c", setup + code],
        cwd=cwd,
        env={},
        capture_output=True,
        text=True,
        check=False,
        timeout=seconds,
    )


@cache
def parsed(name: str) -> ast.Module:
    return ast.parse((ROOT / name).read_text(), name)


@cache
def imported(name: str) -> frozenset[str]:
    """Top-level names of what a file imports, wherever in it."""
    found: set[str] = set()
    for node in ast.walk(parsed(name)):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found.add((node.module or "").split(".")[0])
    return frozenset(found)


def test_every_module_imports_in_an_empty_environment_without_a_trace_and_without_a_heavy_library(tmp_path: Path):
    code = f"""
import importlib, json
for name in {modules()!r}:
    importlib.import_module(name)
print(json.dumps([name for name in {HEAVY!r} if name in sys.modules]))
"""
    done = python(code, tmp_path, "-B", "-W", "error")
    assert done.returncode == 0, done.stderr[-3000:]
    assert json.loads(done.stdout) == []
    assert list(tmp_path.iterdir()) == []


def test_the_packages_themselves_import_nothing(tmp_path: Path):
    code = f"""
before = set(sys.modules)
import importlib
for name in {PACKAGES!r}:
    importlib.import_module(name)
print(*sorted({{name.split(".")[0] for name in set(sys.modules) - before}} - sys.stdlib_module_names))
"""
    done = python(code, tmp_path)
    assert done.returncode == 0, done.stderr
    assert set(done.stdout.split()) == OURS


def test_the_command_line_answers_help_without_a_heavy_library(tmp_path: Path):
    code = f"""
from typer.testing import CliRunner
from cli.main import app
result = CliRunner().invoke(app, ["--help"])
assert result.exit_code == 0, result.output
print(*[name for name in {(*HEAVY, "sqlalchemy", "flask", "rq", "alembic")!r} if name in sys.modules])
"""
    done = python(code, tmp_path)
    assert (done.returncode, done.stdout.split()) == (0, []), done.stderr


def test_imports_run_one_way():
    allowed = {
        "state": {"state"},
        "ai": {"ai", "state"},
        "ghapp": {"ghapp", "state"},
        "jobs": {"jobs", "ai", "ghapp", "state"},
        "cli": OURS,
        "devkit": {"devkit"},
    }
    for name in tracked():
        room = name.split("/")[0]
        if name.endswith(".py") and room in allowed and not name.startswith("devkit/samples/"):
            assert imported(name) & OURS <= allowed[room], name


def test_the_command_line_meets_the_stand_ins_only_inside_functions():
    for name in tracked():
        if name.startswith("cli/") and name.endswith(".py"):
            for node in parsed(name).body:
                module = getattr(node, "module", None) or ""
                names = [alias.name for alias in getattr(node, "names", ())]
                assert not module.startswith("devkit") and "devkit" not in names, name


def test_every_job_named_in_the_code_is_there():
    found = set()
    for name in tracked():
        if name.endswith(".py") and name.split("/")[0] in {"state", "ai", "ghapp", "jobs", "cli"}:
            strings = (node.value for node in ast.walk(parsed(name)) if isinstance(node, ast.Constant))
            found |= {text for text in strings if isinstance(text, str) and JOB.fullmatch(text)}
    jobs = {name for name in found if name.endswith(".run")}
    assert {"jobs.intake.run", "jobs.plan.run", "jobs.step.run", "jobs.deliver.run"} <= jobs
    for name in found:
        module, _, function = name.rpartition(".")
        assert callable(getattr(importlib.import_module(module), function)), name


def requirements(extra: str | None = None) -> list[str]:
    project = pyproject()["project"]
    listed = project["dependencies"] if extra is None else project["optional-dependencies"][extra]
    return [re.match(r"[A-Za-z0-9_.-]+", line)[0].lower() for line in listed]  # type: ignore[index]


@pytest.mark.slow
def test_every_dependency_can_be_imported(tmp_path: Path):
    """`pip check` does not see a dependency whose import dies."""
    wanted = requirements() + [
        name for extra in ("postgres", "demo", "gemini-legacy", "dev") for name in requirements(extra)
    ]
    missing = []
    for name in dict.fromkeys(wanted):
        if name == pyproject()["project"]["name"]:
            continue
        try:
            distribution(name)
        except PackageNotFoundError:
            missing.append(name)
            continue
        for module in MODULE_OF.get(name, [name.replace("-", "_")]):
            done = python(f"import {module}", tmp_path)
            assert done.returncode == 0, f"{name}: {done.stderr[-2000:]}"
    assert missing == []


@pytest.mark.parametrize("name", requirements())
def test_every_dependency_is_used(name: str):
    if name in UNUSED or name in ROOTS:  # programs that sandboxes get to see
        return
    roots = {module.split(".")[0] for module in MODULE_OF.get(name, [name.replace("-", "_")])}
    used = {top for path in tracked() if path.endswith(".py") and path.split("/")[0] in OURS for top in imported(path)}
    assert roots & used, f"nothing imports {name}"
