"""Models for the agents: providers from the settings, prompts, prices, the meter that reserves before every call."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Engine

from ai.asking import Asker
from ai.limits import Limits
from ai.port import Usage
from ai.prices import Price, price
from ai.prompts import Prompts
from ai.providers.factory import Access, make_provider
from ai.roles import Terms
from jobs.runtime import Runtime
from state.clock import clock
from state.db.engine import write
from state.failpoint import failpoint
from state.store import budget, llm_calls


@dataclass(frozen=True)
class Payer:
    """Whose money a call spends; ids may be missing for a question without a task."""

    task_id: str | None = None
    repo_id: int | None = None
    step_id: str | None = None
    task_budget: float | None = None


@dataclass(frozen=True)
class _Reserved:
    id: str
    role: str
    model: str
    price: Price


@dataclass(frozen=True)
class StoreMeter:
    """The meter of `ai.port`, in the database: what a call can cost at most is set aside before it."""

    engine: Engine
    payer: Payer
    limits: budget.Limits

    def reserve(self, role: str, model: str, tokens_in_estimate: int, max_out: int) -> object:
        """Set the maximum aside. Raises BudgetReached."""
        rates = price(model, clock().date())
        with write(self.engine) as session:
            kept = budget.reserve(
                session,
                self.payer.task_id,
                self.payer.repo_id,
                rates.most(tokens_in_estimate, max_out),
                self.limits,
            )
        failpoint("llm.in_flight")
        return _Reserved(kept.id, role, model, rates)

    def settle(self, token: object, usage: Usage, latency: float, prompt_hash: str) -> None:
        """Write the call down and give back what it did not cost."""
        assert isinstance(token, _Reserved)
        provider, _, model = token.model.partition(":")
        cost = token.price.dollars(usage)
        call = llm_calls.Call(
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
            outcome="ok" if usage.tokens_in else "no answer",
        )
        with write(self.engine) as session:
            budget.settle(session, token.id, cost)
            llm_calls.add(session, call)


def prompts(runtime: Runtime) -> Prompts:
    """The prompt files with the installation's overrides."""
    return Prompts(runtime.settings.prompts_path)


def asker(runtime: Runtime, role: str, payer: Payer, cancel: Callable[[], bool] = lambda: False) -> Asker:
    """Who is asked in this role, and who pays. Raises Told for a model without key or price."""
    known = runtime.settings
    name = known.models[role]
    price(name, clock().date())
    access = Access(
        anthropic_key=known.anthropic_api_key.get_secret_value() if known.anthropic_api_key else "",
        google_key=known.google_api_key.get_secret_value() if known.google_api_key else "",
        anthropic_url=known.anthropic_base_url,
        google_url=known.google_gemini_base_url,
    )
    limits = budget.Limits(payer.task_budget, known.budget_per_repo_day, known.budget_per_day)
    return Asker(make_provider(name, access), StoreMeter(runtime.engine, payer, limits), role, cancel)


def terms(runtime: Runtime, role: str, limits: Limits, max_out: int) -> Terms:
    """The conditions of a conversation in this role."""
    rates = price(runtime.settings.models[role], clock().date())
    return Terms(prompts(runtime), rates.dollars, limits, max_out)
