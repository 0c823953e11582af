"""Models for the agents: who is asked in a role now, through which provider, with whose prompts and at what price."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path

from ai.asking import Asker
from ai.limits import Limits
from ai.port import Provider, ProviderError, Refused, Reply, Request, Retryable, SpendCap, UnknownModel
from ai.prices import price
from ai.prompts import Prompts
from ai.providers.factory import Access, make_provider
from ai.roles import Terms
from ghapp.say.facts import StandIn
from jobs.effects import status
from jobs.facts import STAND_IN, keep, stand_ins
from jobs.meter import Payer, StoreMeter, unanswered
from jobs.runtime import Runtime
from state.clock import clock
from state.db.engine import read, write
from state.logs import get_log
from state.settings import Settings
from state.store import outbox, rates, tasks

OUT = "out:"
BUSY_SECONDS, REFUSED_SECONDS = 120.0, 900.0
"""How long new conversations go to the stand-in: after a busy service, and after one that refuses us."""


class Relieved(Retryable):
    """A model could not be asked, and another one stands ready to begin in its place: go on at once."""


def prompts(runtime: Runtime) -> Prompts:
    """The prompt files with the installation's overrides."""
    return Prompts(runtime.settings.prompts_path)


def model_now(runtime: Runtime, role: str, chosen: Mapping[str, str] | None = None, begun: str | None = None) -> str:
    """The `provider:model` for a conversation in this role.

    `chosen` is the repository's table, `begun` the model that began the conversation: it goes on with that one unless
    that is out and the other is not, for no model can continue what another one said; then it begins anew.
    """
    wanted, fallback = table(runtime.settings, chosen).get(role, ""), runtime.settings.models_fallback.get(role)
    names = list(dict.fromkeys(name for name in (begun, wanted, fallback) if name in (wanted, fallback) and name))
    with read(runtime.engine) as session:
        ready = [name for name in names if not rates.pause_left(session, OUT + name)]
    return (ready or names)[0]


def begun_with(file: Path) -> str | None:
    """The model that began the conversation in this file; None where there is none yet."""
    if not file.exists():
        return None
    with file.open(encoding="utf-8", errors="replace") as lines:
        first = lines.readline()
    try:
        return str(json.loads(first)["model"])
    except (ValueError, KeyError, TypeError):
        return None


def table(known: Settings, chosen: Mapping[str, str] | None) -> dict[str, str]:
    """Role to model: the installation's, with what the repository may choose."""
    may = allowed(known)
    return {**known.models, **{role: name for role, name in (chosen or {}).items() if name in may}}


def allowed(known: Settings) -> tuple[str, ...]:
    """What a repository may choose: models with a price whose service we have a key for, or those of MODELS_ALLOWED."""
    from ai.prices import PRICES
    from ai.prices import table as prices

    keys = {"claude": known.anthropic_api_key, "gemini": known.google_api_key, "gemini-legacy": known.google_api_key}
    named = known.models_allowed or tuple(prices(PRICES))
    return tuple(name for name in named if keys.get(name.partition(":")[0]) and name in prices(PRICES))


def asker(
    runtime: Runtime,
    role: str,
    payer: Payer,
    cancel: Callable[[], bool] = lambda: False,
    model: str | None = None,
) -> Asker:
    """Who is asked in this role (as `model_now` says, unless given), and who pays. Raises Told without key or price."""
    name = model or model_now(runtime, role)
    price(name, clock().date())
    provider = Watched(runtime, role, make_provider(name, access(runtime.settings)))
    if name == runtime.settings.models_fallback.get(role) and name != runtime.settings.models[role]:
        _stands_in(runtime, role, name, payer)
    return Asker(provider, StoreMeter(runtime, payer, cancel), role, cancel)


def access(known: Settings) -> Access:
    """Keys and addresses of the services."""
    return Access(
        anthropic_key=known.anthropic_api_key.get_secret_value() if known.anthropic_api_key else "",
        google_key=known.google_api_key.get_secret_value() if known.google_api_key else "",
        anthropic_url=known.anthropic_base_url,
        google_url=known.google_gemini_base_url,
    )


def terms(runtime: Runtime, role: str, limits: Limits, max_out: int, model: str | None = None) -> Terms:
    """The conditions of a conversation in this role."""
    rates_now = price(model or model_now(runtime, role), clock().date())
    return Terms(prompts(runtime), rates_now.dollars, limits, max_out)


@dataclass(frozen=True)
class Watched:
    """A provider whose trouble is remembered where the role has a stand-in: new conversations then go to the other."""

    runtime: Runtime
    role: str
    real: Provider

    @property
    def provider(self) -> str:
        """The provider's name."""
        return self.real.provider

    @property
    def model(self) -> str:
        """The model's name."""
        return self.real.model

    def reply(self, request: Request) -> Reply:
        """One request. Raises Relieved in place of the error when another model may begin anew."""
        try:
            return self.real.reply(request)
        except (Retryable, SpendCap, Refused, UnknownModel) as error:
            if isinstance(error, Retryable):
                unanswered(self.runtime, f"{self.provider}:{self.model}")
            if self._is_relieved(error):
                raise Relieved(str(error), 0.0) from error
            raise

    def _is_relieved(self, error: ProviderError) -> bool:
        known = self.runtime.settings
        fallback = known.models_fallback.get(self.role)
        if fallback is None:
            return False
        name = f"{self.provider}:{self.model}"
        seconds = (getattr(error, "after", None) or BUSY_SECONDS) if isinstance(error, Retryable) else REFUSED_SECONDS
        with write(self.runtime.engine) as session:
            rates.pause(session, OUT + name, clock() + timedelta(seconds=seconds))
            others = [other for other in (known.models[self.role], fallback) if other != name]
            ready = [other for other in others if not rates.pause_left(session, OUT + other)]
        get_log().warning("a model is out", model=name, role=self.role, why=str(error), instead=ready[:1])
        return bool(ready)


def _stands_in(runtime: Runtime, role: str, name: str, payer: Payer) -> None:
    """Told once per task and role: in the status comment, and in the report."""
    if payer.task_id is None:
        return
    now = StandIn(role, name, runtime.settings.models[role])
    with write(runtime.engine) as session:
        if now in stand_ins(session, payer.task_id):
            return
        keep(session, payer.task_id, STAND_IN, asdict(now))
        task = tasks.by_id(session, payer.task_id)
        outbox.add(session, [status(task, f"stand-in:{role}:{name}")])


__all__ = ["Payer", "Relieved", "allowed", "asker", "begun_with", "model_now", "prompts", "terms"]
