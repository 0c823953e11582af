"""A real mirror and work tree, made without a server."""

import subprocess
from pathlib import Path

import pytest

from jobs.git.mirror import Mirror
from jobs.git.remote import local_remote
from jobs.git.workspace import Workspace
from tests.jobs.tools.kit import FILES, Bench


@pytest.fixture(scope="session")
def mirror(tmp_path_factory: pytest.TempPathFactory) -> Mirror:
    """One commit with FILES. Shared: each test has a work tree of its own."""
    folder = tmp_path_factory.mktemp("tools")
    person = folder / "person"
    _git(folder, "init", "-q", "-b", "main", str(person))
    for name, content in FILES.items():
        path = person / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    (person / "bin/tool").chmod(0o755)
    (person / "shortcut").symlink_to("src/app.py")
    _git(person, "add", "-A")
    _git(person, "-c", "user.name=p", "-c", "user.email=p@x", "commit", "-q", "-m", "first: a start")
    made = Mirror(folder / "repos", 7)
    made.sync(local_remote(person / ".git"))
    return made


@pytest.fixture(scope="session")
def commit(mirror: Mirror) -> str:
    return mirror.git.text("rev-parse", "refs/heads/main")


@pytest.fixture
def bench(mirror: Mirror, commit: str, request: pytest.FixtureRequest):
    """The executor's tools on a fresh work tree."""
    yield from opened(mirror, commit, f"t{abs(hash(request.node.nodeid)) % 10**7:07d}")


@pytest.fixture(scope="module")
def desk(mirror: Mirror, commit: str, request: pytest.FixtureRequest):
    """The same, shared by a module whose tests use files of their own."""
    yield from opened(mirror, commit, f"m{abs(hash(request.node.nodeid)) % 10**7:07d}")


def opened(mirror: Mirror, commit: str, key: str):
    workspace = Workspace(mirror, key)
    workspace.open(commit)
    made = Bench(workspace)
    yield made
    made.close()


def _git(folder: Path, *args: str) -> None:
    env = {"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "GIT_CONFIG_NOSYSTEM": "1"}
    subprocess.run(["git", *args], cwd=folder, check=True, capture_output=True, env=env)
