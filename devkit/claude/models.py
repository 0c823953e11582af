"""The models that the stand-in knows, with the limits that it enforces."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Model:
    """Limits in tokens. `prefill` and `manual_thinking` (a thinking budget) exist on older models only."""

    id: str
    max_output: int
    context: int
    cache_minimum: int
    prefill: bool = False
    manual_thinking: bool = False


def _recent(name: str, cache_minimum: int = 1024) -> Model:
    return Model(name, max_output=128_000, context=1_000_000, cache_minimum=cache_minimum)


def _older(name: str, prefill: bool = True, cache_minimum: int = 1024) -> Model:
    return Model(name, 64_000, 200_000, cache_minimum, prefill=prefill, manual_thinking=True)


MODELS = {
    model.id: model
    for model in (
        _recent("claude-opus-5-5"),
        _recent("claude-sonnet-5-5"),
        Model("claude-haiku-5-5", max_output=64_000, context=200_000, cache_minimum=4096),
        _recent("claude-opus-5", cache_minimum=512),
        _recent("claude-sonnet-5"),
        _recent("claude-opus-4-8"),
        _recent("claude-opus-4-7", cache_minimum=2048),
        _older("claude-opus-4-6", prefill=False, cache_minimum=4096),
        _older("claude-sonnet-4-6", prefill=False),
        _older("claude-haiku-4-5", cache_minimum=4096),
        _older("claude-opus-4-5", cache_minimum=4096),
        _older("claude-sonnet-4-5"),
    )
}
