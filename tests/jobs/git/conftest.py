"""A far end and a first workspace."""

import threading
from http.server import ThreadingHTTPServer
from pathlib import Path

import pytest

from jobs.git.mirror import Mirror
from jobs.git.workspace import Workspace
from tests.jobs.git.hub import Handler, Hub, sh


@pytest.fixture
def hub(tmp_path: Path):
    made = Hub(tmp_path / "hub")
    made.bare.parent.mkdir(parents=True)
    sh("git", "init", "-q", "--template=", "--bare", "-b", "main", str(made.bare), cwd=tmp_path)
    sh("git", "config", "http.receivepack", "true", cwd=made.bare)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.hub = made
    made.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield made
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def mirror(tmp_path: Path) -> Mirror:
    return Mirror(tmp_path / "repos", 7)


@pytest.fixture
def started(hub: Hub, mirror: Mirror) -> Workspace:
    """A workspace on a first commit with a few files."""
    base = hub.commit({"a.txt": "one\n", "src/b.py": "x = 1\n", ".gitignore": "*.log\n"})
    mirror.sync(hub.remote(), base)
    workspace = Workspace(mirror, "k3x9q2ab")
    workspace.open(base)
    return workspace
