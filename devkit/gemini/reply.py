"""Making the answer: a script's answer becomes a GenerateContentResponse, whole or in the chunks of a stream."""

import hashlib
import json
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from devkit.gemini.conversation import every_piece
from devkit.gemini.models import CACHE_MINIMUM, Model
from devkit.gemini.signatures import new_signature
from devkit.rig.answer import Answer, Block
from devkit.rig.script import canonical, tokens_of

PIECES = 6
NO_CONTENT_STOPS = frozenset({"SAFETY", "RECITATION", "PROHIBITED_CONTENT", "BLOCKLIST", "SPII"})
MESSAGES = {
    "MALFORMED_FUNCTION_CALL": "Malformed function call: print(default_api.",
    "UNEXPECTED_TOOL_CALL": "Model tried to call an undeclared function.",
}


@dataclass
class PrefixCache:
    """Implicit caching: every prefix of every earlier request to the same model may be read by a later one."""

    _prefixes: set[str] = field(default_factory=set)

    def count(self, model: str, body: Mapping[str, Any]) -> tuple[int, int]:
        """(tokens of the prompt, tokens read from the cache); the request's own prefixes are kept."""
        running = hashlib.sha256(model.encode())
        total, cached = 0, 0
        for piece in every_piece(body):
            running.update(piece)
            total += tokens_of(piece)
            digest = running.hexdigest()
            if digest in self._prefixes:
                cached = total
            self._prefixes.add(digest)
        return total, cached if cached >= CACHE_MINIMUM else 0


def _part(block: Block) -> dict[str, Any]:
    if block.kind == "text":
        return {"text": block.text}
    if block.kind == "thinking":
        return {"text": block.text, "thought": True}
    call: dict[str, Any] = {"name": block.name, "id": block.id or secrets.token_hex(4)}
    return {"functionCall": call if block.input is None else {**call, "args": block.input}}


def parts_from(answer: Answer, model: Model, show_thoughts: bool) -> list[dict[str, Any]]:
    """The parts as the service sends them. A cut call (`raw_input`) is never sent: the service reports it by
    MALFORMED_FUNCTION_CALL. With Gemini 3 the first call, or else the last text, is signed; calls have ids."""
    blocks = [block for block in answer.content if block.raw_input is None]
    parts = [_part(block) for block in blocks if block.kind != "thinking" or show_thoughts]
    calls = [part for part in parts if "functionCall" in part]
    if not model.signed:
        for part in calls:
            del part["functionCall"]["id"]
    elif calls:
        calls[0]["thoughtSignature"] = new_signature()
    elif parts and "thought" not in parts[-1]:
        parts[-1]["thoughtSignature"] = new_signature()
    return parts


def weight(parts: list[dict[str, Any]]) -> int:
    """Tokens of the visible answer."""
    said = [part for part in parts if not part.get("thought")]
    return sum(tokens_of(part["text"].encode() if "text" in part else canonical(part["functionCall"])) for part in said)


def thought_tokens(answer: Answer) -> int:
    """Tokens of the thoughts, shown or not."""
    return sum(tokens_of(block.text.encode()) for block in answer.content if block.kind == "thinking")


def cut_to(parts: list[dict[str, Any]], tokens: int) -> tuple[list[dict[str, Any]], bool]:
    """The parts that fit, and whether something was cut; a call that does not fit is left out."""
    kept: list[dict[str, Any]] = []
    for part in parts:
        size = weight([part])
        if size > tokens:
            if "text" in part and tokens > 0:
                kept.append({**part, "text": part["text"].encode()[: tokens * 4].decode("utf-8", "ignore")})
            return kept, True
        kept.append(part)
        tokens -= size
    return kept, False


def finish_reason(answer: Answer, cut: bool) -> str:
    """The script's word, or what follows from the content."""
    if cut:
        return "MAX_TOKENS"
    if answer.stop:
        return answer.stop
    return "MALFORMED_FUNCTION_CALL" if any(block.raw_input is not None for block in answer.content) else "STOP"


def response(answer: Answer, body: Mapping[str, Any], model: Model, counted: tuple[int, int]) -> dict[str, Any]:
    """The whole GenerateContentResponse; `counted` is what `PrefixCache.count` gave."""
    config = body.get("generationConfig") or {}
    shown = bool((config.get("thinkingConfig") or {}).get("includeThoughts"))
    thoughts = thought_tokens(answer)
    parts = parts_from(answer, model, shown)
    parts, cut = cut_to(parts, config.get("maxOutputTokens", 65_536) - thoughts)
    full = {
        "usageMetadata": _usage(answer, weight(parts), thoughts, counted),
        "modelVersion": model.id,
        "responseId": secrets.token_urlsafe(16),
    }
    if answer.block_reason:
        return {"promptFeedback": {"blockReason": answer.block_reason}, **full}
    return {"candidates": [_candidate(answer, parts, finish_reason(answer, cut))], **full}


def _candidate(answer: Answer, parts: list[dict[str, Any]], stop: str) -> dict[str, Any]:
    content = {"role": "model", "parts": parts} if parts else {"role": "model"}
    candidate: dict[str, Any] = {"finishReason": stop, "index": 0}
    if message := MESSAGES.get(stop):
        candidate["finishMessage"] = message
    if answer.no_content or (stop in NO_CONTENT_STOPS and not parts):
        return candidate
    return {"content": content, **candidate}


def _usage(answer: Answer, said: int, thoughts: int, counted: tuple[int, int]) -> dict[str, Any]:
    prompt, cached = counted
    usage: dict[str, Any] = {"promptTokenCount": prompt, "totalTokenCount": prompt + said + thoughts}
    usage["promptTokensDetails"] = [{"modality": "TEXT", "tokenCount": prompt}]
    for name, value in (
        ("candidatesTokenCount", said),
        ("thoughtsTokenCount", thoughts),
        ("cachedContentTokenCount", cached),
    ):
        if value:
            usage[name] = value
    return {**usage, **answer.usage}


def chunks(full: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The response in the chunks of a stream; only the last one has a finishReason."""
    if "candidates" not in full or "parts" not in full["candidates"][0].get("content", {}):
        yield full
        return
    (candidate,) = full["candidates"]
    split = [piece for part in candidate["content"]["parts"] for piece in _split(part)]
    for number, part in enumerate(split):
        last = number == len(split) - 1
        kept = candidate if last else {"index": 0}
        yield {**full, "candidates": [{**kept, "content": {"role": "model", "parts": [part]}}]}


def _split(part: dict[str, Any]) -> list[dict[str, Any]]:
    text = part.get("text", "")
    size = max(16, -(-len(text) // PIECES))
    if len(text) <= size:
        return [part]
    bare = {key: value for key, value in part.items() if key != "thoughtSignature"}
    pieces = [{**bare, "text": text[start : start + size]} for start in range(0, len(text), size)]
    signature = part.get("thoughtSignature")
    return pieces + ([{"text": "", "thoughtSignature": signature}] if signature else [])


def sse(chunk: dict[str, Any]) -> bytes:
    """One event of a stream with alt=sse."""
    return f"data: {json.dumps(chunk, ensure_ascii=False)}\r\n\r\n".encode()
