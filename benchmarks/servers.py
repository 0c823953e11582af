"""Real servers on loopback for a measurement, and what they cost by /proc."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.load import SECRET
from cli.stage import RedisServer, free_port

TICKS = os.sysconf("SC_CLK_TCK")
START_SECONDS = 30.0
BARE, GATE = "benchmarks.bare:app", "ghapp.wsgi:gate()"


@dataclass(frozen=True)
class Web:
    """A gunicorn that answers."""

    port: int
    pid: int

    def cpu(self) -> float:
        """CPU seconds that the master and its workers have used so far."""
        return sum(cpu_of(pid) for pid in (self.pid, *children(self.pid)))


def cpu_of(pid: int) -> float:
    """CPU seconds (user and system) of one process, from /proc/PID/stat."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def children(pid: int) -> list[int]:
    """Process ids of the direct children."""
    return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@contextmanager
def web(app: str, folder: Path, env: Mapping[str, str]) -> Iterator[Web]:
    """The app under gunicorn with the product's own settings."""
    port = free_port()
    argv = [sys.executable, "-m", "gunicorn", "--config", "python:ghapp.gunicorn_conf", "--log-level", "warning"]
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "gunicorn.out").open("ab") as out:
        child = subprocess.Popen(
            [*argv, "--bind", f"127.0.0.1:{port}", app], env={**os.environ, **env}, stdout=out, stderr=out
        )
    try:
        until(lambda: len(children(child.pid)) > 0 and _answers(port), f"{app}: see {folder / 'gunicorn.out'}")
        yield Web(port, child.pid)
    finally:
        child.terminate()
        child.wait()


@contextmanager
def gate(folder: Path, redis_url: str) -> Iterator[Web]:
    """The product's gate on a migrated database in this folder."""
    from state.db.migrate import migrate

    env = gate_environment(folder, redis_url)
    migrate(database_url(folder))
    with web(GATE, folder, env) as running:
        yield running


def gate_environment(folder: Path, redis_url: str) -> dict[str, str]:
    """All that the gate needs to know."""
    return {
        "GITHUB_WEBHOOK_SECRET": SECRET,
        "DATABASE_URL": database_url(folder),
        "DATA_PATH": str(folder),
        "LOGS_PATH": str(folder / "logs"),
        "REPOS_PATH": str(folder / "repos"),
        "REDIS_URL": redis_url,
    }


def database(folder: Path) -> Path:
    """The SQLite file of the folder."""
    return folder / "devtask.db"


def database_url(folder: Path) -> str:
    """Its URL."""
    return f"sqlite:///{database(folder)}"


@contextmanager
def redis(folder: Path) -> Iterator[str]:
    """A Redis of our own; its URL."""
    port = free_port()
    with RedisServer(folder, port):
        yield f"redis://127.0.0.1:{port}/0"


def dead_redis() -> str:
    """The URL of a Redis that is down."""
    return f"redis://127.0.0.1:{free_port()}/0"


def until(found: Callable[[], bool], what: str, seconds: float = START_SECONDS) -> None:
    """Waits for it. Raises TimeoutError, naming `what`."""
    deadline = time.monotonic() + seconds
    while not found():
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {seconds:g} s for {what}")
        time.sleep(0.02)


def _answers(port: int) -> bool:
    import socket

    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
