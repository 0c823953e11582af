"""The workers' composition root: settings read once, and from them the engine, clients and logs of this process."""

from __future__ import annotations

import importlib
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from sqlalchemy import Engine

from ai.providers.factory import check_models
from jobs.processes import holder
from state.clock import clock
from state.db.engine import make_engine
from state.db.engine import write as writing
from state.logs import start_logs
from state.redact import Redactor
from state.settings import Process, Settings, load_settings
from state.store import rates, values

if TYPE_CHECKING:
    from ghapp.clients.github import GitHubApp
    from ghapp.clients.telegram import Telegram

DOTENV = Path(".env")
HEAVY = {
    "chat": ("github",),
    "plan": ("github", "anthropic"),
    "step": ("github", "google.genai"),
}
"""What the jobs of a queue import in any case: loaded once, before the first fork."""

TELEGRAM_SECONDS = 5.0
"""What the mirror may cost the queue that also answers people."""

_lock = threading.Lock()
_settings: dict[Process, Settings] = {}
_runtimes: dict[int, Runtime] = {}


@dataclass
class Runtime:
    """What a job needs of the world. One per process: a forked job makes its own."""

    settings: Settings

    @cached_property
    def engine(self) -> Engine:
        """The database."""
        return make_engine(self.settings.db_url)

    @cached_property
    def owner(self) -> str:
        """Who holds a lease."""
        return holder()

    @cached_property
    def redactor(self) -> Redactor:
        """Knows every live secret of the settings."""
        return self.settings.redactor()

    @cached_property
    def marker_key(self) -> bytes:
        """The key of our comments' markers."""
        with writing(self.engine) as session:
            return values.marker_key(session)

    @cached_property
    def github(self) -> GitHubApp:
        """GitHub; each new token is known to the redactor before it is used."""
        from ghapp.clients.github import GitHubApp

        return GitHubApp(
            self.settings.github_app_id or 0,
            self.settings.private_key(),
            self.settings.github_api_url,
            budget=lambda installation: SharedBudget(self.engine, installation),
            on_token=self._learn,
        )

    @cached_property
    def telegram(self) -> Telegram | None:
        """The mirror, if one is set up."""
        from ghapp.clients.telegram import Telegram

        token = self.settings.telegram_bot_token
        url = self.settings.telegram_api_url
        return Telegram(token.get_secret_value(), url, TELEGRAM_SECONDS) if token else None

    @property
    def chat_id(self) -> str:
        """The chat that gets the mirror."""
        return self.settings.telegram_chat_id or ""

    @property
    def redis_url(self) -> str:
        """Where the bell hangs."""
        return self.settings.redis_url.get_secret_value()

    @cached_property
    def web_url(self) -> str:
        """GitHub's pages: those of the host whose API we talk to."""
        parts = urlsplit(self.settings.github_api_url)
        return "https://github.com" if parts.hostname == "api.github.com" else f"{parts.scheme}://{parts.netloc}"

    @contextmanager
    def logging(self) -> Iterator[None]:
        """The log files of this process while a job runs; what is queued is written before a forked job ends."""
        logs = start_logs(self.settings.logs_path, self.settings.log_level, self.redactor)
        try:
            yield
        finally:
            logs.close()

    def _learn(self, token: str) -> None:
        self.redactor = self.redactor.with_secrets({f"installation_token_{token[-4:]}": token})


@dataclass(frozen=True)
class SharedBudget:
    """GitHub's limits of one installation, kept in the database and so shared by all workers."""

    engine: Engine
    installation: int

    @property
    def bucket(self) -> str:
        """The bucket's name."""
        return f"github:{self.installation}"

    def wait(self, *, write: bool) -> float:
        """Seconds until such a call may be made; a write is spent when it may."""
        with writing(self.engine) as session:
            return rates.take(session, self.bucket) if write else rates.pause_left(session, self.bucket)

    def paused(self, seconds: float) -> None:
        """Nobody calls for that long."""
        with writing(self.engine) as session:
            rates.pause(session, self.bucket, clock() + timedelta(seconds=seconds))


def settings(process: Process = Process.TOOL) -> Settings:
    """The settings of this process, read once from the environment and `.env`. Raises SettingsError."""
    with _lock:
        if process not in _settings:
            _settings[process] = load_settings(process, dotenv=DOTENV)
        return _settings[process]


def runtime(process: Process = Process.WORKER) -> Runtime:
    """The runtime of this process; made anew after a fork."""
    known = settings(process)
    with _lock:
        return _runtimes.setdefault(os.getpid(), Runtime(known))


def check_start(known: Settings) -> None:
    """Raises Told for what would fail at the first question to a model, and which setting to edit."""
    today = clock().date()
    check_models(known.models, today)
    check_models(known.models_fallback, today, "MODELS_FALLBACK")


def warm(queue: str) -> None:
    """Check the settings and import what the queue's jobs need, so that each forked job starts in milliseconds."""
    check_start(settings(Process.WORKER))
    for name in HEAVY[queue]:
        importlib.import_module(name)
