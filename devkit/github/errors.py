"""Refusals as exceptions with the JSON that GitHub sends."""

from __future__ import annotations

from devkit.github.model import Json

DOCS = "https://docs.github.com/rest"


class Refused(Exception):
    """An answer that is not a success: status, message, extra JSON keys and headers."""

    def __init__(
        self, status: int, message: str, headers: dict[str, str] | None = None, errors: list[Json] | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.headers = headers or {}
        self.errors = errors

    def body(self) -> Json:
        body: Json = {"message": self.message, "documentation_url": DOCS, "status": str(self.status)}
        if self.errors is not None:
            body["errors"] = self.errors
        return body


def not_found() -> Refused:
    return Refused(404, "Not Found")


def invalid(resource: str, field: str, code: str, message: str | None = None) -> Refused:
    """422 Validation Failed with one error."""
    error = {"resource": resource, "field": field, "code": code} | ({"message": message} if message else {})
    return Refused(422, "Validation Failed", errors=[error])


def too_long(resource: str, field: str, maximum: int) -> Refused:
    """422 in the words of each kind: comments say it another way than issues."""
    if resource == "IssueComment":
        return invalid(resource, "data", "unprocessable", f"Body is too long (maximum is {maximum} characters)")
    return invalid(resource, field, "custom", f"{field} is too long (maximum is {maximum} characters)")


def unprocessable(message: str) -> Refused:
    return Refused(422, message)


def not_integration(accepted: str) -> Refused:
    return Refused(403, "Resource not accessible by integration", {"X-Accepted-GitHub-Permissions": accepted})
