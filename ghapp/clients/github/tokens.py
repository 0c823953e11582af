"""Installation tokens: one repository, one purpose, in memory only, renewed five minutes before they end."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from ghapp.clients.errors import Bug, Denied, Gone, Retry
from state.clock import clock
from state.views import RepoRef

PURPOSES: Mapping[str, Mapping[str, str]] = {
    "talk": {"issues": "write", "pull_requests": "write", "checks": "write", "metadata": "read"},
    "push": {"contents": "write", "metadata": "read"},
    "read": {"contents": "read", "metadata": "read"},
    "ci": {"actions": "read", "checks": "read", "metadata": "read"},
}
MARGIN = timedelta(minutes=5)


def permissions_needed() -> dict[str, str]:
    """What the App must have been granted: the strongest of each permission over all purposes, as in app.yml."""
    needed: dict[str, str] = {}
    for permissions in PURPOSES.values():
        for name, level in permissions.items():
            needed[name] = "write" if "write" in (level, needed.get(name)) else level
    return needed


@dataclass(frozen=True)
class InstallationToken:
    """A token and the moment from which it is no longer handed out."""

    value: str
    until: datetime

    def __repr__(self) -> str:
        return f"InstallationToken(until={self.until})"


class Tokens:
    """`mint(installation_id, body)` asks GitHub and returns its JSON; `on_new(token)` tells the redactor."""

    def __init__(
        self, mint: Callable[[int, Mapping[str, Any]], Any], on_new: Callable[[str], None] | None = None
    ) -> None:
        self._mint = mint
        self._on_new = on_new
        self._lock = threading.Lock()
        self._kept: dict[tuple[int, int, str], InstallationToken] = {}

    def get(self, repo: RepoRef, purpose: str) -> str:
        """A token for this repository and purpose. Raises `Denied("minting")` where the App may not have it."""
        key = (repo.installation_id, repo.id, purpose)
        with self._lock:
            kept = self._kept.get(key)
            if kept and clock() < kept.until:
                return kept.value
            fresh = self._fresh(repo, purpose)
            self._kept[key] = fresh
        if self._on_new:
            self._on_new(fresh.value)
        return fresh.value

    def forget(self, repo: RepoRef, purpose: str | None = None) -> None:
        """Drop what is cached, after a 401 or when the installation lost the repository."""
        with self._lock:
            for key in list(self._kept):
                if key[:2] == (repo.installation_id, repo.id) and purpose in (None, key[2]):
                    del self._kept[key]

    def _fresh(self, repo: RepoRef, purpose: str) -> InstallationToken:
        body = {"repository_ids": [repo.id], "permissions": dict(PURPOSES[purpose])}
        try:
            data = self._mint(repo.installation_id, body)
        except (Gone, Bug) as refusal:
            raise Denied(f"no {purpose} token for repository {repo.id}: {refusal}", "minting") from None
        try:
            value, ends = str(data["token"]), datetime.fromisoformat(data["expires_at"].replace("Z", "+00:00"))
        except (KeyError, TypeError, ValueError, AttributeError):
            raise Retry("the token answer was not understood") from None
        # a token that lives shorter than the margin (a test, a clock far off) is used for half of what it has
        left = ends - clock()
        return InstallationToken(value, ends - MARGIN if left > 2 * MARGIN else clock() + left / 2)
