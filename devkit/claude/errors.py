"""The service's errors in its own JSON shape."""

import secrets
from collections.abc import Mapping
from typing import Any

from devkit.rig.answer import ScriptedError

STATUS_TYPES = {
    400: "invalid_request_error",
    401: "authentication_error",
    402: "billing_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    500: "api_error",
    504: "timeout_error",
    529: "overloaded_error",
}
SCRIPTED = {
    "rate_limit": (429, "This request would exceed your organization's rate limit of 50,000 input tokens per minute."),
    "spend_cap": (429, "This request would exceed your account's monthly spend limit. Please try again later."),
    "usage_limit": (400, "You have reached your specified API usage limits. You will regain access on 2026-12-01."),
    "no_credit": (400, "Your credit balance is too low to access the Anthropic API."),
    "overloaded": (529, "Overloaded"),
    "server_error": (500, "Internal server error"),
    "timeout": (504, "Request timed out"),
    "auth": (401, "invalid bearer token"),
    "permission": (403, "Your API key does not have permission to use the specified resource."),
    "bad_request": (400, "The request was refused."),
}


class Refusal(Exception):
    """The request is answered with this error; `headers` come with it."""

    def __init__(self, message: str, status: int = 400, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.headers = dict(headers or {})

    def to_json(self, request_id: str) -> dict[str, Any]:
        """`{"type": "error", "error": {"type", "message"}, "request_id"}`."""
        return {
            "type": "error",
            "error": {"type": STATUS_TYPES.get(self.status, "api_error"), "message": self.message},
            "request_id": request_id,
        }


def scripted_refusal(error: ScriptedError) -> Refusal:
    """The error that a script asks for. Only `rate_limit` carries retry-after by itself: a spend cap has none."""
    status, message = SCRIPTED[error.kind]
    wait = error.retry_after if error.retry_after is not None else (1 if error.kind == "rate_limit" else None)
    headers = {} if wait is None else {"retry-after": f"{wait:g}"}
    return Refusal(error.message or message, error.status or status, headers)


def new_id(prefix: str) -> str:
    """An id such as `req_011C...`."""
    return f"{prefix}_01{secrets.token_hex(11)}"
