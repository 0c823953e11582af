"""Reading a Messages request: plain functions from its JSON to what the other modules need."""

from collections.abc import Iterator, Mapping
from typing import Any

from devkit.rig.script import Seen

Blocks = list[dict[str, Any]]


def blocks_of(content: Any) -> Blocks:
    """Content as a list of blocks, whether it was a text or a list."""
    return [{"type": "text", "text": content}] if isinstance(content, str) else list(content)


def text_of(content: Any) -> str:
    """The texts in some content, joined by newlines."""
    return "\n".join(str(block.get("text", "")) for block in blocks_of(content) if block.get("type") == "text")


def turns(messages: list[dict[str, Any]]) -> list[tuple[str, int, Blocks]]:
    """(role, index of its first message, blocks): consecutive messages of one role are one turn."""
    found: list[tuple[str, int, Blocks]] = []
    for index, message in enumerate(messages):
        blocks = blocks_of(message["content"])
        if found and found[-1][0] == message["role"]:
            found[-1][2].extend(blocks)
        else:
            found.append((message["role"], index, list(blocks)))
    return found


def tool_result_text(block: Mapping[str, Any]) -> str:
    """The text of a tool_result block."""
    return text_of(block.get("content") or "")


def every_block(body: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """(part, block) of tools, system and messages in the order in which the service caches them. The message blocks'
    part is `messages.<role>`."""
    for tool in body.get("tools") or []:
        yield "tools", tool
    for block in blocks_of(body.get("system") or []):
        yield "system", block
    for message in body["messages"]:
        for block in blocks_of(message["content"]):
            yield f"messages.{message['role']}", block


def seen_from(body: Mapping[str, Any]) -> Seen:
    """The request as scripts see it."""
    said = turns(body["messages"])
    last: Blocks = next((blocks for role, _, blocks in reversed(said) if role == "user"), [])
    texts = [text_of(blocks) for role, _, blocks in said if role == "user"]
    return Seen(
        model=body["model"],
        system=text_of(body.get("system") or ""),
        user=next((text for text in reversed(texts) if text), ""),
        tool_results=tuple(tool_result_text(block) for block in last if block.get("type") == "tool_result"),
        tools=tuple(str(tool.get("name", "")) for tool in body.get("tools") or []),
        turn=sum(1 for role, _, _ in said if role == "assistant"),
        request=body,
    )
