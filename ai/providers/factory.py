"""From `provider:model` to a provider, and the table of roles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from ai.port import Patience, Provider
from ai.prices import price
from state.errors import Told
from state.settings_fields import DEFAULT_MODELS, PROVIDERS

ROLES: Final[Mapping[str, str]] = DEFAULT_MODELS


@dataclass(frozen=True)
class Access:
    """How the services are reached. A base url of None is the vendor's own."""

    anthropic_key: str = field(default="", repr=False)
    google_key: str = field(default="", repr=False)
    anthropic_url: str | None = None
    google_url: str | None = None
    patience: Patience = field(default_factory=Patience)


def model_for(role: str, chosen: Mapping[str, str]) -> str:
    """The `provider:model` of a role: the installation's choice, else the default. Raises Told for an unknown role."""
    if role not in ROLES:
        raise Told(f"There is no role {role!r}.", f"The roles are: {', '.join(ROLES)}.")
    return chosen.get(role) or ROLES[role]


def check_models(chosen: Mapping[str, str], on: date, setting: str = "MODELS") -> None:
    """Raises Told at start for an unknown role, provider or a model without a price; says which setting to edit."""
    for role in {**ROLES, **chosen}:
        try:
            name = model_for(role, chosen)
            split(name)
            price(name, on)
        except Told as told:
            edit = f"Edit {setting} in the environment or in .env."
            raise Told(f"{setting}, role {role}: {told}", f"{edit} {told.hint or ''}".strip()) from told


def split(name: str) -> tuple[str, str]:
    """(provider, model). Raises Told."""
    provider, _, model = name.partition(":")
    if provider not in PROVIDERS or not model:
        raise Told(
            f"{name!r} is no model: write provider:model, such as {ROLES['planner']}.",
            f"The providers are: {', '.join(PROVIDERS)}.",
        )
    return provider, model


def make_provider(name: str, access: Access) -> Provider:
    """The provider; imports its library. Raises Told for an unknown provider, a missing key or a missing library."""
    provider, model = split(name)
    key, variable = (
        (access.anthropic_key, "ANTHROPIC_API_KEY") if provider == "claude" else (access.google_key, "GOOGLE_API_KEY")
    )
    if not key:
        raise Told(f"The model {name} needs {variable}, which is not set.", f"Set {variable}, or choose another model.")
    if provider == "claude":
        from ai.providers.claude import Claude

        return Claude(model, key, access.anthropic_url, access.patience)
    if provider == "gemini":
        from ai.providers.gemini import Gemini

        return Gemini(model, key, access.google_url, access.patience)
    from ai.providers.gemini_legacy import GeminiLegacy

    return GeminiLegacy(model, key, access.google_url, access.patience)
