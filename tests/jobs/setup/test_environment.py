"""Dependencies really installed from this host's index, then used without network."""

import os
from pathlib import Path

import pytest

from jobs.git.mirror import Mirror
from jobs.git.remote import local_remote
from jobs.git.workspace import Workspace
from jobs.sandbox.box import Sandbox
from jobs.setup.config import RepoConfig
from jobs.setup.detect import SetupPlan, detect_setup
from jobs.setup.environment import Builder, SetupFailed
from jobs.setup.indexes import Indexes, host_indexes
from jobs.setup.source import AtCommit
from tests.jobs.git.hub import sh


def _repository(folder: Path, files: dict[str, str]) -> tuple[Mirror, str]:
    source = folder / "source"
    source.mkdir()
    sh("git", "init", "-q", "-b", "main", ".", cwd=source)
    for name, text in files.items():
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_text(text)
    sh("git", "add", "-A", cwd=source)
    who = {f"GIT_{w}_{k}": "p" for w in ("AUTHOR", "COMMITTER") for k in ("NAME", "EMAIL")}
    sh("git", "commit", "-q", "-m", "first", cwd=source, **who)
    mirror = Mirror(folder / "repos", 1)
    mirror.sync(local_remote(source))
    return mirror, sh("git", "rev-parse", "HEAD", cwd=source)


@pytest.mark.slow
def test_a_repository_gets_its_own_pytest_and_libraries_and_never_ours(tmp_path):
    files = {
        "requirements.txt": "six==1.17.0\npytest>=8,<9\n",
        "tests/test_it.py": "import six, pytest\n\ndef test_it():\n    assert pytest.__version__.startswith('8.')\n",
    }
    mirror, commit = _repository(tmp_path, files)
    plan = detect_setup(AtCommit(mirror, commit), RepoConfig())
    builder = Builder(mirror, host_indexes(os.environ))
    first = builder.prepare(plan, commit)
    assert first.built and first.kind == "pip"
    again = builder.prepare(plan, commit)
    assert not again.built and again.folder == first.folder
    workspace = Workspace(mirror, "k3x9q2ab")
    workspace.open(commit)
    box = Sandbox(workspace.tree, workspace.scratch, mounts=first.mounts, env=first.env)
    result = box.run("python -m pytest -q; python -c 'import flask'; touch /env/x; pip --version", timeout=60)
    box.close()
    assert "1 passed" in result.output
    assert "No module named 'flask'" in result.output and "Read-only file system" in result.output
    assert "/env/" in result.output.splitlines()[-1]
    assert workspace.changed() == []


@pytest.mark.slow
def test_a_project_is_installed_so_that_the_tree_is_what_is_imported(tmp_path):
    files = {
        "pyproject.toml": '[build-system]\nrequires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"\n'
        '[project]\nname = "shop"\nversion = "1"\n[tool.setuptools]\npackages = ["shop"]\npackage-dir = {"" = "src"}\n',
        "src/shop/__init__.py": "PRICE = 1\n",
        "tests/test_shop.py": "import shop\n\ndef test_price():\n    assert shop.PRICE == 1\n",
    }
    mirror, commit = _repository(tmp_path, files)
    environment = Builder(mirror, host_indexes(os.environ)).prepare(
        detect_setup(AtCommit(mirror, commit), RepoConfig()), commit
    )
    workspace = Workspace(mirror, "k3x9q2ab")
    workspace.open(commit)
    (workspace.tree / "src" / "shop" / "__init__.py").write_text("PRICE = 2\n")
    box = Sandbox(workspace.tree, workspace.scratch, mounts=environment.mounts, env=environment.env)
    assert box.run("python -c 'import shop; print(shop.PRICE)'", timeout=20).output == "2\n"
    box.close()


def test_abu_33_a_failed_installation_leaves_nothing_and_says_what_to_write(tmp_path):
    mirror, commit = _repository(tmp_path, {"a.txt": "a"})
    plan = SetupPlan("configured", ("echo step > /env/half", "echo no such package >&2; exit 7"), "lock")
    with pytest.raises(SetupFailed) as failed:
        Builder(mirror, Indexes({}, ())).prepare(plan, commit)
    assert "no such package" in failed.value.log and ".github/devtask.yml" in failed.value.advice
    left = [path.name for path in (mirror.repos / "envs" / "1").iterdir() if not path.name.endswith(".lock")]
    assert left == []


def test_abu_33_setup_sees_no_secret(tmp_path, monkeypatch):
    monkeypatch.setenv("ANTHROPIC_API_KEY", "canary-77")
    mirror, commit = _repository(tmp_path, {"a.txt": "a"})
    plan = SetupPlan("configured", ("env; cat /proc/*/environ; ls -la /work",), "lock")
    environment = Builder(mirror, host_indexes({})).prepare(plan, commit)
    assert "canary-77" not in environment.log and "a.txt" in environment.log


def test_without_anything_to_install_no_sandbox_is_started(tmp_path):
    mirror, commit = _repository(tmp_path, {"README": "hello"})
    environment = Builder(mirror, Indexes({}, ())).prepare(detect_setup(AtCommit(mirror, commit), RepoConfig()), commit)
    assert environment.kind == "none" and environment.folder is None


@pytest.mark.slow
def test_without_a_sandbox_an_environment_can_be_had_too(tmp_path):
    mirror, commit = _repository(tmp_path, {"requirements.txt": "six==1.17.0\n"})
    plan = detect_setup(AtCommit(mirror, commit), RepoConfig(), pytest_wanted=False)
    environment = Builder(mirror, host_indexes(os.environ), kind="none").prepare(plan, commit)
    workspace = Workspace(mirror, "k3x9q2ab")
    workspace.open(commit)
    box = Sandbox(workspace.tree, workspace.scratch, kind="none", env=environment.env)
    assert box.run("python -c 'import six; print(six.__version__)'", timeout=20).output == "1.17.0\n"
