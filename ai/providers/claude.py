"""Claude behind the Messages API, with the real `anthropic` library.

Breakpoints of the prompt cache: the end of the system parts, and the last block of the last two messages of ours, so
that the next request finds the present one cached however many blocks a turn adds (the service looks back 20 blocks).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ai.port import (
    Answered,
    Broken,
    Patience,
    Refused,
    Reply,
    Request,
    Retryable,
    Said,
    SpendCap,
    Stop,
    ToolCall,
    Turn,
    UnknownModel,
    Usage,
)
from ai.providers.wire import checked, nothing, read_call

if TYPE_CHECKING:
    from anthropic import APIStatusError

MARK: Final = {"type": "ephemeral"}
ROLLING: Final = 2
STOPS: Final = {
    "end_turn": Stop.END,
    "stop_sequence": Stop.END,
    "tool_use": Stop.CALLS,
    "pause_turn": Stop.PAUSE,
    "refusal": Stop.REFUSED,
    "max_tokens": Stop.LENGTH,
    "model_context_window_exceeded": Stop.CONTEXT,
}
CAPPED: Final = "spend_limit_reached"
BILLING: Final = 402
USED_UP: Final = ("usage limits", "credit balance")


class Claude:
    """One Claude model. `base_url` None is Anthropic's own; raises only `ProviderError`s from `reply`."""

    provider = "claude"

    def __init__(self, model: str, api_key: str, base_url: str | None = None, patience: Patience | None = None) -> None:
        import anthropic

        self.model = model
        self._patience = patience or Patience()
        self._client = anthropic.Anthropic(
            api_key=api_key,
            base_url=base_url,
            timeout=self._patience.timeout,
            max_retries=self._patience.attempts - 1,
            middleware=[self._no_useless_wait],
        )

    def reply(self, request: Request) -> Reply:
        """One request. The library retries what is transient; what it gives up on becomes a `ProviderError`."""
        import anthropic

        try:
            # The raw answer, as the library's models drop or warn about what a model got wrong in its calls.
            message = self._client.messages.with_raw_response.create(**self._body(request)).http_response.json()
        except anthropic.APIStatusError as error:
            raise told(error) from error
        except anthropic.APIConnectionError as error:
            raise Retryable(f"Claude could not be reached: {error}") from error
        except ValueError as error:
            raise Retryable(f"Claude's answer could not be read: {error}") from error
        if not isinstance(message, dict) or not isinstance(message.get("content"), list):
            raise Retryable("Claude's answer is no message")
        return read(message)

    def _body(self, request: Request) -> dict[str, Any]:
        body: dict[str, Any] = {
            "model": self.model,
            "max_tokens": request.max_out,
            "system": system_blocks(request.system),
            "messages": messages(request.turns),
            "timeout": self._patience.timeout,
        }
        if request.tools:
            body["tools"] = [
                {"name": spec.name, "description": spec.description, "input_schema": dict(spec.schema)}
                for spec in request.tools
            ]
        if request.answer_schema:
            body["output_config"] = {"format": {"type": "json_schema", "schema": dict(request.answer_schema)}}
        return body

    def _no_useless_wait(self, request: Any, call_next: Any) -> Any:
        """Stop the library's retries where waiting is useless (a spending cap) or longer than we hold a worker for."""
        import anthropic

        try:
            response = call_next(request)
        except anthropic.APITimeoutError:
            # From None: the library looks through the causes and would try again.
            raise Retryable(f"Claude did not answer within {self._patience.timeout:.0f} s") from None
        if response.status_code not in (BILLING, 429, 529):
            return response
        after = retry_after(response.headers)
        limited = response.status_code == 429
        if limited and after is None and response.headers.get("x-should-retry") != "true":
            raise SpendCap(f"Claude: {spoken(response)}")
        if after is not None and after > self._patience.longest_wait:
            raise Retryable(f"Claude asks to wait {after:.0f} s", after)
        return response


def spoken(response: Any) -> str:
    """The message of an error body, as far as there is one."""
    try:
        body = response.http_response.json()
    except ValueError:
        return f"status {response.status_code}"
    error = body.get("error") if isinstance(body, dict) else None
    return str(error.get("message", error)) if isinstance(error, dict) else f"status {response.status_code}"


def retry_after(headers: Any) -> float | None:
    """Seconds that the service asks to wait, None where it does not say."""
    for name, unit in (("retry-after-ms", 1000.0), ("retry-after", 1.0)):
        try:
            return float(headers.get(name)) / unit
        except (TypeError, ValueError):
            continue
    return None


