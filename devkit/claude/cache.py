"""Prompt caching: what of a request is read from and written to the cache, counted as the service counts it.

A prefix is kept where a block carries `cache_control` and the prefix reaches the model's minimum. A later request
reads the longest kept prefix that ends at one of its own breakpoints or up to 20 blocks before one.
"""

import hashlib
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from devkit.claude.conversation import every_block
from devkit.claude.models import Model
from devkit.rig.script import canonical, tokens_of

LOOK_BACK = 20
SECONDS = {"5m": 300, "1h": 3600}


@dataclass(frozen=True)
class Usage:
    """Input tokens of one request; `written` by time to live. Their sum is the whole prompt."""

    uncached: int
    read: int
    written_5m: int = 0
    written_1h: int = 0

    @property
    def written(self) -> int:
        """Tokens written to the cache."""
        return self.written_5m + self.written_1h

    def to_json(self) -> dict[str, Any]:
        """The input part of the API's usage."""
        return {
            "input_tokens": self.uncached,
            "cache_creation_input_tokens": self.written,
            "cache_read_input_tokens": self.read,
            "cache_creation": {
                "ephemeral_5m_input_tokens": self.written_5m,
                "ephemeral_1h_input_tokens": self.written_1h,
            },
        }


@dataclass(frozen=True)
class Point:
    """The prompt up to and including one block: its hash, its tokens, the life of its breakpoint if it is one."""

    digest: str
    tokens: int
    ttl: str | None


def points_of(body: Mapping[str, Any]) -> list[Point]:
    """One point for each block. Tool choice and thinking are part of every prefix that reaches into the messages."""
    blocks = list(every_block(body))
    settings = canonical([body.get("tool_choice"), body.get("thinking")])
    running = hashlib.sha256(str(body["model"]).encode())
    points, tokens, in_messages = [], 0, False
    for index, (part, block) in enumerate(blocks):
        if part.startswith("messages") and not in_messages:
            in_messages = True
            running.update(settings)
        raw = part.encode() + canonical({key: value for key, value in block.items() if key != "cache_control"})
        running.update(raw)
        tokens += tokens_of(raw)
        control = block.get("cache_control") or (body.get("cache_control") if index == len(blocks) - 1 else None)
        points.append(Point(running.hexdigest(), tokens, (control or {}).get("ttl", "5m") if control else None))
    return points


def prompt_tokens(body: Mapping[str, Any]) -> int:
    """The tokens of the whole prompt."""
    points = points_of(body)
    return points[-1].tokens if points else 0


@dataclass
class PromptCache:
    """The prefixes kept: hash -> (end of life, seconds of life). `clock` gives seconds."""

    clock: Callable[[], float] = time.monotonic
    _kept: dict[str, tuple[float, int]] = field(default_factory=dict)

    def count(self, body: Mapping[str, Any], model: Model) -> Usage:
        """The usage of this request; reading renews a prefix's life, writing keeps new ones."""
        points = points_of(body)
        marked = [i for i, p in enumerate(points) if p.ttl and p.tokens >= model.cache_minimum]
        total = points[-1].tokens if points else 0
        read = self._read(points, marked)
        written = {"5m": 0, "1h": 0}
        done = read
        for index in marked:
            point = points[index]
            self._keep(point)
            if point.tokens > done and point.ttl:
                written[point.ttl] += point.tokens - done
                done = point.tokens
        return Usage(total - done, read, written["5m"], written["1h"])

    def _read(self, points: list[Point], marked: list[int]) -> int:
        for index in reversed(marked):
            for candidate in range(index, max(-1, index - LOOK_BACK - 1), -1):
                end, life = self._kept.get(points[candidate].digest, (0.0, 0))
                if end > self.clock():
                    self._kept[points[candidate].digest] = (self.clock() + life, life)
                    return points[candidate].tokens
        return 0

    def _keep(self, point: Point) -> None:
        life = SECONDS[point.ttl or "5m"]
        self._kept[point.digest] = (self.clock() + life, life)
