"""How a repository's tests are run: configured, else seen from its files. Pure."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass

from jobs.setup.config import RepoConfig
from jobs.setup.detect import json_object
from jobs.setup.source import Source
from jobs.setup.tables import toml

_PYTEST = re.compile(r"(^|[\s/])(pytest|py\.test)(\s|$)")
_NODE = re.compile(r"(^|\s)node\s+(--[\w-]+(=\S+)?\s+)*--test\b")
_TEST_FILE = re.compile(r"(^|/)(test_[^/]*|[^/]*_test)\.py$")
_NODE_FILE = re.compile(r"(^|/)(test/[^/]+|[^/]*[.-_]test)\.(m?js|cjs)$")
_UNITTEST = re.compile(r"^\s*(import unittest|from unittest\b)", re.M)
_PYTEST_SIGNS = re.compile(r"^\s*(import pytest|from pytest\b)|^def test_|^async def test_", re.M)


@dataclass(frozen=True)
class TestPlan:
    """How tests run. `kind`: pytest, unittest, node, command or none; `command` is the shell line without report and
    selection.
    """

    __test__ = False

    kind: str
    command: str = ""
    configured: bool = False

    def line(self, report: str, selection: str = "") -> str:
        """The whole shell line; `report` is where JUnit XML goes, as the sandbox sees it."""
        chosen = " ".join(shlex.quote(part) for part in shlex.split(selection)) if selection else ""
        if "{junit}" in self.command:
            return f"{self.command.replace('{junit}', shlex.quote(report))} {chosen}".strip()
        if self.kind == "pytest":
            extra = f"--junitxml={shlex.quote(report)} -o junit_family=xunit1 -p no:cacheprovider"
            return f"{self.command} {extra} {chosen}".strip()
        if self.kind == "node":
            reporters = f"--test-reporter=junit --test-reporter-destination={shlex.quote(report)}"
            return f"{self.command} {reporters} --test-reporter=tap --test-reporter-destination=stdout {chosen}".strip()
        if self.kind == "unittest" and chosen:
            return f"python3 -m unittest -v {chosen}"
        return f"{self.command} {chosen}".strip()

    @property
    def reports(self) -> bool:
        """Whether the run has to leave a JUnit report."""
        return self.kind in {"pytest", "node"} or "{junit}" in self.command


def detect_tests(source: Source, config: RepoConfig) -> TestPlan:
    """The configured command, else what pytest, unittest, npm and node files say; kind none where there is nothing."""
    if config.test:
        return TestPlan(_kind(config.test), config.test, configured=True)
    python = _python(source)
    if python.kind != "none":
        return python
    node = _node(source)
    return node if node.kind != "none" else _compiled(source)


def _kind(command: str) -> str:
    if re.search(r"[|;&]", command):
        return "command"
    if _PYTEST.search(command):
        return "pytest"
    return "node" if _NODE.search(command) else "command"


def _python(source: Source) -> TestPlan:
    files = sorted(path for path in source.paths if _TEST_FILE.search(path))
    texts = [source.read(path) or "" for path in files[:40]]
    if _pytest_configured(source) or any(_PYTEST_SIGNS.search(text) for text in texts):
        return TestPlan("pytest", "python3 -m pytest -q")
    if any(_UNITTEST.search(text) for text in texts):
        return TestPlan("unittest", f"python3 -m unittest discover -v{_start(files)}")
    return TestPlan("pytest", "python3 -m pytest -q") if files else TestPlan("none")


def _start(files: list[str]) -> str:
    """Folders without __init__ are not discovered from the root: the tests' own folder is named where there is only
    one.
    """
    folders = {path.rpartition("/")[0].split("/")[0] for path in files if "/" in path}
    return f" -s {shlex.quote(folders.pop())} -t ." if len(folders) == 1 and all("/" in path for path in files) else ""


def _pytest_configured(source: Source) -> bool:
    if {"pytest.ini", ".pytest.ini", "conftest.py", "tests/conftest.py"} & source.paths:
        return True
    if "pytest" in toml(source.read("pyproject.toml")).get("tool", {}):
        return True
    sections = "\n".join(source.read(name) or "" for name in ("setup.cfg", "tox.ini"))
    return "[tool:pytest]" in sections or "[pytest]" in sections


def _compiled(source: Source) -> TestPlan:
    """Go's and Rust's own runners; they leave no report, so their exit code is what counts."""
    for manifest, command in (("go.mod", "go test -v ./..."), ("Cargo.toml", "cargo test")):
        if manifest in source.paths:
            return TestPlan("command", command)
    return TestPlan("none")


def _node(source: Source) -> TestPlan:
    script = json_object(source.read("package.json")).get("scripts", {})
    command = script.get("test", "") if isinstance(script, dict) else ""
    if isinstance(command, str) and command and "no test specified" not in command:
        return TestPlan("node", command) if _kind(command) == "node" else TestPlan("command", "npm test --silent")
    if any(_NODE_FILE.search(path) for path in source.paths):
        return TestPlan("node", "node --test")
    return TestPlan("none")
