"""`POST /webhook` as plain WSGI: length, signature, store, 202. The body is not parsed here; that is a worker's risk.

It stands in front of Flask, whose request and response objects would cost as much CPU as the storing does.
GitHub waits 10 s and never sends again by itself, so a refusal names its reason and 503 is answered well before.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import SQLAlchemyError

from ghapp.gate.facts import Disk
from ghapp.gate.inbox import Inbox
from ghapp.gate.metrics import Metrics
from ghapp.gate.signature import verify, well_formed
from state.clock import monotonic
from state.failpoint import FailpointError
from state.logs import get_log
from state.store.arrivals import Arrival

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

PATH = "/webhook"
LIMIT = 25 * 1024 * 1024 + 64 * 1024
GUID = re.compile(r"[A-Za-z0-9-]{1,100}", re.ASCII)
EVENT = re.compile(r"[a-z_]{1,100}", re.ASCII)
LENGTH = re.compile(r"[0-9]{1,20}", re.ASCII)
KEPT = {
    "HTTP_X_GITHUB_HOOK_ID": "X-GitHub-Hook-ID",
    "HTTP_X_GITHUB_HOOK_INSTALLATION_TARGET_ID": "X-GitHub-Hook-Installation-Target-ID",
    "HTTP_X_GITHUB_HOOK_INSTALLATION_TARGET_TYPE": "X-GitHub-Hook-Installation-Target-Type",
    "CONTENT_TYPE": "Content-Type",
    "HTTP_USER_AGENT": "User-Agent",
}
HEADERS: Mapping[str, str] = {
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
}
ACK = [*HEADERS.items(), ("Content-Length", "0")]
STATUS = {
    400: "400 BAD REQUEST",
    401: "401 UNAUTHORIZED",
    405: "405 METHOD NOT ALLOWED",
    413: "413 REQUEST ENTITY TOO LARGE",
    503: "503 SERVICE UNAVAILABLE",
}
MORE: Mapping[int, Mapping[str, str]] = {405: {"Allow": "POST"}, 503: {"Retry-After": "5"}}


@dataclass(frozen=True)
class Refusal(Exception):
    """A delivery that is not stored, with the status and one word for the log and the numbers."""

    status: int
    result: str


@dataclass(frozen=True)
class Door:
    """The WSGI callable. `behind` answers every other path; `patience` as in `Gate`."""

    behind: WSGIApplication
    secrets: Sequence[str]
    inbox: Inbox
    disk: Disk
    metrics: Metrics
    patience: float

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answers, or lets Flask answer."""
        if environ.get("PATH_INFO") != PATH:
            return self.behind(environ, start_response)
        if environ["REQUEST_METHOD"] != "POST":
            return _refuse(Refusal(405, "POST only"), start_response)
        began = monotonic()
        try:
            result = self._receive(environ)
        except Refusal as refusal:
            self.metrics.count(refusal.result)
            get_log().info("delivery refused", result=refusal.result, status=refusal.status)
            return _refuse(refusal, start_response)
        self.metrics.count(result)
        self.metrics.took(monotonic() - began)
        start_response("202 ACCEPTED", ACK.copy())
        return []

    def _receive(self, environ: Mapping[str, Any]) -> str:
        raw = _body(environ, self.secrets)
        guid, event = environ.get("HTTP_X_GITHUB_DELIVERY", ""), environ.get("HTTP_X_GITHUB_EVENT", "")
        if not GUID.fullmatch(guid) or not EVENT.fullmatch(event):
            raise Refusal(400, "malformed")
        if self.disk.full():
            raise Refusal(503, "unavailable")
        headers = {name: environ[key][:200] for key, name in KEPT.items() if key in environ}
        try:
            stored = self.inbox.accept(Arrival(guid, event, headers, raw), self.patience)
        except (SQLAlchemyError, TimeoutError, FailpointError) as error:
            get_log(guid=guid).error("delivery not stored", error=type(error).__name__)
            raise Refusal(503, "unavailable") from None
        return "accepted" if stored.created else "duplicate"


def _refuse(refusal: Refusal, start: StartResponse) -> Iterable[bytes]:
    said = f"{refusal.result}\n".encode()
    plain = {"Content-Type": "text/plain; charset=utf-8", "Content-Length": str(len(said))}
    start(STATUS[refusal.status], [*{**HEADERS, **plain, **MORE.get(refusal.status, {})}.items()])
    return [said]


def _body(environ: Mapping[str, Any], secrets: Sequence[str]) -> bytes:
    """The signed bytes. A body without a length is never read, so nobody can vouch for it."""
    signature = environ.get("HTTP_X_HUB_SIGNATURE_256")
    if "HTTP_TRANSFER_ENCODING" in environ:
        raise Refusal(401, "unsigned")
    length = _length(environ.get("CONTENT_LENGTH"))
    if not well_formed(signature):
        raise Refusal(401, "unsigned")
    raw: bytes = environ["wsgi.input"].read(length)
    if len(raw) != length:
        raise Refusal(400, "malformed")
    if not verify(raw, signature, secrets):
        raise Refusal(401, "unsigned")
    if "HTTP_CONTENT_ENCODING" in environ:
        raise Refusal(400, "malformed")
    return raw


def _length(text: str | None) -> int:
    if not text or not LENGTH.fullmatch(text):
        raise Refusal(400, "malformed")
    if int(text) > LIMIT:
        raise Refusal(413, "too_large")
    return int(text)
