"""What the tests of `ai` share: running stand-ins, a meter that counts, a toolbox of plain functions."""

from __future__ import annotations

import atexit
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import devkit.claude
import devkit.gemini
from ai.asking import Asker
from ai.limits import Limits
from ai.loop import Talk
from ai.port import Patience, Provider, Request, Said, ToolResult, ToolSpec, Usage
from ai.providers.claude import Claude
from ai.providers.gemini import Gemini
from ai.tools.schema import number, text, tool
from ai.trajectory import Opening
from devkit.rig import RunningServer
from devkit.rig.script import Script

QUICK = Patience(attempts=2, timeout=5.0, longest_wait=2.0, first_wait=0.01)
LOOK = tool("look", "Look at a thing.", ("path",), path=text("what"), line=number("where"))
STOP = tool("stop", "End the work.", ("word",), word=text("last word"))


@dataclass
class CountingMeter:
    """Remembers what was reserved and settled."""

    reserved: list[tuple[str, str, int, int]] = field(default_factory=list)
    settled: list[Usage] = field(default_factory=list)

    def reserve(self, role: str, model: str, tokens_in_estimate: int, max_out: int) -> object:
        self.reserved.append((role, model, tokens_in_estimate, max_out))
        return len(self.reserved)

    def settle(self, token: object, usage: Usage, latency: float, prompt_hash: str) -> None:
        self.settled.append(usage)


@dataclass
class Box:
    """Tools for tests: `look` answers from a dictionary, `stop` ends."""

    things: dict[str, str] = field(default_factory=dict)
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def specs(self) -> list[ToolSpec]:
        return [LOOK, STOP]

    def call(self, name: str, args: Any) -> ToolResult:
        self.calls.append((name, dict(args)))
        if name == "stop":
            return ToolResult("bye", final=True)
        found = self.things.get(args["path"])
        return ToolResult(f"no {args['path']}", is_error=True) if found is None else ToolResult(found)


class Standin:
    """A running stand-in that tests share one after the other: each has its own script, faults and part of the ledger.

    Starting one and making a client cost ten times what a request does.
    """

    def __init__(self, service: Any) -> None:
        self.script = Script()
        app = service.make_app(Script.from_callable(lambda seen: self.script.reply(seen)))
        self.server = RunningServer(app, service.__name__).start()
        self.url = self.server.url
        self.since = 0
        atexit.register(self.server.stop)

    @property
    def client(self) -> Standin:
        return self

    def begin(self, script: Script) -> None:
        """What an earlier test's client gave up on is answered first, with that test's script."""
        deadline = time.monotonic() + 5
        while not self.server.rig.idle and time.monotonic() < deadline:
            time.sleep(0.01)
        self.script = script
        self.server.client.clear()
        self.since = max((entry.id for entry in self.server.client.ledger()), default=0)

    def ledger(self, **given: Any) -> list[Any]:
        return self.server.client.ledger(since=self.since, **given)

    def fault(self, kind: str, path: str, **rule: Any) -> None:
        self.server.client.fault(kind, path, **rule)


@cache
def standin(service: Any) -> Standin:
    return Standin(service)


@cache
def provider_of(kind: Any, model: str, url: str, patience: Patience) -> Any:
    return kind(model, "k", url, patience)


@contextmanager
def claude(script: Script, patience: Patience = QUICK) -> Iterator[tuple[Claude, Standin]]:
    """The real library against the stand-in."""
    shared = standin(devkit.claude)
    shared.begin(script)
    yield provider_of(Claude, "claude-sonnet-5-5", shared.url, patience), shared


@contextmanager
def gemini(script: Script, patience: Patience = QUICK) -> Iterator[tuple[Gemini, Standin]]:
    """The real library against the stand-in."""
    shared = standin(devkit.gemini)
    shared.begin(script)
    yield provider_of(Gemini, "gemini-3.8-flash", shared.url, patience), shared


BOTH = {"claude": claude, "gemini": gemini}


def hello(**more: Any) -> Request:
    """A first request with the two tools."""
    return Request(("You are a test.",), (Said("Begin."),), (LOOK, STOP), **more)


def asker(provider: Provider, cancel: Any = lambda: False, meter: CountingMeter | None = None) -> Asker:
    """Asks this provider, at no cost."""
    return Asker(provider, meter or CountingMeter(), "executor", cancel)


def talk(provider: Provider, limits: Limits | None = None, **more: Any) -> Talk:
    """A conversation with the test box."""
    opening = Opening.of(provider, Box().specs(), ("You are a test.", "It is about things."), "Begin.")
    return Talk(opening, "hash", "stop", limits or Limits(), 1_000, lambda usage: 0.01, **more)


def posted(server: Standin) -> list[dict[str, Any]]:
    """The bodies that reached the model."""
    return [json.loads(entry.body) for entry in server.client.ledger(method="POST")]
