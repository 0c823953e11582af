"""The gate's WSGI app: length, signature, store, 202. The body is not parsed here; that is a worker's risk.

GitHub waits 10 s and never sends again by itself, so a refusal names its reason and 503 is answered well before.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from flask import Flask, Request, Response, jsonify, request
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import ClientDisconnected

from ghapp.gate.facts import GIB, Disk, ready
from ghapp.gate.inbox import Inbox, Ring
from ghapp.gate.metrics import Metrics
from ghapp.gate.signature import verify, well_formed
from state.clock import monotonic
from state.errors import Told
from state.failpoint import FailpointError
from state.logs import get_log
from state.store.arrivals import Arrival

LIMIT = 25 * 1024 * 1024 + 64 * 1024
GUID = re.compile(r"[A-Za-z0-9-]{1,100}", re.ASCII)
EVENT = re.compile(r"[a-z_]{1,100}", re.ASCII)
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


@dataclass(frozen=True)
class Gate:
    """What the gate is made of. `secrets`: one webhook secret, or two while it is rotated; `redis` tells if it answers.

    `patience` is how long, in seconds, a sender waits for the database; `reserve` is free disk, in bytes.
    """

    engine: Engine
    secrets: Sequence[str]
    folder: Path
    ring: Ring | None = None
    redis: Callable[[], bool] = lambda: True
    telegram: bool = False
    patience: float = 8.0
    reserve: int = GIB


@dataclass(frozen=True)
class Refusal(Exception):
    """A delivery that is not stored, with the status and one word for the log and the numbers."""

    status: int
    result: str


def create_gate(parts: Gate) -> Flask:
    """The app. Raises Told when no webhook secret is configured: an open gate is never served."""
    if not parts.secrets or not all(parts.secrets):
        raise Told("No webhook secret is configured.", "Set GITHUB_WEBHOOK_SECRET.")
    app = Flask("devtask-gate", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = LIMIT
    inbox, disk, metrics = Inbox(parts.engine, parts.ring), Disk(parts.folder, parts.reserve), Metrics()

    @app.post("/webhook")
    def webhook() -> Response:
        began = monotonic()
        try:
            result = _receive(request, parts, inbox, disk)
        except Refusal as refusal:
            metrics.count(refusal.result)
            get_log().info("delivery refused", result=refusal.result, status=refusal.status)
            retry = {"Retry-After": "5"} if refusal.status == 503 else None
            return Response(refusal.result + "\n", refusal.status, retry, mimetype="text/plain")
        metrics.count(result)
        metrics.took(monotonic() - began)
        return Response(status=202)

    @app.get("/healthz")
    def healthz() -> Response:
        return Response("ok\n", mimetype="text/plain")

    @app.get("/readyz")
    def readyz() -> tuple[Response, int]:
        seen = ready(parts.engine, parts.redis, disk, telegram=parts.telegram)
        return jsonify(seen.json()), 503 if seen.status == "down" else 200

    @app.get("/metrics")
    def numbers() -> Response:
        return Response(metrics.render(), content_type="text/plain; version=0.0.4; charset=utf-8")

    @app.after_request
    def secure(response: Response) -> Response:
        response.headers.update(HEADERS)
        return response

    return app


def _receive(sent: Request, parts: Gate, inbox: Inbox, disk: Disk) -> str:
    raw = _body(sent, parts.secrets)
    environ = sent.environ
    guid, event = environ.get("HTTP_X_GITHUB_DELIVERY", ""), environ.get("HTTP_X_GITHUB_EVENT", "")
    if not GUID.fullmatch(guid) or not EVENT.fullmatch(event):
        raise Refusal(400, "malformed")
    if disk.full():
        raise Refusal(503, "unavailable")
    headers = {name: environ[key][:200] for key, name in KEPT.items() if key in environ}
    try:
        stored = inbox.accept(Arrival(guid, event, headers, raw), parts.patience)
    except (SQLAlchemyError, TimeoutError, FailpointError) as error:
        get_log(guid=guid).error("delivery not stored", error=type(error).__name__)
        raise Refusal(503, "unavailable") from None
    return "accepted" if stored.created else "duplicate"


def _body(sent: Request, secrets: Sequence[str]) -> bytes:
    """The signed bytes. A body without a length is never read, so nobody can vouch for it."""
    signature = sent.environ.get("HTTP_X_HUB_SIGNATURE_256")
    if "HTTP_TRANSFER_ENCODING" in sent.environ:
        raise Refusal(401, "unsigned")
    length = sent.content_length
    if length is None:
        raise Refusal(400, "malformed")
    if length > LIMIT:
        raise Refusal(413, "too_large")
    if not well_formed(signature):
        raise Refusal(401, "unsigned")
    try:
        raw = sent.get_data(cache=False)
    except ClientDisconnected:
        raise Refusal(400, "malformed") from None
    if len(raw) != length:
        raise Refusal(400, "malformed")
    if not verify(raw, signature, secrets):
        raise Refusal(401, "unsigned")
    if "HTTP_CONTENT_ENCODING" in sent.environ:
        raise Refusal(400, "malformed")
    return raw
