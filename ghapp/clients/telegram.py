"""Telegram's Bot API for the mirror. The token is in the path, so no path is ever said."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from ghapp.clients.errors import Bug, ClientError, Denied, Gone, Retry, Uncertain
from ghapp.clients.wire import Reply, Wire

DEADLINE = 10.0
LONGEST_WAIT = 3_600.0


class Telegram:
    """One bot. Texts are HTML that has passed `ghapp.emit.gate.gate_telegram`."""

    def __init__(self, token: str, api_url: str = "https://api.telegram.org", deadline: float = DEADLINE) -> None:
        self._wire = Wire(api_url, deadline)
        self._prefix = f"{urlsplit(api_url).path.rstrip('/')}/bot{token}"

    def send(self, chat_id: int | str, text: str, *, quiet: bool = False) -> int:
        """The new message's id. `Uncertain` when it may have been sent."""
        body = _message(chat_id, text) | ({"disable_notification": True} if quiet else {})
        result = self._call("sendMessage", body)
        try:
            return int(result["message_id"])
        except (KeyError, TypeError, ValueError):
            raise Uncertain("sendMessage: the answer was not understood") from None

    def edit(self, chat_id: int | str, message_id: int, text: str) -> None:
        """The message with another text; the same text again is no error. `Gone` if it cannot be edited any more."""
        try:
            self._call("editMessageText", _message(chat_id, text) | {"message_id": message_id})
        except Bug as refusal:
            if "not modified" not in str(refusal):
                raise

    def me(self) -> str:
        """The bot's user name: the probe of `doctor` and `/readyz`."""
        return str(self._call("getMe", {}).get("username", ""))

    def close(self) -> None:
        """Close the kept connection."""
        self._wire.close()

    def _call(self, method: str, body: Mapping[str, Any]) -> dict[str, Any]:
        content = json.dumps(body).encode()
        safe = method != "sendMessage"
        try:
            reply = self._wire.send("POST", f"{self._prefix}/{method}", {"Content-Type": "application/json"}, content)
        except Uncertain as trouble:
            raise (Retry if safe else Uncertain)(f"{method}: {_kind(trouble)}") from None
        except Retry as trouble:
            raise Retry(f"{method}: {_kind(trouble)}") from None
        answer = _answer(reply)
        if answer.get("ok") is True and isinstance(answer.get("result"), dict | bool):
            result = answer["result"]
            return result if isinstance(result, dict) else {}
        raise problem(method, reply.status, answer, safe)

    def __repr__(self) -> str:
        return f"Telegram({self._wire.origin})"


def problem(method: str, status: int, answer: Mapping[str, Any], safe: bool) -> ClientError:
    """The error that an answer without `ok` means; pure."""
    said = " ".join(str(answer.get("description", "")).split())[:200]
    text = f"{method}: {status} {said}".rstrip()
    lower = said.lower()
    if status == 429:
        return Retry(text, _pause(answer))
    if _is_token_refused(status, said):
        return Denied(text, "credentials")
    if status == 403 or "chat not found" in lower:
        return Denied(text, "blocked")
    if "message to edit not found" in lower or "can't be edited" in lower:
        return Gone(text)
    if _is_unclear(status, answer):
        return Retry(text) if safe else Uncertain(text)
    return Bug(text, status)


def _pause(answer: Mapping[str, Any]) -> float:
    """Seconds that a limit asks for."""
    parameters = answer.get("parameters")
    after = parameters.get("retry_after") if isinstance(parameters, dict) else None
    return min(float(after), LONGEST_WAIT) if isinstance(after, int | float) else 30.0


def _is_token_refused(status: int, said: str) -> bool:
    # a token that never was is 404 without a word about what is missing
    return status == 401 or (status == 404 and said in ("", "Not Found"))


def _is_unclear(status: int, answer: Mapping[str, Any]) -> bool:
    """Whether the answer leaves open what was done."""
    return status >= 500 or status < 300 or not answer


def _message(chat_id: int | str, text: str) -> dict[str, Any]:
    return {
        "chat_id": chat_id,
        "text": text,
        "parse_mode": "HTML",
        "link_preview_options": {"is_disabled": True},
    }


def _answer(reply: Reply) -> dict[str, Any]:
    try:
        data = json.loads(reply.body)
    except ValueError:
        return {}
    return data if isinstance(data, dict) else {}


def _kind(trouble: ClientError) -> str:
    """What the wire said after the path, which holds the token."""
    return str(trouble).rpartition(": ")[2]
