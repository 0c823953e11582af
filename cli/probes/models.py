"""The models: a price is known, and the service knows key and model. Asking for a model's entry costs nothing."""

from __future__ import annotations

from collections import defaultdict

from ai.port import ProviderError, UnknownModel
from ai.prices import price
from cli.findings import Finding, fine, wrong
from state.clock import clock
from state.errors import Told
from state.settings import Settings

AREA = "models"
TIMEOUT = 15.0
NOTHING = "asking costs nothing"


def models(settings: Settings) -> list[Finding]:
    """Each model that a role uses, once."""
    roles: dict[str, list[str]] = defaultdict(list)
    for role, name in settings.models.items():
        roles[name].append(role)
    return [finding for name, used in roles.items() for finding in _model(settings, name, ", ".join(used))]


def _model(settings: Settings, name: str, roles: str) -> list[Finding]:
    try:
        price(name, clock().date())
    except Told as told:
        return [wrong(AREA, f"{roles}: {told}", told.hint or "")]
    provider, _, model = name.partition(":")
    variable = "ANTHROPIC_API_KEY" if provider == "claude" else "GOOGLE_API_KEY"
    key = settings.anthropic_api_key if provider == "claude" else settings.google_api_key
    if key is None:
        return [wrong(AREA, f"{name} ({roles}) cannot be asked: {variable} is not set", f"Set {variable}.")]
    try:
        if provider == "claude":
            _ask_claude(model, key.get_secret_value(), settings.anthropic_base_url)
        else:
            _ask_gemini(model, key.get_secret_value(), settings.google_gemini_base_url)
    except UnknownModel as error:
        return [wrong(AREA, f"{name} ({roles}): {error}", "Choose another model in MODELS; prices.yaml lists some.")]
    except ProviderError as error:
        return [wrong(AREA, f"{name} ({roles}): {error}", f"Check {variable}, its account and the network.")]
    return [fine(AREA, f"{name} answers for {roles}; its price is known ({NOTHING})")]


def _ask_claude(model: str, key: str, base_url: str | None) -> None:
    import anthropic

    from ai.providers.claude import told

    with anthropic.Anthropic(api_key=key, base_url=base_url, timeout=TIMEOUT, max_retries=1) as client:
        try:
            client.models.retrieve(model)
        except anthropic.APIStatusError as error:
            raise told(error) from error
        except anthropic.APIConnectionError as error:
            raise ProviderError(f"Claude could not be reached: {error}") from error


def _ask_gemini(model: str, key: str, base_url: str | None) -> None:
    import httpx2
    from google import genai
    from google.genai import types
    from google.genai.errors import APIError

    from ai.providers.gemini import told

    options = types.HttpOptions(base_url=base_url, timeout=round(TIMEOUT * 1000))
    client = genai.Client(api_key=key, vertexai=False, http_options=options)
    try:
        client.models.get(model=model)
    except APIError as error:
        raise told(error) from error
    except httpx2.HTTPError as error:
        raise ProviderError(f"Gemini could not be reached: {error}") from error
    finally:
        client.close()
