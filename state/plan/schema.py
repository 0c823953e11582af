"""The JSON Schema of `submit_plan`'s input as model providers take it: non-strict, no references, with descriptions."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from state.plan.wire import Submission, WireStep

_NOISE = frozenset({"title", "additionalProperties", "$defs", "default"})


def submit_plan_schema() -> dict[str, Any]:
    """A new dict at each call, the same bytes each time (it is part of the cached prompt prefix)."""
    return flat_schema(Submission)


def step_schema() -> dict[str, Any]:
    """One step of it."""
    return flat_schema(WireStep)


def flat_schema(form: type[BaseModel]) -> dict[str, Any]:
    """The schema of a form without references and noise."""
    schema = form.model_json_schema()
    cleaned: dict[str, Any] = _inlined(schema, schema.get("$defs", {}))
    cleaned.pop("description", None)
    return cleaned


def _inlined(node: Any, defs: dict[str, Any]) -> Any:
    if isinstance(node, list):
        return [_inlined(part, defs) for part in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        target = defs[node["$ref"].rpartition("/")[2]]
        own = {key: part for key, part in node.items() if key != "$ref"}
        kept = target if "properties" in target else {key: target[key] for key in ("type", "enum") if key in target}
        return _inlined({**kept, **own}, defs)
    return {key: _properties(part, defs) if key == "properties" else _inlined(part, defs) for key, part in _keys(node)}


def _keys(node: dict[str, Any]) -> list[tuple[str, Any]]:
    return [(key, part) for key, part in _plain(node).items() if key not in _NOISE]


def _plain(node: dict[str, Any]) -> dict[str, Any]:
    # `anyOf: [number, null]` is how pydantic writes an optional value; leaving it out says the same in fewer tokens.
    options = [option for option in node.get("anyOf", ()) if option.get("type") != "null"]
    if len(options) != 1:
        return node
    return {**options[0], **{key: part for key, part in node.items() if key != "anyOf"}}


def _properties(properties: dict[str, Any], defs: dict[str, Any]) -> dict[str, Any]:
    return {name: _inlined(part, defs) for name, part in properties.items()}
