"""The models that the stand-in knows, with the limits that it enforces."""

from dataclasses import dataclass

MAX_OUTPUT = 65_536
CONTEXT = 1_048_576
CACHE_MINIMUM = 4096


@dataclass(frozen=True)
class Model:
    """`signed`: function calls carry a thought signature that must come back (Gemini 3 and later)."""

    id: str
    signed: bool = True
    levels: tuple[str, ...] = ("minimal", "low", "medium", "high")


MODELS = {
    model.id: model
    for model in (
        Model("gemini-3.8-flash", levels=("low", "medium", "high")),
        Model("gemini-3.5-flash"),
        Model("gemini-3-flash-preview"),
        Model("gemini-3.1-pro-preview", levels=("low", "medium", "high")),
        Model("gemini-3-pro-preview", levels=("low", "high")),
        Model("gemini-3.1-flash-lite"),
        Model("gemini-2.5-pro", signed=False, levels=()),
        Model("gemini-2.5-flash", signed=False, levels=()),
    )
}
