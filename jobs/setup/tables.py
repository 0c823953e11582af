"""Tables that anybody may have written: what is missing, broken or of another kind reads as empty. Pure."""

from __future__ import annotations

import tomllib
from typing import Any


def toml(text: str | None) -> dict[str, Any]:
    """A TOML file as a dictionary; empty where it is missing or broken."""
    try:
        return tomllib.loads(text or "")
    except tomllib.TOMLDecodeError:
        return {}


def at(value: Any, *path: str) -> Any:
    """What stands under these keys, one within the other; None where a key is missing."""
    for part in path:
        value = value.get(part) if isinstance(value, dict) else None
    return value


def table(value: Any) -> dict[str, Any]:
    """The value as a table."""
    return value if isinstance(value, dict) else {}


def keys(value: Any) -> list[str]:
    """The keys of a table."""
    return [str(key) for key in table(value)]


def values(value: Any) -> list[Any]:
    """The values of a table."""
    return list(table(value).values())


def tables(value: Any) -> list[dict[str, Any]]:
    """The tables of a list."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def texts(value: Any) -> list[str]:
    """The texts of a list."""
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []
