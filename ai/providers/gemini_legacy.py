"""Gemini through `google.generativeai`, the package that was asked for and whose support ended on 2025-11-30.

It drops the thought signatures that a tool loop of Gemini 3 needs, so it has no native tools here: every request is one
message with the conversation so far, and the model answers with structured JSON that names the calls.
"""

from __future__ import annotations

import importlib
import json
from typing import Any, Final

from ai.port import (
    Answered,
    Broken,
    Patience,
    ProviderError,
    Reply,
    Request,
    Retryable,
    Said,
    Stop,
    Turn,
    Usage,
)
from ai.providers.gemini import capped, meant, retry_delay
from ai.providers.wire import checked, nothing, read_call
from state.errors import Told

PACKAGE: Final = "google.generativeai"
HOW: Final = (
    'Answer with one JSON object and nothing else: {"text": "what you think, short", '
    '"calls": [{"name": "the name of a tool", "args": {...}}]}. '
    "The calls are carried out in order; you see their results in the next message. The tools:\n"
)


class GeminiLegacy:
    """One Gemini model behind the old library. Raises Told if the extra `gemini-legacy` is not installed."""

    provider = "gemini-legacy"

    def __init__(self, model: str, api_key: str, base_url: str | None = None, patience: Patience | None = None) -> None:
        try:
            self._library: Any = importlib.import_module(PACKAGE)
        except ImportError as error:
            raise Told(
                "The provider gemini-legacy needs the package google-generativeai, which is not installed.",
                "Install the extra: pip install 'dev-task-orchestrator[gemini-legacy]', or choose a gemini: model.",
            ) from error
        self.model = model
        self._patience = patience or Patience()
        endpoint = {"api_endpoint": base_url} if base_url else None
        self._library.configure(api_key=api_key, transport="rest", client_options=endpoint)

    def reply(self, request: Request) -> Reply:
        """One request; the library retries 429, 5xx and broken connections within the time of one try."""
        errors: Any = importlib.import_module("google.api_core.exceptions")
        model = self._library.GenerativeModel(self.model, system_instruction=instruction(request))
        settings = {"response_mime_type": "application/json", "max_output_tokens": request.max_out}
        try:
            response = model.generate_content(
                transcript(request.turns),
                generation_config=settings,
                request_options={"timeout": self._patience.timeout, "retry": self._retry()},
            )
        except OSError as error:
            raise Retryable(f"Gemini could not be reached: {error}") from error
        except errors.GoogleAPIError as error:
            raise told(error) from error
        return read(response, bool(request.tools))

    def _retry(self) -> Any:
        retries: Any = importlib.import_module("google.api_core.retry")
        waits = self._patience
        return retries.Retry(
            predicate=lambda error: retries.if_transient_error(error) and not capped(body_of(error)),
            initial=waits.first_wait,
            maximum=waits.longest_wait,
            timeout=waits.timeout,
        )


def told(error: Any) -> ProviderError:
    """The `ProviderError` for what the library gave up on; a `RetryError` holds the last of many in its cause."""
    last = getattr(error, "cause", None) or error
    text, body = f"Gemini: {error}", body_of(last)
    found = meant(int(getattr(last, "code", None) or 0), body, text)
    if last is not error and isinstance(found, Broken):
        return Retryable(text, retry_delay(body))  # the library only tries again what may pass
    return found


def body_of(error: Any) -> dict[str, Any]:
    """The error body as the wire has it, as far as the library kept it."""
    details = getattr(error, "details", None)
    return {"error": {"message": str(error), "details": details if isinstance(details, list) else []}}


def instruction(request: Request) -> str:
    """The system parts and the tools as text."""
    tools = [{"name": one.name, "description": one.description, "args": one.schema} for one in request.tools]
    how = HOW + "\n".join(json.dumps(one) for one in tools) if tools else ""
    return "\n\n".join((*request.system, how)).strip()


def transcript(turns: tuple[Turn, ...]) -> str:
    """The conversation as one message."""
    return "\n\n".join(map(written, turns))


def written(turn: Turn) -> str:
    """One turn as text."""
    if isinstance(turn, Reply):
        return f"You answered:\n{turn.raw}"
    if isinstance(turn, Said):
        return turn.text
    return "\n".join([result(turn, n) for n in range(len(turn.answers))] + ([turn.note] if turn.note else []))


def result(turn: Answered, n: int) -> str:
    """The result of the n-th call as text."""
    answer = turn.answers[n]
    return f"Result {n + 1} of {answer.name}{' (error)' if answer.is_error else ''}:\n{answer.text}"


def read(response: Any, tools: bool) -> Reply:
    """Our view of a response; with tools the text must be the JSON object that was asked for."""
    counted = response.usage_metadata
    usage = Usage(counted.prompt_token_count, counted.cached_content_token_count, 0, counted.candidates_token_count)
    candidate = response.candidates[0] if response.candidates else None
    if candidate is None:
        return nothing(Stop.BLOCKED, usage, "no candidate")
    reason = candidate.finish_reason.name
    if reason != "STOP":
        return nothing({"MAX_TOKENS": Stop.LENGTH, "RECITATION": Stop.RECITED}.get(reason, Stop.REFUSED), usage, reason)
    text = "".join(part.text for part in candidate.content.parts)
    if not text.strip():
        return nothing(Stop.EMPTY, usage, "a reply without text")
    return structured(text, usage) if tools else Reply(text, (), usage, Stop.END, text)


def structured(text: str, usage: Usage) -> Reply:
    """The calls in the JSON object."""
    try:
        answer = json.loads(text)
        rows = answer["calls"]
        calls = tuple(read_call(f"own-{n}", row["name"], row.get("args")) for n, row in enumerate(rows))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        return nothing(Stop.MALFORMED, usage, f"not the JSON object that was asked for: {error}")
    return checked(Reply(str(answer.get("text", "")), calls, usage, Stop.CALLS if calls else Stop.END, text))
