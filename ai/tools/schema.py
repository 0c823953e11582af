"""Small builders, so that a tool file reads as a description and nothing else."""

from __future__ import annotations

from typing import Any

from ai.port import ToolSpec


def text(about: str = "") -> dict[str, Any]:
    """A string argument; `about` says what its name does not."""
    return _argument("string", about)


def number(about: str = "") -> dict[str, Any]:
    """A whole-number argument."""
    return _argument("integer", about)


def flag(about: str = "") -> dict[str, Any]:
    """A true-or-false argument."""
    return _argument("boolean", about)


def rows(about: str, **fields: dict[str, Any]) -> dict[str, Any]:
    """A list of flat objects whose fields are all required."""
    item = {"type": "object", "properties": fields, "required": list(fields)}
    return {**_argument("array", about), "items": item}


def tool(name: str, description: str, required: tuple[str, ...] = (), **arguments: dict[str, Any]) -> ToolSpec:
    """A tool; arguments that are not named in `required` may be left out."""
    schema: dict[str, Any] = {"type": "object", "properties": arguments}
    if required:
        schema["required"] = list(required)
    return ToolSpec(name, " ".join(description.split()), schema)


def _argument(kind: str, about: str) -> dict[str, Any]:
    return {"type": kind, "description": about} if about else {"type": kind}
