"""Making the answer: a script's answer becomes a Message, and a Message becomes the events of a stream."""

import hashlib
import hmac
import json
from collections.abc import Iterator
from typing import Any

from devkit.claude.errors import Refusal, new_id
from devkit.rig.answer import Answer, Block
from devkit.rig.script import canonical, tokens_of

SIGNING_KEY = b"devkit.claude"
PIECES = 8


def signature(thought: str) -> str:
    """The signature of a thinking block: any change of the text makes it invalid."""
    return "Er" + hmac.new(SIGNING_KEY, thought.encode(), hashlib.sha256).hexdigest()


def content_of(answer: Answer) -> list[dict[str, Any]]:
    """The content blocks; a cut tool call has `_raw`, the text of its input as far as it goes."""
    return [_block(block) for block in answer.content]


def _block(block: Block) -> dict[str, Any]:
    if block.kind == "text":
        return {"type": "text", "text": block.text, "citations": None}
    if block.kind == "thinking":
        return {"type": "thinking", "thinking": block.text, "signature": signature(block.text)}
    made = {"type": "tool_use", "id": block.id or new_id("toolu"), "name": block.name, "caller": {"type": "direct"}}
    if block.raw_input is None:
        return {**made, "input": block.input}
    return {**made, "input": mended(block.raw_input), "_raw": block.raw_input}


def mended(raw: str) -> Any:
    """A cut JSON object read as far as it goes; `{}` where nothing can be read."""
    for end in ("", "}", '"}', '":null}', "null}", "]}", '"]}', "}]}", '"}]}', "}}", '"}}'):
        try:
            return json.loads(raw + end)
        except json.JSONDecodeError:
            continue
    return {}


def output_tokens(content: list[dict[str, Any]]) -> int:
    """Tokens of the answer by the stand-in's rule; never 0."""
    return max(1, sum(tokens_of(_weight(block)) for block in content))


def _weight(block: dict[str, Any]) -> bytes:
    if block["type"] == "tool_use":
        return f"{block['name']}{block.get('_raw') or ''}".encode() + canonical(block["input"])
    return str(block.get("text") or block.get("thinking")).encode()


def cut_to(content: list[dict[str, Any]], max_tokens: int) -> tuple[list[dict[str, Any]], bool]:
    """The content that fits into `max_tokens`, and whether something was cut. A cut call keeps what can be read."""
    kept: list[dict[str, Any]] = []
    left = max_tokens
    for block in content:
        weight = tokens_of(_weight(block))
        if weight <= left:
            kept.append(block)
            left -= weight
            continue
        if left > 0:
            kept.append(_cut_block(block, left * 4))
        return kept, True
    return kept, False


def _cut_block(block: dict[str, Any], size: int) -> dict[str, Any]:
    if block["type"] == "tool_use":
        raw = canonical(block["input"])[:size].decode("utf-8", "ignore")
        return {**block, "input": mended(raw), "_raw": raw}
    key = "text" if block["type"] == "text" else "thinking"
    short = str(block[key]).encode()[:size].decode("utf-8", "ignore")
    return {**block, key: short, **({"signature": signature(short)} if key == "thinking" else {})}


def message(answer: Answer, body: dict[str, Any], usage: dict[str, Any]) -> dict[str, Any]:
    """The Message as the non-streaming API returns it, except that cut calls still carry `_raw`."""
    content, cut = cut_to(content_of(answer), body["max_tokens"])
    stop = "max_tokens" if cut else answer.stop or ("tool_use" if answer.tool_calls else "end_turn")
    return {
        "id": new_id("msg"),
        "type": "message",
        "role": "assistant",
        "model": body["model"],
        "content": content,
        "stop_reason": stop,
        "stop_sequence": None,
        "stop_details": {"type": "refusal", "category": None, "explanation": None} if stop == "refusal" else None,
        "usage": {
            **usage,
            "output_tokens": body["max_tokens"] if cut else output_tokens(content),
            "service_tier": "standard",
            **answer.usage,
        },
    }


def without_raw(full: dict[str, Any]) -> dict[str, Any]:
    """The Message as it goes over the wire."""
    bare = [{key: value for key, value in block.items() if key != "_raw"} for block in full["content"]]
    return {**full, "content": bare}


def events(full: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """(name, data) of each event of the stream that carries this Message."""
    usage = full["usage"]
    start = {**full, "content": [], "stop_reason": None, "stop_details": None, "usage": {**usage, "output_tokens": 1}}
    yield "message_start", {"message": start}
    yield "ping", {}
    for index, block in enumerate(full["content"]):
        yield from _block_events(index, block)
    stopped = {key: full[key] for key in ("stop_reason", "stop_sequence", "stop_details")}
    counted = {key: value for key, value in usage.items() if key.endswith("_tokens")}
    yield "message_delta", {"delta": stopped, "usage": counted}
    yield "message_stop", {}


def _block_events(index: int, block: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    empty: dict[str, Any]
    match block["type"]:
        case "text":
            empty = {**block, "text": ""}
            deltas = [{"type": "text_delta", "text": piece} for piece in pieces(block["text"])]
        case "thinking":
            empty = {**block, "thinking": "", "signature": ""}
            deltas = [{"type": "thinking_delta", "thinking": piece} for piece in pieces(block["thinking"])]
            deltas.append({"type": "signature_delta", "signature": block["signature"]})
        case _:
            empty = {key: value for key, value in block.items() if key != "_raw"} | {"input": {}}
            raw = block.get("_raw") or json.dumps(block["input"], ensure_ascii=False)
            deltas = [{"type": "input_json_delta", "partial_json": piece} for piece in ["", *pieces(raw)]]
    yield "content_block_start", {"index": index, "content_block": empty}
    for delta in deltas:
        yield "content_block_delta", {"index": index, "delta": delta}
    yield "content_block_stop", {"index": index}


def pieces(text: str) -> list[str]:
    """The text in at most 8 pieces of at least 12 characters."""
    size = max(12, -(-len(text) // PIECES))
    return [text[start : start + size] for start in range(0, len(text), size)]


def sse(name: str, data: dict[str, Any]) -> bytes:
    """One server-sent event."""
    payload = json.dumps({"type": name, **data}, ensure_ascii=False)
    return f"event: {name}\ndata: {payload}\n\n".encode()


def stream_error(refusal: Refusal, request_id: str) -> bytes:
    """An error inside a stream that had begun with 200."""
    return sse("error", {key: value for key, value in refusal.to_json(request_id).items() if key != "type"})
