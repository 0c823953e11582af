"""Runs a set of processes side by side, starts again what dies, stops them all together."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

GUNICORN = "python:ghapp.gunicorn_conf"
STOP_SECONDS = 25.0
QUICK_DEATH_SECONDS = 5.0
MAX_DELAY_SECONDS = 10.0


@dataclass(frozen=True)
class Process:
    """One process: a name for people and logs, its argv, and what its environment has beside ours."""

    name: str
    argv: Sequence[str]
    env: Mapping[str, str] = field(default_factory=dict)


@dataclass
class _Running:
    process: Process
    popen: subprocess.Popen[bytes]
    started: float
    delay: float = 0.5
    restart_at: float | None = None


class Supervisor:
    """Use as a context manager: leaving it stops everything that it started, and nothing else."""

    def __init__(
        self,
        processes: Sequence[Process],
        logs: Path,
        say: Callable[[str], None] = print,
        base: Mapping[str, str] | None = None,
        longest_delay: float = MAX_DELAY_SECONDS,
    ) -> None:
        self._logs = logs
        self._longest_delay = longest_delay
        self._base = os.environ if base is None else base
        self._say = say
        self._running: dict[str, _Running] = {}
        self._wanted = list(processes)

    def __enter__(self) -> Supervisor:
        self._logs.mkdir(parents=True, exist_ok=True)
        for process in self._wanted:
            self._running[process.name] = _Running(process, self._start(process), time.monotonic())
        return self

    def __exit__(self, *_: object) -> None:
        for running in self._running.values():
            if running.popen.poll() is None:
                running.popen.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS
        for running in self._running.values():
            try:
                running.popen.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                running.popen.kill()
                running.popen.wait()

    def pid(self, name: str) -> int:
        """The process id of the running process of that name."""
        return self._running[name].popen.pid

    def tick(self) -> None:
        """Start again what died; a process that dies at once waits longer each time, up to 10 s."""
        now = time.monotonic()
        for running in self._running.values():
            if running.restart_at is not None:
                if now >= running.restart_at:
                    running.popen, running.started, running.restart_at = self._start(running.process), now, None
            elif (code := running.popen.poll()) is not None:
                quick = now - running.started < QUICK_DEATH_SECONDS
                running.delay = min(self._longest_delay, running.delay * 2) if quick else 0.5
                running.restart_at = now + min(self._longest_delay, running.delay)
                self._say(f"{running.process.name} ended with {code}; again in {running.delay:.1f} s")

    def watch(self, stop: Callable[[], bool]) -> None:
        """Tick until `stop()` says so."""
        while not stop():
            self.tick()
            time.sleep(0.2)

    def _start(self, process: Process) -> subprocess.Popen[bytes]:
        with (self._logs / f"{process.name}.out").open("ab") as out:
            return subprocess.Popen(
                process.argv,
                env={**self._base, **process.env, "DEVTASK_SUPERVISED": "1"},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )


def service_processes(bind: str, steps: int, chats: int, plans: int = 1) -> list[Process]:
    """The processes of Procfile, with so many step, chat and plan workers side by side."""
    devtask = [sys.executable, "-m", "cli.main"]
    gate = [sys.executable, "-m", "gunicorn", "--config", GUNICORN, "--bind", bind, "ghapp.wsgi:gate()"]
    workers = [Process(name, [*devtask, "worker", name]) for name in ("chat", "plan")]
    workers += [Process(f"chat-{n}", [*devtask, "worker", "chat"]) for n in range(2, chats + 1)]
    workers += [Process(f"plan-{n}", [*devtask, "worker", "plan"]) for n in range(2, plans + 1)]
    workers += [Process(f"step-{n}", [*devtask, "worker", "step"]) for n in range(1, steps + 1)]
    return [Process("gate", gate), *workers, Process("scheduler", [*devtask, "scheduler"])]
