"""The Bot API's refusals."""

from typing import Any

NAMES = {
    400: "Bad Request: ",
    401: "Unauthorized",
    403: "Forbidden: ",
    404: "Not Found",
    409: "Conflict: ",
    429: "Too Many Requests: ",
}


class Refusal(Exception):
    """`{"ok": false, "error_code", "description"}`; `retry_after` in seconds comes in `parameters`."""

    def __init__(self, reason: str = "", code: int = 400, retry_after: int | None = None) -> None:
        super().__init__(reason)
        self.code = code
        self.description = NAMES[code] + reason
        self.retry_after = retry_after

    def to_json(self) -> dict[str, Any]:
        """The answer's body."""
        body: dict[str, Any] = {"ok": False, "error_code": self.code, "description": self.description}
        return body if self.retry_after is None else {**body, "parameters": {"retry_after": self.retry_after}}
