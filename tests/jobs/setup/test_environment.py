"""Dependencies really installed from this host's index, then used without network."""

import os
import time
from pathlib import Path

import pytest

from ghapp.say.replies import told
from jobs.git.mirror import Mirror
from jobs.git.remote import local_remote
from jobs.git.workspace import Workspace
from jobs.sandbox.box import Sandbox
from jobs.setup.config import RepoConfig
from jobs.setup.detect import SetupPlan, detect_setup
from jobs.setup.environment import Builder, SetupFailed
from jobs.setup.indexes import Indexes, host_indexes
from jobs.setup.node import KEEP, KEEP_NESTED
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
    assert "no such package" in failed.value.log and failed.value.advice.startswith("setup:\n")
    said = told("en", failed.value)
    assert "`.github/devtask.yml`" in said and "```\nno such package\n```" in said and "```yaml\nsetup:" in said
    left = [path.name for path in (mirror.repos / "envs" / "1").iterdir() if not path.name.endswith(".lock")]
    assert left == []


FETCH = "import urllib.request; urllib.request.urlopen"


@pytest.mark.parametrize(
    ("command", "seconds", "cause", "told_of", "yaml"),
    [
        ("sleep 60", 0.5, "time", "setup", "setup_seconds: 3600"),
        (
            f"python3 -c \"{FETCH}('https://packages.example.org/x')\"",
            20.0,
            "host",
            "packages.example.org",
            "- packages.example.org",
        ),
        ("libfoo_config --version", 20.0, "system", "libfoo_config", "--only-binary"),
        (
            "echo 'ERROR: requires a different Python: 3.11 not in >=3.13'; false",
            20.0,
            "python",
            "3.13",
            "venv --clear",
        ),
        ("echo 'ERROR: No matching distribution found for sixx==9'; false", 20.0, "package", "sixx", "pip install"),
    ],
)
def test_f50_a_setup_that_fails_says_why_and_what_to_write(tmp_path, command, seconds, cause, told_of, yaml):
    mirror, commit = _repository(tmp_path, {"a.txt": "a"})
    noise = "for n in $(seq 2000); do echo Collecting thing-$n; done; "
    plan = SetupPlan("none", (noise + command,), "lock")
    started = time.monotonic()
    with pytest.raises(SetupFailed) as failed:
        Builder(mirror, Indexes({}, ()), seconds=seconds).prepare(plan, commit)
    assert time.monotonic() - started < 10
    assert failed.value.diagnosis.cause == cause and len(failed.value.log.splitlines()) <= 13
    for lang in ("en", "es"):
        said = told(lang, failed.value)
        assert told_of in said and yaml in said and len(said) < 3_000


def test_approved_packages_and_the_repositorys_hosts_reach_the_setup(tmp_path):
    mirror, commit = _repository(tmp_path, {"a.txt": "a"})
    plan = SetupPlan("none", (f"python3 -c \"{FETCH}('https://files.example.invalid/')\"; exit 0",), "lock")
    environment = Builder(mirror, Indexes({}, ()), network=("*.example.invalid",)).prepare(plan, commit)
    assert "502" in environment.log and "refused" not in environment.log


def test_node_modules_of_every_folder_are_shown_where_they_were(tmp_path):
    mirror, commit = _repository(tmp_path, {"package.json": "{}", "packages/a/package.json": "{}"})
    make = "mkdir -p node_modules/x packages/a/node_modules/y && echo 1 > node_modules/x/f && echo 2 > {n}/y/f"
    plan = SetupPlan("npm", (make.replace("{n}", "packages/a/node_modules"), KEEP_NESTED, KEEP), "lock")
    environment = Builder(mirror, Indexes({}, (), {}, frozenset({"npm"}))).prepare(plan, commit)
    workspace = Workspace(mirror, "k3x9q2ab")
    workspace.open(commit)
    box = Sandbox(workspace.tree, workspace.scratch, mounts=environment.mounts, env=environment.env)
    assert box.run("cat node_modules/x/f packages/a/node_modules/y/f", timeout=20).output == "1\n2\n"
    box.close()
    assert workspace.changed() == []


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
