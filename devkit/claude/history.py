"""What the service refuses about the messages: order, empty texts, tool calls without results, changed thinking."""

from typing import Any

from devkit.claude.conversation import Blocks, turns
from devkit.claude.errors import Refusal
from devkit.claude.message import signature
from devkit.claude.models import Model

ROLES = ("user", "assistant", "system")
IN_USER = frozenset({"text", "image", "document", "tool_result", "search_result", "container_upload"})


def check_messages(messages: list[Any], thinking: Any, model: Model) -> None:
    """Raise the Refusal for the first thing in the history that the service does not take."""
    if not messages:
        raise Refusal("messages: at least one message is required")
    for index, message in enumerate(messages):
        _check_message(index, message, last=index == len(messages) - 1)
    if messages[0]["role"] != "user":
        raise Refusal('messages: first message must use the "user" role')
    said = turns(messages)
    _check_ids(said)
    _check_pairs(said)
    if messages[-1]["role"] == "assistant" and not model.prefill:
        raise Refusal(
            "This model does not support assistant message prefill. The conversation must end with a user message."
        )
    if isinstance(thinking, dict) and thinking.get("type") == "enabled":
        _check_thinking_first(said)


def _check_message(index: int, message: Any, last: bool) -> None:
    where = f"messages.{index}"
    if not isinstance(message, dict) or message.get("role") not in ROLES:
        raise Refusal(f"{where}.role: Input should be 'user', 'assistant' or 'system'")
    content = message.get("content")
    if content is None:
        raise Refusal(f"{where}.content: Field required")
    if not isinstance(content, str | list):
        raise Refusal(f"{where}.content: Input should be a valid list")
    if not content and not (last and message["role"] == "assistant"):
        raise Refusal(
            f"{where}: all messages must have non-empty content except for the optional final assistant message"
        )
    if isinstance(content, str):
        _check_string(content)
        return
    for number, block in enumerate(content):
        _check_block(f"{where}.content.{number}", block, message["role"])


def _check_string(content: str) -> None:
    if content and not content.strip():
        raise Refusal("messages: text content blocks must contain non-whitespace text")


def _check_block(where: str, block: Any, role: str) -> None:
    if not isinstance(block, dict) or not isinstance(block.get("type"), str):
        raise Refusal(f"{where}.type: Field required")
    kind = block["type"]
    _check_place(where, kind, role)
    if kind == "text":
        _check_text(block, role)
    if kind == "tool_use":
        _check_tool_use(where, block)
    if kind == "thinking" and block.get("signature") != signature(str(block.get("thinking"))):
        raise Refusal(f"{where}: Invalid `signature` in `thinking` block")


def _check_place(where: str, kind: str, role: str) -> None:
    if role != "assistant" and kind not in IN_USER:
        raise Refusal(f"{where}: `{kind}` blocks can only be used in `assistant` messages")
    if role == "assistant" and kind in ("document", "image", "tool_result"):
        raise Refusal(f"{where}: `{kind}` blocks can only be used in `user` messages")


def _check_text(block: dict[str, Any], role: str) -> None:
    text = block.get("text")
    if not isinstance(text, str) or not text:
        raise Refusal("messages: text content blocks must be non-empty")
    if not text.strip():
        raise Refusal("messages: text content blocks must contain non-whitespace text")
    if role == "user" and block.get("citations"):
        raise Refusal("messages: citations are not allowed on text blocks in user messages")


def _check_tool_use(where: str, block: dict[str, Any]) -> None:
    for key in ("id", "name", "input"):
        if key not in block:
            raise Refusal(f"{where}.tool_use.{key}: Field required")
    if not isinstance(block["input"], dict):
        raise Refusal(f"{where}.tool_use.input: Input should be a valid dictionary")


def _check_ids(said: list[tuple[str, int, Blocks]]) -> None:
    used: set[str] = set()
    for _, index, blocks in said:
        for block in blocks:
            if block["type"] == "tool_use":
                if block["id"] in used:
                    raise Refusal(f"messages.{index}: `tool_use` ids must be unique")
                used.add(block["id"])


def _check_pairs(said: list[tuple[str, int, Blocks]]) -> None:
    for number, (role, index, blocks) in enumerate(said):
        if role == "user":
            before = said[number - 1][2] if number else []
            _check_results(index, blocks, _ids(before, "tool_use", "id"))
        asked = _ids(blocks, "tool_use", "id")
        after = said[number + 1][2] if number + 1 < len(said) else []
        if missing := [name for name in asked if name not in _leading_results(after)]:
            raise Refusal(
                f"messages.{index}: `tool_use` ids were found without `tool_result` blocks immediately after: "
                f"{', '.join(missing)}. Each `tool_use` block must have a corresponding `tool_result` block in the "
                "next message."
            )


def _check_results(index: int, blocks: Blocks, asked: list[str]) -> None:
    given: set[str] = set()
    for number, block in enumerate(blocks):
        if block["type"] != "tool_result":
            continue
        name = block.get("tool_use_id")
        if name not in asked:
            raise Refusal(
                f"messages.{index}.content.{number}: unexpected `tool_use_id` found in `tool_result` blocks: {name}. "
                "Each `tool_result` block must have a corresponding `tool_use` block in the previous message."
            )
        if name in given:
            raise Refusal(
                f"messages.{index}.content.{number}: each tool_use must have a single result. Found multiple "
                f"`tool_result` blocks with id: {name}"
            )
        given.add(name)


def _leading_results(blocks: Blocks) -> list[str]:
    lead = []
    for block in blocks:
        if block["type"] != "tool_result":
            break
        lead.append(str(block.get("tool_use_id")))
    return lead


def _ids(blocks: Blocks, kind: str, key: str) -> list[str]:
    return [str(block.get(key)) for block in blocks if block["type"] == kind]


def _check_thinking_first(said: list[tuple[str, int, Blocks]]) -> None:
    index, blocks = next(((index, blocks) for role, index, blocks in reversed(said) if role == "assistant"), (0, []))
    if _ids(blocks, "tool_use", "id") and blocks[0]["type"] not in ("thinking", "redacted_thinking"):
        raise Refusal(
            f"messages.{index}.content.0.type: Expected `thinking` or `redacted_thinking`, but found "
            f"`{blocks[0]['type']}`. When `thinking` is enabled, a final `assistant` message must start with a "
            "thinking block (preceeding the lastmost set of `tool_use` and `tool_result` blocks)."
        )
