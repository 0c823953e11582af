"""One question to a model: money reserved before, settled after, useless replies asked for again, interruptible."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from queue import Empty, SimpleQueue
from typing import Final

from ai.port import Cancel, Cancelled, Meter, Provider, Reply, Request, Stop, Usage
from ai.rules import rule

LOOK_EVERY: Final = 0.2
CHARS_PER_TOKEN: Final = 3


@dataclass(frozen=True)
class Asker:
    """Who is asked and who pays. `role` is the role of spec 16; prices are looked up by `provider:model`."""

    provider: Provider
    meter: Meter
    role: str
    cancel: Cancel

    def ask(self, request: Request) -> Reply:
        """A reply, its usage including every repetition. Raises ProviderError, Cancelled, state.errors.BudgetReached."""
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
        token = self.meter.reserve(
            self.role, f"{self.provider.provider}:{self.provider.model}", estimate(request), request.max_out
        )
        started = time.monotonic()
        usage = Usage()
        try:
            reply = interruptible(lambda: self.provider.reply(request), self.cancel)
            usage = reply.usage
        finally:
            self.meter.settle(token, usage, time.monotonic() - started, request.prompt_hash)
        return reply


def estimate(request: Request) -> int:
    """Tokens of the input, a little more than the truth: the last counted input and output, and what came after them."""
    counted, fresh = 0, list[int]()
    for turn in reversed(request.turns):
        if isinstance(turn, Reply):
            counted = turn.usage.tokens_in + turn.usage.out
            break
        fresh.append(len(repr(turn)))
    if not counted:
        fresh.extend(len(part) for part in request.system)
        fresh.extend(len(repr(spec)) for spec in request.tools)
    return counted + sum(fresh) // CHARS_PER_TOKEN


def interruptible(work: Callable[[], Reply], cancel: Cancel) -> Reply:
    """The result of `work`; raises Cancelled within 0.2 s of `cancel` turning true and leaves the request to itself."""
    if cancel():
        raise Cancelled
    answers: SimpleQueue[Reply | BaseException] = SimpleQueue()
    threading.Thread(target=_put, args=(work, answers), daemon=True).start()
    while True:
        try:
            answer = answers.get(timeout=LOOK_EVERY)
        except Empty:
            if cancel():
                raise Cancelled from None
            continue
        if isinstance(answer, BaseException):
            raise answer
        return answer


def _put(work: Callable[[], Reply], answers: SimpleQueue[Reply | BaseException]) -> None:
    try:
        answers.put(work())
    except BaseException as error:  # noqa: BLE001  every error is raised again in the asking thread
        answers.put(error)
