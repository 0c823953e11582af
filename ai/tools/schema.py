"""Small builders, so that a tool file reads as a description and nothing else."""

from __future__ import annotations

from typing import Any

from ai.port import ToolSpec


def text(about: str) -> dict[str, Any]:
    """A string argument."""
    return {"type": "string", "description": about}


def number(about: str) -> dict[str, Any]:
    """A whole-number argument."""
    return {"type": "integer", "description": about}


def flag(about: str) -> dict[str, Any]:
    """A true-or-false argument."""
    return {"type": "boolean", "description": about}


def rows(about: str, **fields: dict[str, Any]) -> dict[str, Any]:
    """A list of flat objects whose fields are all required."""
    item = {"type": "object", "properties": fields, "required": list(fields)}
    return {"type": "array", "description": about, "items": item}


def tool(name: str, description: str, required: tuple[str, ...] = (), **arguments: dict[str, Any]) -> ToolSpec:
    """A tool; arguments that are not named in `required` may be left out."""
    schema = {"type": "object", "properties": arguments, "required": list(required)}
    return ToolSpec(name, " ".join(description.split()), schema)
