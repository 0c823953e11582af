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
@pytest.mark.skipif(shutil.which("npm") is None, reason="npm is not installed")
def test_a_lock_of_yarn_1_is_served_by_the_index_of_npm(tmp_path: Path):
    locked = (
        "# yarn lockfile v1\n\n\nis-number@7.0.0:\n"
        '  version "7.0.0"\n'
        '  resolved "https://yarn.example.com/is-number/-/is-number-7.0.0.tgz#7535345b896734d5f80c4d06c50955527a14f12b"\n'
        "  integrity sha512-41Cifkg6e8TylSpdtTpeLVMqvSBEVzTttHvERD741+pnZ8ANv0004MRL43QKPDlK9cGvNp6NZWZUBlbGXYxxng==\n"
    )
    named = '{"name": "x", "packageManager": "yarn@1.22.22", "dependencies": {"is-number": "7.0.0"}}'
    mirror, commit, environment = _built(tmp_path, {"package.json": named, "yarn.lock": locked})
    assert environment.kind == "yarn"
    assert _says(mirror, commit, environment, "node -p 'require(\"is-number\")(5)'") == "true\n"


@pytest.mark.slow
@pytest.mark.long
def test_uv_is_fetched_where_the_machine_has_none(tmp_path: Path):
    project = '[project]\nname = "x"\nversion = "1.0"\nrequires-python = ">=3.11"\n'
    package = '[[package]]\nname = "x"\nversion = "1.0"\nsource = {virtual = "."}\n'
    locked = f'version = 1\nrequires-python = ">=3.11"\n\n{package}'
    mirror, commit, environment = _built(tmp_path, {"pyproject.toml": project, "uv.lock": locked})
    assert environment.kind == "uv"
    assert _says(mirror, commit, environment, "python -c 'import sys; print(sys.prefix)'") == "/env\n"


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("go") is None, reason="go is not installed")
def test_go_works_without_dependencies_and_without_network(tmp_path: Path):
    test = 'package x\n\nimport "testing"\n\nfunc TestTwo(t *testing.T) {\n\tif 1+1 != 2 {\n\t\tt.Fatal("no")\n\t}\n}\n'
    mirror, commit, environment = _built(tmp_path, {"go.mod": "module x\n\ngo 1.18\n", "x_test.go": test})
    assert environment.kind == "go"
    assert _says(mirror, commit, environment, "go test ./...").startswith("ok")


@pytest.mark.slow
@pytest.mark.long
def test_what_tox_would_install_is_there(tmp_path: Path):
    files = {"tox.ini": "[testenv]\ndeps =\n    six==1.17.0\n", "test_a.py": "import six\n"}
    mirror, commit, environment = _built(tmp_path, files)
    assert _says(mirror, commit, environment, "python -c 'import six; print(six.__version__)'") == "1.17.0\n"


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
