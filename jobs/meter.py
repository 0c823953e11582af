"""The meter of `ai.port`, in the database: a turn at the provider and the money for a call, both before it is made."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.orm import Session

from ai.asking import LOOK_EVERY
from ai.port import Cancelled, Usage
from ai.prices import Price, price
from jobs.budgets import warn
from jobs.ringing import ring_now
from jobs.runtime import Runtime
from state.clock import clock
from state.db.engine import write
from state.failpoint import failpoint
from state.settings import Settings
from state.store import budget, llm_calls, rates
from state.store.rates import Window

LONGEST_LOOK = 2.0
"""Seconds between two looks at a full bucket: somebody's call may have ended earlier than it had to."""


@dataclass(frozen=True)
class Payer:
    """Whose money a call spends; ids may be missing for a question without a task."""

    task_id: str | None = None
    repo_id: int | None = None
    step_id: str | None = None
    task_budget: float | None = None


@dataclass(frozen=True)
class Service:
    """What all workers together may ask of one provider."""

    name: str
    tokens_per_minute: int
    places: int

    @property
    def bucket(self) -> str:
        """The bucket's name."""
        return f"model:{self.name}"

    @property
    def windows(self) -> tuple[Window, ...]:
        """At most one minute's tokens at once, refilled evenly."""
        return (Window("tokens", self.tokens_per_minute, self.tokens_per_minute / 60),)


IN_A_ROW, REST_SECONDS = 5, 60.0
"""So many requests in a row that a service did not answer, and nobody asks it for so long."""


def unanswered(runtime: Runtime, model: str) -> None:
    """A service that is busy or down for everybody is left alone for a minute: calls wait for their turn meanwhile."""
    bucket = service_of(runtime.settings, model).bucket
    with write(runtime.engine) as session:
        if rates.failed(session, bucket) >= IN_A_ROW:
            rates.pause(session, bucket, clock() + timedelta(seconds=REST_SECONDS))


def service_of(known: Settings, model: str) -> Service:
    """The service behind `provider:model`; both libraries for Gemini share one account."""
    if model.startswith("claude:"):
        return Service("claude", known.claude_tokens_per_minute, known.claude_parallel_calls)
    return Service("gemini", known.gemini_tokens_per_minute, known.gemini_parallel_calls)


@dataclass(frozen=True)
class _Reserved:
    id: str
    role: str
    model: str
    price: Price
    place: str
    tokens: float


@dataclass(frozen=True)
class StoreMeter:
    """What a call can cost at most is set aside before it; waiting for a turn is no work and ends with `cancel`."""

    runtime: Runtime
    payer: Payer
    cancel: Callable[[], bool]

    @property
    def limits(self) -> budget.Limits:
        """The budgets that this payer's calls count against."""
        known = self.runtime.settings
        return budget.Limits(self.payer.task_budget, known.budget_per_repo_day, known.budget_per_day)

    def reserve(self, role: str, model: str, tokens_in_estimate: int, max_out: int) -> object:
        """Wait for a turn and set the maximum aside. Raises BudgetReached, Cancelled."""
        rates_now = price(model, clock().date())
        maximum = rates_now.most(tokens_in_estimate, max_out)
        service = service_of(self.runtime.settings, model)
        tokens = min(float(tokens_in_estimate), float(service.tokens_per_minute))
        while True:
            with write(self.runtime.engine) as session:
                found = self._turn(session, service, tokens, maximum)
            if not isinstance(found, float):
                break
            self._wait(found)
        failpoint("llm.in_flight")
        kept, place = found
        return _Reserved(kept, role, model, rates_now, place, tokens)

    def _turn(self, session: Session, service: Service, tokens: float, maximum: float) -> tuple[str, str] | float:
        """(reservation, place), or the seconds to wait with nothing taken. Raises BudgetReached: nothing is taken."""
        place = rates.enter(session, service.bucket, service.places)
        if place is None:
            return LONGEST_LOOK
        wait = rates.take(session, service.bucket, service.windows, tokens)
        if wait > 0:
            rates.leave(session, service.bucket, place)
            return wait
        kept = budget.reserve(session, self.payer.task_id, self.payer.repo_id, maximum, self.limits)
        return kept.id, place

    def _wait(self, seconds: float) -> None:
        ends = time.monotonic() + min(seconds, LONGEST_LOOK)
        while (left := ends - time.monotonic()) > 0:
            if self.cancel():
                raise Cancelled
            time.sleep(min(left, LOOK_EVERY))

    def settle(self, token: object, usage: Usage, latency: float, prompt_hash: str) -> None:
        """Write the call down, give back what it did not use, and tell of a budget that is 80 % spent."""
        assert isinstance(token, _Reserved)
        cost = token.price.dollars(usage)
        service = service_of(self.runtime.settings, token.model)
        with write(self.runtime.engine) as session:
            rates.leave(session, service.bucket, token.place)
            used = usage.tokens_in - usage.cached + usage.out if usage.tokens_in else 0
            if usage.tokens_in and not usage.supposed:
                rates.worked(session, service.bucket)
            rates.give_back(session, service.bucket, service.windows, token.tokens - used)
            budget.settle(session, token.id, cost)
            llm_calls.add(session, self._call(token, usage, cost, latency, prompt_hash))
            shares = budget.shares(session, self.payer.task_id, self.payer.repo_id, self.limits)
            effects = warn(session, self.runtime, self.payer.task_id, shares)
        if effects:
            ring_now(self.runtime, effects, deliver=0)

    def _call(self, token: _Reserved, usage: Usage, cost: float, latency: float, prompt_hash: str) -> llm_calls.Call:
        provider, _, model = token.model.partition(":")
        return llm_calls.Call(
            role=token.role,
            provider=provider,
            model=model,
            task_id=self.payer.task_id,
            step_id=self.payer.step_id,
            repo_id=self.payer.repo_id,
            tokens_in=usage.tokens_in,
            tokens_cached=usage.cached,
            tokens_cache_written=usage.cache_write,
            tokens_out=usage.out,
            cost=cost,
            latency=latency,
            prompt_hash=prompt_hash or None,
            outcome=_outcome(usage),
        )


def _outcome(usage: Usage) -> str:
    if usage.supposed:
        return "cancelled"
    return "ok" if usage.tokens_in else "no answer"
