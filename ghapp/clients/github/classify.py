"""What an answer of GitHub means for the caller; pure."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from ghapp.clients.errors import Bug, ClientError, Denied, Gone, Retry, Uncertain
from ghapp.clients.wire import SAFE, Reply

SECONDARY_WAIT = 60.0
LONGEST_WAIT = 3_900.0
# the same again has the same effect: labels and reactions are sets, PUT, PATCH and DELETE by nature
_REPEATABLE = re.compile(r"/(?:labels|reactions|access_tokens)$")


class Expired(ClientError):
    """401: the token is no longer good; mint again once."""


class Moved(ClientError):
    """A redirect; `location` is what GitHub named."""

    def __init__(self, text: str, location: str) -> None:
        super().__init__(text)
        self.location = location


def problem(method: str, path: str, reply: Reply, now: float) -> ClientError | None:
    """The error that an answer means, None if it is good. `now` is Unix time, for rate limits that name their reset."""
    where = f"{method} {path.partition('?')[0]}: {reply.status}"
    if reply.status in (301, 302, 307, 308):
        return Moved(where, reply.headers.get("location", ""))
    if reply.status < 300:
        return None if _is_json(reply) else _unclear(method, path, f"{where}, not JSON")
    message = said(reply.body)
    text = f"{where} {message}".rstrip()
    if _is_limit(reply, message):
        return Retry(text, pause(reply.headers, now))
    if reply.status == 401:
        return Expired(text)
    if reply.status == 403:
        return Denied(text, _reason(message))
    if reply.status in (404, 410, 451):
        return Gone(text)
    if reply.status >= 500 or reply.status in (408, 409, 423):
        return _unclear(method, path, text)
    return Bug(text, reply.status)


def pause(headers: Mapping[str, str], now: float) -> float:
    """Seconds that a limit asks for: Retry-After, else until the reset, else a minute (GitHub's rule)."""
    after = headers.get("retry-after", "")
    if after.isdigit():
        return min(float(after), LONGEST_WAIT)
    reset = headers.get("x-ratelimit-reset", "")
    if headers.get("x-ratelimit-remaining") == "0" and reset.isdigit():
        return min(max(1.0, float(reset) - now + 1), LONGEST_WAIT)
    return SECONDARY_WAIT


def said(body: bytes) -> str:
    """GitHub's message, in one short line; empty where there is none."""
    try:
        data: Any = json.loads(body)
    except ValueError:
        return ""
    message = data.get("message", "") if isinstance(data, dict) else ""
    return " ".join(str(message).split())[:200]


def _is_json(reply: Reply) -> bool:
    if reply.status in (202, 204, 205) and not reply.body:
        return True
    try:
        json.loads(reply.body)
    except ValueError:
        return False
    return True


def _is_limit(reply: Reply, message: str) -> bool:
    headers = reply.headers
    if reply.status not in (403, 429):
        return False
    if reply.status == 429 or "retry-after" in headers or headers.get("x-ratelimit-remaining") == "0":
        return True
    return "rate limit" in message.lower() or "abuse" in message.lower()


def _reason(message: str) -> str:
    lower = message.lower()
    for word in ("suspended", "locked", "archived"):
        if word in lower:
            return word
    return "archived" if "read-only" in lower else "permission"


def _unclear(method: str, path: str, text: str) -> ClientError:
    sure = method in SAFE or method in ("PUT", "PATCH", "DELETE") or _REPEATABLE.search(path.partition("?")[0])
    return Retry(text) if sure else Uncertain(text)
