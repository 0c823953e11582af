"""Reading a generateContent request: plain functions from its JSON to what the other modules need."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from devkit.rig.script import Seen, canonical

OPAQUE = frozenset({"args", "response", "parameters", "parametersJsonSchema", "responseSchema", "responseJsonSchema"})


def camel(value: Any) -> Any:
    """The request with its own field names in camelCase (the service takes snake_case too); what a person named
    (arguments, responses, schemas) stays as it is."""
    if isinstance(value, list):
        return [camel(item) for item in value]
    if not isinstance(value, dict):
        return value
    renamed = {re.sub(r"_([a-z])", lambda found: found[1].upper(), key): inner for key, inner in value.items()}
    return {key: inner if key in OPAQUE else camel(inner) for key, inner in renamed.items()}


def parts_of(content: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The parts of a content."""
    return list(content.get("parts") or [])


def text_of(content: Mapping[str, Any]) -> str:
    """The texts of a content that are no thoughts, joined by newlines."""
    return "\n".join(part["text"] for part in parts_of(content) if "text" in part and not part.get("thought"))


def calls_in(content: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The parts that are function calls."""
    return [part for part in parts_of(content) if "functionCall" in part]


def responses_in(content: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The function responses of a content."""
    return [part["functionResponse"] for part in parts_of(content) if "functionResponse" in part]


def declarations(body: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Every declared function."""
    return [item for tool in body.get("tools") or [] for item in tool.get("functionDeclarations") or []]


def every_piece(body: Mapping[str, Any]) -> Iterator[bytes]:
    """The prompt in pieces, in the order in which the service reads it: system, tools, then each part."""
    for part in parts_of(body.get("systemInstruction") or {}):
        yield b"system" + canonical(part)
    for tool in body.get("tools") or []:
        yield b"tool" + canonical(tool)
    for content in body.get("contents") or []:
        for part in parts_of(content):
            yield str(content.get("role")).encode() + canonical(part)


def response_text(response: Mapping[str, Any]) -> str:
    """What a function response says: its texts, or its JSON where it has none."""
    given = response.get("response") or {}
    texts = [value for value in given.values() if isinstance(value, str)]
    return "\n".join(texts) or canonical(given).decode()


def seen_from(model: str, body: Mapping[str, Any]) -> Seen:
    """The request as scripts see it."""
    contents = body["contents"]
    users = [content for content in contents if content.get("role") != "model"]
    texts = [text_of(content) for content in users]
    last = responses_in(contents[-1])
    return Seen(
        model=model,
        system=text_of(body.get("systemInstruction") or {}),
        user=next((text for text in reversed(texts) if text), ""),
        tool_results=tuple(response_text(response) for response in last),
        tools=tuple(str(item.get("name")) for item in declarations(body)),
        turn=sum(1 for content in contents if content.get("role") == "model"),
        request=body,
    )
