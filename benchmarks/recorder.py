"""A provider that answers from a list and counts what each request would have cost, in tokens and in what is cached.

Requests are Claude's bodies, built by the adapter itself; a token is four bytes, as at the stand-ins.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ai.port import Reply, Request, Stop, ToolCall, Usage
from ai.providers.claude import messages, system_blocks
from devkit.claude.cache import PromptCache, points_of
from devkit.claude.models import MODELS
from devkit.rig.script import canonical, tokens_of

MODEL = "claude-sonnet-5-5"
IMPLICIT_FROM = 4_096


@dataclass(frozen=True)
class Decision:
    """What a scripted model says and calls in one turn."""

    said: str
    name: str
    args: dict[str, Any]

    def blocks(self, number: int) -> list[dict[str, Any]]:
        """As the service sends it."""
        call = {"type": "tool_use", "id": f"call_{number}", "name": self.name, "input": self.args}
        return [{"type": "text", "text": self.said}, call]


@dataclass(frozen=True)
class Sent:
    """One request: tokens in all, those that the one before began with too, Claude's count, tokens of the answer."""

    tokens: int
    common: int
    claude: Usage
    out: int

    @property
    def implicit(self) -> Usage:
        """What a service that caches every prefix by itself, from its least size on, makes of it."""
        return Usage(self.tokens, self.common if self.common >= IMPLICIT_FROM else 0, 0, self.out)


@dataclass
class Recorder:
    """The provider. `sent` grows by one with each request."""

    decisions: Sequence[Decision]
    cache: PromptCache = field(default_factory=PromptCache)
    sent: list[Sent] = field(default_factory=list)
    provider: str = "claude"
    model: str = MODEL
    _before: dict[str, int] = field(default_factory=dict)

    def reply(self, request: Request) -> Reply:
        """The next decision."""
        number = len(self.sent)
        blocks = self.decisions[number % len(self.decisions)].blocks(number)
        out = tokens_of(canonical(blocks))
        self.sent.append(self._count(body_of(request), out))
        call = blocks[1]
        calls = (ToolCall(call["id"], call["name"], call["input"]),)
        usage = Usage(self.sent[-1].tokens, out=out)
        return Reply(blocks[0]["text"], calls, usage, Stop.CALLS, blocks)

    def _count(self, body: dict[str, Any], out: int) -> Sent:
        points = points_of(body)
        common = max((self._before[each.digest] for each in points if each.digest in self._before), default=0)
        self._before = {each.digest: each.tokens for each in points}
        counted = self.cache.count(body, MODELS[MODEL])
        total = counted.uncached + counted.read + counted.written
        return Sent(points[-1].tokens, common, Usage(total, counted.read, counted.written, out), out)


def body_of(request: Request) -> dict[str, Any]:
    """The request as the adapter for Claude writes it."""
    tools = [
        {"name": spec.name, "description": spec.description, "input_schema": dict(spec.schema)}
        for spec in request.tools
    ]
    return {
        "model": MODEL,
        "system": system_blocks(request.system),
        "messages": messages(request.turns),
        "tools": tools,
    }
