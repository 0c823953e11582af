"""What the service refuses with 400 before any model sees the request (404 for an unknown model)."""

from collections.abc import Mapping
from typing import Any

from devkit.claude.cache import prompt_tokens
from devkit.claude.conversation import every_block
from devkit.claude.errors import Refusal
from devkit.claude.history import check_messages
from devkit.claude.models import MODELS, Model
from devkit.claude.tools import check_tools

VERSIONS = ("2023-06-01", "2026-10-21")
SAMPLING = ("temperature", "top_p", "top_k")
FIELDS = frozenset(
    (
        "max_tokens",
        "messages",
        "model",
        "cache_control",
        "container",
        "diagnostics",
        "inference_geo",
        "metadata",
        "output_config",
        "service_tier",
        "speed",
        "stop_sequences",
        "system",
        "thinking",
        "tool_choice",
        "tools",
        "stream",
        "user_profile_id",
        "workspace_id",
        "mcp_servers",
    )
)
MAX_BREAKPOINTS = 4


def known_model(body: Mapping[str, Any]) -> Model:
    """The model that is asked for. Raises the 404."""
    name = body.get("model")
    if not isinstance(name, str):
        raise Refusal("model: Field required")
    if name not in MODELS:
        raise Refusal(f"model: {name}", 404)
    return MODELS[name]


def check_request(body: dict[str, Any], version: str, counting: bool = False) -> None:
    """Raise the Refusal that the service answers; `counting` for count_tokens, which needs no max_tokens."""
    _check_fields(body, version)
    if not isinstance(body.get("messages"), list):
        raise Refusal("messages: Field required")
    model = known_model(body)
    if not counting:
        _check_max_tokens(body, model)
    _check_system(body.get("system"))
    check_tools(body)
    check_messages(body["messages"], body.get("thinking"), model)
    _check_thinking(body, model)
    _check_output_format(body)
    _check_cache_control(body)
    if (size := prompt_tokens(body)) > model.context:
        raise Refusal(f"prompt is too long: {size} tokens > {model.context} maximum")


def _check_fields(body: Mapping[str, Any], version: str) -> None:
    allowed = FIELDS | set(SAMPLING) if version == VERSIONS[0] else FIELDS
    for name in body:
        if name not in allowed:
            raise Refusal(f"{name}: Extra inputs are not permitted")


def _check_max_tokens(body: Mapping[str, Any], model: Model) -> None:
    wanted = body.get("max_tokens")
    if wanted is None:
        raise Refusal("max_tokens: Field required")
    if not isinstance(wanted, int) or isinstance(wanted, bool):
        raise Refusal("max_tokens: Input should be a valid integer")
    if wanted < 1:
        raise Refusal("max_tokens: must be greater than or equal to 1")
    if wanted > model.max_output:
        limit = f"which is the maximum allowed number of output tokens for {model.id}"
        raise Refusal(f"max_tokens: {wanted} > {model.max_output}, {limit}")


def _check_system(system: Any) -> None:
    if system is None or isinstance(system, str):
        return
    if not isinstance(system, list):
        raise Refusal("system: Input should be a valid list")
    for index, block in enumerate(system):
        if not isinstance(block, dict) or block.get("type") != "text":
            raise Refusal(f"system.{index}.type: Input should be 'text'")
        if not block.get("text"):
            raise Refusal("system: text content blocks must be non-empty")


def _check_thinking(body: Mapping[str, Any], model: Model) -> None:
    thinking = body.get("thinking") or {"type": "disabled"}
    kind = thinking.get("type")
    if kind not in ("adaptive", "between_tools", "disabled", "enabled"):
        raise Refusal(f"thinking: Input tag '{kind}' found using 'type' does not match any of the expected tags")
    if kind == "enabled":
        _check_budget(thinking, body, model)
    if kind in ("enabled", "adaptive") and (body.get("tool_choice") or {}).get("type") in ("any", "tool"):
        raise Refusal("Thinking may not be enabled when tool_choice forces tool use.")


def _check_budget(thinking: Mapping[str, Any], body: Mapping[str, Any], model: Model) -> None:
    if not model.manual_thinking:
        raise Refusal(
            '"thinking.type.enabled" is not supported for this model. Use "thinking.type.adaptive" and '
            '"output_config.effort" to control thinking behavior.'
        )
    budget = thinking.get("budget_tokens")
    if not isinstance(budget, int):
        raise Refusal("thinking.enabled.budget_tokens: Field required")
    if budget < 1024:
        raise Refusal("thinking.enabled.budget_tokens: Input should be greater than or equal to 1024")
    if budget >= body.get("max_tokens", budget + 1):
        raise Refusal("`max_tokens` must be greater than `thinking.budget_tokens`.")


def _check_output_format(body: Mapping[str, Any]) -> None:
    wanted = (body.get("output_config") or {}).get("format")
    if wanted is None:
        return
    if wanted.get("type") != "json_schema" or not isinstance(wanted.get("schema"), dict):
        raise Refusal("output_config.format.schema: Field required")
    _check_closed(wanted["schema"])


def _check_closed(schema: Any) -> None:
    if isinstance(schema, list):
        for item in schema:
            _check_closed(item)
    if not isinstance(schema, dict):
        return
    if schema.get("type") == "object" and schema.get("additionalProperties") is not False:
        raise Refusal(
            "output_config.format.schema: For 'object' type, 'additionalProperties' must be explicitly set to false"
        )
    for value in schema.values():
        _check_closed(value)


def _check_cache_control(body: Mapping[str, Any]) -> None:
    controls = [block.get("cache_control") for _, block in every_block(body)] + [body.get("cache_control")]
    given = [control for control in controls if control]
    if len(given) > MAX_BREAKPOINTS:
        raise Refusal(f"A maximum of 4 blocks with cache_control may be provided. Found {len(given)}.")
    lives = [control.get("ttl", "5m") for control in given]
    for control, life in zip(given, lives, strict=True):
        if control.get("type") != "ephemeral" or life not in ("5m", "1h"):
            raise Refusal("cache_control: Input tag or ttl is not one of 'ephemeral', '5m', '1h'")
    if "1h" in lives[lives.index("5m") :] if "5m" in lives else False:
        raise Refusal("a ttl='1h' cache_control block must not come after a ttl='5m' cache_control block.")
