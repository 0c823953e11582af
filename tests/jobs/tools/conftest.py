"""A real mirror and work tree, made without a server."""

import subprocess
from pathlib import Path

import pytest

from jobs.git.mirror import Mirror
from jobs.git.remote import local_remote
from jobs.git.workspace import Workspace
from tests.jobs.tools.kit import FILES, Bench


@pytest.fixture
def mirror(tmp_path: Path) -> Mirror:
    """One commit with FILES."""
    person = tmp_path / "person"
    _git(tmp_path, "init", "-q", "-b", "main", str(person))
    for name, content in FILES.items():
        path = person / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    (person / "bin/tool").chmod(0o755)
    (person / "shortcut").symlink_to("src/app.py")
    _git(person, "add", "-A")
    _git(person, "-c", "user.name=p", "-c", "user.email=p@x", "commit", "-q", "-m", "first: a start")
    made = Mirror(tmp_path / "repos", 7)
    made.sync(local_remote(person / ".git"))
    return made


@pytest.fixture
def commit(mirror: Mirror) -> str:
    return mirror.git.text("rev-parse", "refs/heads/main")


@pytest.fixture
def bench(mirror: Mirror, commit: str):
    """The executor's tools on a fresh work tree."""
    workspace = Workspace(mirror, "k3x9q2ab")
    workspace.open(commit)
    made = Bench(workspace)
    yield made
    made.close()


def _git(folder: Path, *args: str) -> None:
    env = {"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "GIT_CONFIG_NOSYSTEM": "1"}
    subprocess.run(["git", *args], cwd=folder, check=True, capture_output=True, env=env)
