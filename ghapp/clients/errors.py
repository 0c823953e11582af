"""What a caller can do about a call that did not work; the same family for every service."""

from __future__ import annotations


class ClientError(Exception):
    """Base. The text is for logs: service, method, path and status, never a token or a body of ours."""


class Retry(ClientError):
    """Nothing happened; do the same again after `after` seconds (None: the caller's own back-off)."""

    def __init__(self, text: str, after: float | None = None) -> None:
        super().__init__(text)
        self.after = after


class Uncertain(ClientError):
    """It may have happened: read back before doing it again."""


class Denied(ClientError):
    """We may not. `reason`: credentials, permission, suspended, locked, archived, minting, blocked."""

    def __init__(self, text: str, reason: str = "permission") -> None:
        super().__init__(text)
        self.reason = reason


class Gone(ClientError):
    """It is not there (any more), or not for us; `moved_to` is the API path that the service named, if any."""

    def __init__(self, text: str, moved_to: str | None = None) -> None:
        super().__init__(text)
        self.moved_to = moved_to


class Bug(ClientError):
    """The service refuses what we sent (400, 422): the same again would be refused again."""

    def __init__(self, text: str, status: int = 0) -> None:
        super().__init__(text)
        self.status = status


class Unanswerable(ClientError):
    """A question about permission could not be answered; the answer is then no."""
