"""The stand-in as one object: rows, settings, address, signing keys and the webhook sender."""

from __future__ import annotations

import base64
import threading
from datetime import UTC, datetime

from devkit.github.config import APP_EVENTS, APP_PERMISSIONS, Config, Settings
from devkit.github.hooks.sender import Sender
from devkit.github.keys import key_pair
from devkit.github.limits import Limits
from devkit.github.model import App, Json, Repo, User
from devkit.github.store import Store

API = "/api/v3"


def stamp(seconds: float | None) -> str | None:
    """ISO 8601 in UTC to the second, as GitHub writes times."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if seconds is not None else None


def node_id(prefix: str, row_id: int | str) -> str:
    return f"{prefix}_{base64.urlsafe_b64encode(str(row_id).encode()).decode().rstrip('=')}"


class Hub:
    """Everything a route needs. ``base`` is ``http://host:port``, set once the port is bound."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.store = Store(config.data)
        self.settings = Settings(**(self.store.setting("settings") or vars(config.settings)))
        self.base = "http://127.0.0.1"
        self.lock: threading.RLock = self.store.lock
        self.limits = Limits(self.settings)
        self.private_key, public_key = key_pair(config.data)
        self.app = self._ensure_app(public_key)
        self.ensure_user("github-actions[bot]", kind="Bot", user_id=41898282)
        self.sender = Sender(self)

    def _ensure_app(self, public_key: str) -> App:
        config, apps = self.config, self.store.apps
        app = apps.get(config.app_id)
        if app is None:
            owner = self.ensure_user(config.app_owner)
            bot = self.ensure_user(f"{config.app_slug}[bot]", kind="Bot")
            app = App(config.app_id, config.app_slug, config.app_name, bot.id, owner.id)
            app.permissions, app.events = dict(APP_PERMISSIONS), list(APP_EVENTS)
            app.hook_id = self.store.next_id()
        app.public_key = public_key
        app.hook_url = config.webhook_url or app.hook_url
        app.hook_secret = config.webhook_secret or app.hook_secret
        return apps.save(app)

    def ensure_user(self, login: str, kind: str = "User", user_id: int | None = None) -> User:
        """The user of that login, created when new. ValueError: the id or login is taken."""
        with self.lock:
            found = self.store.user_named(login)
            if found is not None:
                if user_id not in (None, found.id):
                    raise ValueError(f"{login} has id {found.id}")
                return found
            if user_id in self.store.users.rows:
                raise ValueError(f"id {user_id} is taken")
            return self.store.users.save(User(user_id or self.store.next_id(), login, kind))

    @property
    def api(self) -> str:
        return self.base + API

    def url(self, path: str) -> str:
        """API address of a path that begins with a slash."""
        return self.base + API + path

    def repo_url(self, repo: Repo, path: str = "") -> str:
        return self.url(f"/repos/{self.store.full_name(repo)}{path}")

    def web(self, repo: Repo, path: str = "") -> str:
        return f"{self.base}/{self.store.full_name(repo)}{path}"

    def tune(self, changes: Json) -> Settings:
        """Apply changed settings now and keep them. AttributeError: unknown name."""
        for name, value in changes.items():
            if not hasattr(self.settings, name):
                raise AttributeError(name)
            setattr(self.settings, name, value)
        self.store.keep("settings", self.settings)
        return self.settings

    def close(self) -> None:
        self.sender.close()
        self.store.close()