def told(error: APIStatusError) -> Exception:
    """The `ProviderError` for a status that the library gave up on."""
    text = f"Claude: {error.api_message or error.message}"
    status = error.status_code
    if capped(status, error.error_code or "", text):
        return SpendCap(text)
    if status == 404:
        return UnknownModel(text)
    if status in (401, 403):
        return Refused(text)
    if status in (408, 409, 429) or status >= 500:
        return Retryable(text, retry_after(error.response.headers))
    return Broken(text)


def capped(status: int, code: str, text: str) -> bool:
    """Whether no money is left."""
    # The service says the words with 400, as if the request were wrong.
    in_words = status == 400 and any(word in text.lower() for word in USED_UP)
    return status == BILLING or code.endswith(CAPPED) or in_words


def system_blocks(parts: tuple[str, ...]) -> list[dict[str, Any]]:
    """The stable prefix, one block a part, with the breakpoint at its end."""
    blocks: list[dict[str, Any]] = [{"type": "text", "text": part} for part in parts if part]
    if blocks:
        blocks[-1]["cache_control"] = MARK
    return blocks


def messages(turns: tuple[Turn, ...]) -> list[dict[str, Any]]:
    """The conversation as the wire wants it; earlier messages never change, only the breakpoints roll."""
    sent = [message(turn) for turn in turns]
    ours = [each for each in sent if each["role"] == "user"]
    for each in ours[-ROLLING:]:
        each["content"][-1]["cache_control"] = MARK
    return sent


def message(turn: Turn) -> dict[str, Any]:
    """One message of the wire."""
    if isinstance(turn, Reply):
        return {"role": "assistant", "content": turn.raw}
    if isinstance(turn, Said):
        return {"role": "user", "content": [{"type": "text", "text": turn.text}]}
    return {"role": "user", "content": result_blocks(turn)}


def result_blocks(turn: Answered) -> list[dict[str, Any]]:
    """Results first, as the service demands, then our own sentence."""
    blocks: list[dict[str, Any]] = [
        {"type": "tool_result", "tool_use_id": one.call_id, "content": one.text, "is_error": one.is_error}
        for one in turn.answers
    ]
    if turn.note:
        blocks.append({"type": "text", "text": turn.note})
    return blocks


def read(message: dict[str, Any]) -> Reply:
    """Our view of the service's message; its content stays as `raw`, thinking blocks included."""
    usage = read_usage(message.get("usage") or {})
    raw = [block for block in message["content"] if isinstance(block, dict) and sendable(block)]
    stop = STOPS.get(str(message.get("stop_reason")), Stop.EMPTY)
    if stop not in (Stop.END, Stop.CALLS, Stop.PAUSE):
        return nothing(stop, usage, detail(message))
    return read_blocks(raw, usage, paused=stop is Stop.PAUSE)


def read_blocks(raw: list[dict[str, Any]], usage: Usage, paused: bool) -> Reply:
    """The texts and calls of a message that came to its end, or to a pause."""
    texts = [str(block.get("text", "")) for block in raw if block.get("type") == "text"]
    calls = tuple(read_tool_use(block) for block in raw if block.get("type") == "tool_use")
    if not calls and not texts:
        return nothing(Stop.EMPTY, usage, "a reply without text and without a call")
    if unsendable := next((call.problem for call in calls if call.problem), ""):
        return nothing(Stop.MALFORMED, usage, unsendable)
    if paused:
        return checked(Reply("\n".join(texts), calls, usage, Stop.PAUSE, raw))
    return checked(Reply("\n".join(texts), calls, usage, Stop.CALLS if calls else Stop.END, raw))


def sendable(block: dict[str, Any]) -> bool:
    """The service may answer with an empty or blank text block but refuses to take one back."""
    return block.get("type") != "text" or bool(str(block.get("text") or "").strip())


def read_tool_use(block: dict[str, Any]) -> ToolCall:
    """One tool_use block."""
    return read_call(str(block.get("id", "")), block.get("name"), block.get("input"))


def detail(message: dict[str, Any]) -> str:
    """Why nothing came, in the service's words."""
    details = message.get("stop_details") or {}
    return str(details.get("explanation") or details.get("category") or message.get("stop_reason") or "no stop reason")


def read_usage(usage: dict[str, Any]) -> Usage:
    """The service counts fresh, written and read tokens apart; ours is the sum with its parts."""
    written = int(usage.get("cache_creation_input_tokens") or 0)
    cached = int(usage.get("cache_read_input_tokens") or 0)
    fresh = int(usage.get("input_tokens") or 0)
    return Usage(fresh + written + cached, cached, written, int(usage.get("output_tokens") or 0))
