"""Composition root of the web process: settings are read here, once. Serve with `gunicorn "ghapp.wsgi:gate()"`."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from state.settings import Process, Settings, load_settings

if TYPE_CHECKING:
    from flask import Flask


DOTENV = Path(".env")


def gate(settings: Settings | None = None) -> Flask:
    """The gate with everything it may know. Raises SettingsError, naming all that is missing or wrong."""
    from ghapp.gate import Gate, create_gate
    from state.db.engine import make_engine
    from state.logs import start_logs
    from state.queue import ring

    known = settings or load_settings(Process.GATE, dotenv=DOTENV)
    start_logs(known.logs_path, known.log_level, known.redactor())
    redis_url = known.redis_url.get_secret_value()
    return create_gate(
        Gate(
            engine=make_engine(known.db_url),
            secrets=known.webhook_secrets,
            folder=known.data_path,
            ring=partial(ring, redis_url=redis_url),
            redis=partial(redis_answers, redis_url),
            telegram=known.telegram_bot_token is not None,
        )
    )


def redis_answers(url: str) -> bool:
    """One ping with a short time-out."""
    from redis import Redis
    from redis.exceptions import RedisError

    client = Redis.from_url(url, socket_timeout=0.2, socket_connect_timeout=0.2)
    try:
        return bool(client.ping())
    except (RedisError, OSError):
        return False
    finally:
        client.close()
