"""Primary and secondary rate limits, per actor, in sliding windows."""

from __future__ import annotations

import threading
from collections import defaultdict, deque

from devkit.github.config import Settings
from devkit.github.model import now


class Limits:
    """Counts requests and content-creating calls. Adjustable through the settings it was given."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._creates: dict[str, deque[float]] = defaultdict(deque)
        self._used: dict[str, int] = defaultdict(int)
        self._reset = now() + 3600

    def create(self, actor: str) -> int:
        """Count one content-creating call: 0, or the seconds to wait when it is over the limit (then not counted)."""
        moment = now()
        with self._lock:
            calls = self._creates[actor]
            while calls and calls[0] < moment - 3600:
                calls.popleft()
            last_minute = sum(1 for at in calls if at > moment - 60)
            if last_minute >= self._settings.creates_per_minute or len(calls) >= self._settings.creates_per_hour:
                return self._settings.retry_after
            calls.append(moment)
            return 0

    def use(self, actor: str) -> tuple[int, int, int, int]:
        """Count one request: (limit, remaining, used, reset as POSIX seconds); remaining < 0 means refused."""
        with self._lock:
            if now() > self._reset:
                self._used.clear()
                self._reset = now() + 3600
            self._used[actor] += 1
            used, limit = self._used[actor], self._settings.requests_per_hour
        return limit, limit - used, used, int(self._reset)

    def clear(self) -> None:
        with self._lock:
            self._creates.clear()
            self._used.clear()
