"""Gemini behind generateContent, with the real `google-genai` library.

The model's Content is appended verbatim, thought signatures included, and survives JSON in the trajectory. Caching is
implicit: the same prefix is all it takes.
"""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any, Final

from pydantic import ValidationError

from ai.port import (
    Answered,
    Broken,
    Patience,
    ProviderError,
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
    from google.genai import types
    from google.genai.errors import APIError

OWN_ID: Final = "own-"
BUSY: Final = 429
USED_UP: Final = ("spend", "billing", "credits")
TRANSIENT: Final = frozenset({BUSY, 408, 500, 502, 503, 504})
STOPS: Final = {
    "STOP": Stop.END,
    "FINISH_REASON_UNSPECIFIED": Stop.END,
    "MAX_TOKENS": Stop.LENGTH,
    "MALFORMED_FUNCTION_CALL": Stop.MALFORMED,
    "UNEXPECTED_TOOL_CALL": Stop.MALFORMED,
    "TOO_MANY_TOOL_CALLS": Stop.MALFORMED,
    "MALFORMED_RESPONSE": Stop.MALFORMED,
    "RECITATION": Stop.RECITED,
    "OTHER": Stop.EMPTY,
}


class Gemini:
    """One Gemini model. `base_url` None is Google's own; raises only `ProviderError`s from `reply`."""

    provider = "gemini"

    def __init__(self, model: str, api_key: str, base_url: str | None = None, patience: Patience | None = None) -> None:
        from google import genai
        from google.genai import types

        self.model = model
        self._patience = patience or Patience()
        self._client = genai.Client(
            api_key=api_key,
            vertexai=False,
            http_options=types.HttpOptions(
                base_url=base_url,
                timeout=round(self._patience.timeout * 1000),
            ),
        )

    def reply(self, request: Request) -> Reply:
        """One request, tried again while that is worth a wait.

        Not by the library's retry options: they ignore the wait that the body of a 429 names, give up on connections
        that end early, and repeat a time-out as often as everything else.
        """
        for attempt in range(1, self._patience.attempts + 1):
            try:
                return self._once(request)
            except Retryable as error:
                wait = self._wait(error, attempt)
                if wait is None:
                    raise
                time.sleep(wait)
        raise Retryable("Gemini stayed busy")

    def _wait(self, error: Retryable, attempt: int) -> float | None:
        """Seconds until the next try; None to give up."""
        if not worth_another(error.__cause__):
            return None
        wait = error.after if error.after is not None else self._patience.first_wait * 2 ** (attempt - 1)
        return wait if attempt < self._patience.attempts and wait <= self._patience.longest_wait else None

    def _once(self, request: Request) -> Reply:
        import httpx2
        from google.genai import errors

        try:
            response = self._client.models.generate_content(
                model=self.model, contents=contents(request.turns), config=config(request)
            )
        except errors.APIError as error:
            raise told(error) from error
        except errors.UnknownApiResponseError as error:
            raise Retryable(f"Gemini's answer could not be read: {error}") from error
        except httpx2.HTTPError as error:
            raise Retryable(f"Gemini could not be reached: {error or type(error).__name__}") from error
        except ValidationError as error:
            return nothing(Stop.MALFORMED, Usage(), f"a call of the wrong shape: {error.errors()[0]['msg']}")
        except ValueError as error:
            raise Retryable(f"Gemini's answer could not be read: {error}") from error
        return read(response)


def worth_another(cause: BaseException | None) -> bool:
    """A limit, a passing failure or a broken connection; a service that hangs is left to the caller's longer wait."""
    import httpx2

    if isinstance(cause, httpx2.TransportError):
        return not isinstance(cause, httpx2.ReadTimeout)
    return getattr(cause, "code", None) in TRANSIENT


def told(error: APIError) -> ProviderError:
    """The `ProviderError` for a status."""
    return meant(error.code, error.details, f"Gemini: {error.message or error}")


def meant(code: int, body: Any, text: str) -> ProviderError:
    """The `ProviderError` for a status and the body of its answer."""
    if code == 404:
        return UnknownModel(text)
    if code == 402 or (code == BUSY and capped(body)):
        return SpendCap(text)
    if code in (401, 403) or "API_KEY_INVALID" in str(body):
        return Refused(text)
    if code in (408, BUSY) or code >= 500:
        return Retryable(text, retry_delay(body))
    return Broken(text)


def error_details(body: Any, kind: str) -> list[dict[str, Any]]:
    """The entries of an error body whose @type ends with `kind`."""
    error = body.get("error", body) if isinstance(body, dict) else {}
    details = error.get("details") if isinstance(error, dict) else None
    return [one for one in details or () if isinstance(one, dict) and str(one.get("@type", "")).endswith(kind)]


def retry_delay(body: Any) -> float | None:
    """Seconds of google.rpc.RetryInfo (`"17s"`), None where it is missing."""
    for info in error_details(body, "RetryInfo"):
        try:
            return float(str(info.get("retryDelay", "")).removesuffix("s"))
        except ValueError:
            continue
    return None


def capped(body: Any) -> bool:
    """A quota of a day or a month, or a spending cap: minutes of waiting do not help, and no wait is named."""
    violations = [one for info in error_details(body, "QuotaFailure") for one in info.get("violations") or ()]
    quotas = " ".join(str(one.get("quotaId", "")) for one in violations if isinstance(one, dict))
    if any(word in quotas for word in ("PerDay", "PerMonth", "Spend")):
        return True
    return retry_delay(body) is None and any(word in str(body).lower() for word in USED_UP)


def config(request: Request) -> types.GenerateContentConfig:
    """System parts, tools and limits of a request."""
    from google.genai import types

    declared = [
        types.FunctionDeclaration(
            name=spec.name, description=spec.description, parameters_json_schema=dict(spec.schema)
        )
        for spec in request.tools
    ]
    return types.GenerateContentConfig(
        system_instruction=[types.Part(text=part) for part in request.system if part] or None,
        tools=[types.Tool(function_declarations=declared)] if declared else None,
        automatic_function_calling=types.AutomaticFunctionCallingConfig(disable=True) if declared else None,
        max_output_tokens=request.max_out,
        response_mime_type="application/json" if request.answer_schema else None,
        response_json_schema=dict(request.answer_schema) if request.answer_schema else None,
    )


def contents(turns: tuple[Turn, ...]) -> list[Any]:
    """The conversation as Contents; earlier ones never change."""
    return [content(turn) for turn in turns]


def content(turn: Turn) -> types.Content:
    """One Content of the wire."""
    from google.genai import types

    if isinstance(turn, Reply):
        return types.Content.model_validate_json(json.dumps(turn.raw))
    if isinstance(turn, Said):
        return types.Content(role="user", parts=[types.Part(text=turn.text)])
    return types.Content(role="user", parts=response_parts(turn))


def response_parts(turn: Answered) -> list[types.Part]:
    """All results in the order of the calls, in one Content; an id goes back only if the service gave one."""
    from google.genai import types

    parts = [
        types.Part(
            function_response=types.FunctionResponse(
                id=None if one.call_id.startswith(OWN_ID) else one.call_id,
                name=one.name,
                response={"error" if one.is_error else "output": one.text},
            )
        )
        for one in turn.answers
    ]
    return [*parts, types.Part(text=turn.note)] if turn.note else parts


def read(response: types.GenerateContentResponse) -> Reply:
    """Our view of the response; None and missing parts are ordinary here, not errors."""
    usage = read_usage(response.usage_metadata)
    candidate = response.candidates[0] if response.candidates else None
    if candidate is None:
        return blocked(response, usage)
    reason = reason_of(candidate)
    stop = STOPS.get(reason, Stop.REFUSED) if reason else Stop.EMPTY
    if stop is not Stop.END:
        return nothing(stop, usage, candidate.finish_message or reason or "the answer ended early")
    if candidate.content is None or not candidate.content.parts:
        return nothing(Stop.EMPTY, usage, "a reply without content")
    return read_content(candidate.content, usage)


def reason_of(candidate: types.Candidate) -> str:
    """The finish reason's name, also of one that the library does not know; empty if the answer ended early."""
    return getattr(candidate.finish_reason, "name", None) or str(candidate.finish_reason or "")


def read_content(content: types.Content, usage: Usage) -> Reply:
    """Texts and calls of a Content; the Content itself, as JSON, is what goes back."""
    parts = content.parts or []
    text = "\n".join(part.text for part in parts if part.text and not part.thought)
    calls = tuple(read_function_call(part.function_call, n) for n, part in enumerate(parts) if part.function_call)
    if not calls and not text.strip():
        return nothing(Stop.EMPTY, usage, "a reply without text and without a call")
    raw = content.model_dump(mode="json", exclude_none=True, by_alias=True)
    return checked(Reply(text, calls, usage, Stop.CALLS if calls else Stop.END, raw))


def read_function_call(call: types.FunctionCall, n: int) -> ToolCall:
    """One functionCall part; no arguments at all is an empty object on this wire."""
    return read_call(call.id or f"{OWN_ID}{n}", call.name, {} if call.args is None else call.args)


def blocked(response: types.GenerateContentResponse, usage: Usage) -> Reply:
    """No candidate: the prompt was blocked, or nothing came at all."""
    feedback = response.prompt_feedback
    if feedback is None or feedback.block_reason is None:
        return nothing(Stop.EMPTY, usage, "a response without candidates")
    reason = getattr(feedback.block_reason, "name", str(feedback.block_reason))
    return nothing(Stop.BLOCKED, usage, feedback.block_reason_message or reason)


def read_usage(usage: Any) -> Usage:
    """Thinking tokens bill as output; cached ones are a part of the prompt."""
    if usage is None:
        return Usage()
    out = (usage.candidates_token_count or 0) + (usage.thoughts_token_count or 0)
    return Usage(usage.prompt_token_count or 0, usage.cached_content_token_count or 0, 0, out)
