"""The service's errors in Google's JSON shape."""

from typing import Any

from devkit.rig.answer import ScriptedError

STATUS_NAMES = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}
QUOTA = "You exceeded your current quota, please check your plan and billing details."
SCRIPTED = {
    "rate_limit": (429, QUOTA),
    "spend_cap": (429, QUOTA),
    "usage_limit": (429, QUOTA),
    "no_credit": (429, "Your prepayment credits are depleted."),
    "overloaded": (503, "The model is overloaded. Please try again later."),
    "server_error": (500, "An internal error has occurred. Please retry or report in the documented channels."),
    "timeout": (504, "The request timed out. Please try again."),
    "auth": (400, "API key not valid. Please pass a valid API key."),
    "permission": (403, "The caller does not have permission"),
    "bad_request": (400, "Request contains an invalid argument."),
}
BAD_KEY = [
    {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": "API_KEY_INVALID",
        "domain": "googleapis.com",
        "metadata": {"service": "generativelanguage.googleapis.com"},
    }
]


class Refusal(Exception):
    """The request is answered with this error."""

    def __init__(self, message: str, code: int = 400, details: list[dict[str, Any]] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.details = details or []

    def to_json(self) -> dict[str, Any]:
        """`{"error": {"code", "message", "status", "details"}}`."""
        body = {"code": self.code, "message": self.message, "status": STATUS_NAMES.get(self.code, "UNKNOWN")}
        return {"error": {**body, "details": self.details} if self.details else body}


def scripted_refusal(error: ScriptedError) -> Refusal:
    """The error that a script asks for. `rate_limit` names the wait in RetryInfo, `spend_cap` does not."""
    code, message = SCRIPTED[error.kind]
    wait = error.retry_after if error.retry_after is not None else (1 if error.kind == "rate_limit" else None)
    details: list[dict[str, Any]] = list(BAD_KEY) if error.kind == "auth" else []
    if wait is not None:
        details.append({"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": f"{wait:g}s"})
    return Refusal(error.message or message, error.status or code, details)
