"""What the service refuses about tool definitions and the tool choice."""

import re
from collections.abc import Mapping
from typing import Any

from devkit.claude.errors import Refusal

NAME = "^[a-zA-Z0-9_-]{1,128}$"
TYPES = frozenset({"object", "array", "string", "number", "integer", "boolean", "null"})


def check_tools(body: Mapping[str, Any]) -> None:
    """Raise the Refusal for the first tool, or the tool choice, that the service does not take."""
    tools = body.get("tools") or []
    for index, tool in enumerate(tools):
        if tool.get("type") in (None, "custom"):
            _check_custom(f"tools.{index}.custom", tool)
    names = [tool.get("name") for tool in tools]
    if len(set(names)) != len(names):
        raise Refusal("tools: Tool names must be unique.")
    _check_choice(body.get("tool_choice"), names)


def _check_custom(where: str, tool: Mapping[str, Any]) -> None:
    name = tool.get("name")
    if not isinstance(name, str):
        raise Refusal(f"{where}.name: Field required")
    if not re.fullmatch(NAME, name):
        raise Refusal(f"{where}.name: String should match pattern '{NAME}'")
    schema = tool.get("input_schema")
    if not isinstance(schema, dict):
        raise Refusal(f"{where}.input_schema: Field required")
    if schema.get("type") != "object":
        raise Refusal(f"{where}.input_schema.type: Input should be 'object'")
    if set(schema) & {"oneOf", "allOf", "anyOf"}:
        raise Refusal(f"{where}.input_schema: input_schema does not support oneOf, allOf, or anyOf at the top level")
    if not valid_schema(schema):
        raise Refusal(f"{where}.input_schema: JSON schema is invalid. It must match JSON Schema draft 2020-12")


def valid_schema(schema: Any) -> bool:
    """Whether the parts of a JSON schema that tools use are well formed: types, properties, required, items, enum."""
    if isinstance(schema, bool):
        return True
    if not isinstance(schema, dict):
        return False
    if not _are_types(schema.get("type", [])):
        return False
    if not isinstance(schema.get("enum", []), list):
        return False
    required = schema.get("required", [])
    if not isinstance(required, list) or not all(isinstance(name, str) for name in required):
        return False
    return all(valid_schema(inner) for inner in _inner(schema))


def _are_types(named: Any) -> bool:
    names = [named] if isinstance(named, str) else named
    return isinstance(names, list) and all(name in TYPES for name in names)


def _inner(schema: Mapping[str, Any]) -> list[Any]:
    properties = schema.get("properties", {})
    if not isinstance(properties, dict):
        return [None]
    choices = [schema.get(key, []) for key in ("anyOf", "oneOf", "allOf")]
    listed = [item for choice in choices for item in (choice if isinstance(choice, list) else [None])]
    single = [schema[key] for key in ("items", "additionalProperties", "not") if key in schema]
    return [*properties.values(), *listed, *single]


def _check_choice(choice: Any, names: list[Any]) -> None:
    if choice is None:
        return
    kind = choice.get("type") if isinstance(choice, dict) else None
    if kind not in ("auto", "any", "tool", "none"):
        raise Refusal(f"tool_choice: Input tag '{kind}' does not match any of 'auto', 'any', 'tool', 'none'")
    if kind != "none" and not names:
        raise Refusal("tool_choice may only be specified while providing tools.")
    if kind == "tool" and choice.get("name") not in names:
        raise Refusal(f"Tool '{choice.get('name')}' not found in provided tools")
