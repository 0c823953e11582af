"""The gate's web application: the door for webhooks, and Flask for what people and machines ask about it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from flask import Flask, Response, jsonify
from sqlalchemy import Engine

from ghapp.gate.bells import Ring
from ghapp.gate.door import HEADERS, LIMIT, Door
from ghapp.gate.facts import GIB, Disk, ready
from ghapp.gate.inbox import Inbox
from ghapp.gate.metrics import Metrics
from state.errors import Told


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


def create_gate(parts: Gate) -> Flask:
    """The app. Raises Told when no webhook secret is configured: an open gate is never served."""
    if not parts.secrets or not all(parts.secrets):
        raise Told("No webhook secret is configured.", "Set GITHUB_WEBHOOK_SECRET.")
    app = Flask("devtask-gate", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = LIMIT
    inbox, disk, metrics = Inbox(parts.engine, parts.ring), Disk(parts.folder, parts.reserve), Metrics()
    door = Door(app.wsgi_app, parts.secrets, inbox, disk, metrics, parts.patience)
    app.wsgi_app = door  # type: ignore[method-assign]

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
