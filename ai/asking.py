"""One question to a model: money reserved before, settled after, useless replies asked for again, interruptible."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from ai.port import Cancel, Cancelled, Meter, Provider, ProviderError, Reply, Request, Stop, Usage
from ai.rules import rule

LOOK_EVERY: Final = 0.2
BYTES_PER_TOKEN: Final = 3
"""Fewer than any text that people write has: scripts without letters have about one token per sign of three bytes."""


@dataclass(frozen=True)
class Asker:
    """Who is asked and who pays. `role` is the role of spec 16; prices are looked up by `provider:model`."""

    provider: Provider
    meter: Meter
    role: str
    cancel: Cancel

    def ask(self, request: Request) -> Reply:
        """A reply, its usage with every repetition. Raises ProviderError, Cancelled, state.errors.BudgetReached."""
        reply = self._paid(request)
        spent = reply.usage
        first = rule(reply.stop)
        for _ in range(first.again):
            if rule(reply.stop) != first or reply.stop in (Stop.END, Stop.CALLS):
                break
            again = replace(request, max_out=request.max_out * 2) if first.widen else request
            reply = self._paid(again)
            spent = spent + reply.usage
        return replace(reply, usage=spent)

    def _paid(self, request: Request) -> Reply:
        """One request. One that is left to itself in the middle counts with the most that it can cost."""
        if self.cancel():
            raise Cancelled
        tokens = estimate(request)
        model = f"{self.provider.provider}:{self.provider.model}"
        token = self.meter.reserve(self.role, model, tokens, request.max_out)
        started = time.monotonic()
        usage = Usage()
        try:
            reply = interruptible(lambda: self.provider.reply(request), self.cancel)
            usage = reply.usage
        except Cancelled:
            usage = Usage(tokens_in=tokens, out=request.max_out, supposed=True)
            raise
        finally:
            self.meter.settle(token, usage, time.monotonic() - started, request.prompt_hash)
        return reply


def estimate(request: Request) -> int:
    """Tokens of the input, rather too many: the last counted input and output, and what came after them."""
    counted, fresh = 0, list[int]()
    for turn in reversed(request.turns):
        if isinstance(turn, Reply):
            counted = turn.usage.tokens_in + turn.usage.out
            break
        fresh.append(size(repr(turn)))
    if not counted:
        fresh.extend(size(part) for part in request.system)
        fresh.extend(size(repr(spec)) for spec in request.tools)
    return counted + sum(fresh) // BYTES_PER_TOKEN


def size(text: str) -> int:
    """Bytes of a text as it is sent."""
    return len(text.encode("utf-8", "replace"))


def interruptible(work: Callable[[], Reply], cancel: Cancel) -> Reply:
    """The result of `work`; raises Cancelled within 0.2 s of `cancel` turning true and leaves the request to itself."""
    worker = Worker(work)
    worker.start()
    while not worker.finished.wait(LOOK_EVERY):
        if cancel():
            raise Cancelled
    if worker.error:
        raise worker.error
    if worker.reply is None:
        raise RuntimeError("a provider failed in its thread; the traceback stands in the log")
    return worker.reply


class Worker(threading.Thread):
    """Runs one request aside; only errors that a provider may raise are carried over."""

    def __init__(self, work: Callable[[], Reply]) -> None:
        super().__init__(daemon=True)
        self.work = work
        self.finished = threading.Event()
        self.reply: Reply | None = None
        self.error: ProviderError | None = None

    def run(self) -> None:
        """Ask, and say that it is over whatever comes of it."""
        try:
            self.reply = self.work()
        except ProviderError as error:
            self.error = error
        finally:
            self.finished.set()
