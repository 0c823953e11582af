"""Effects as data: what a decision wants done to the outside world.

A decision returns `Effect` values; the caller stores each as one outbox row in the transaction that changes the state.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Any


class EffectKind(StrEnum):
    """What is done. `status`, `labels` and `check_run` are rendered from the database when they are sent."""

    COMMENT = "comment"  # body: {"text", "purpose"}; target: {"issue"}
    EDIT = "edit"  # body: {"text"}; target: {"issue", "comment_id"}
    REACTION = "reaction"  # body: {"content"}; target: {"issue", "comment_id" | None}
    STATUS = "status"  # target: {"issue"}
    LABELS = "labels"  # target: {"issue"}
    CHECK_RUN = "check_run"  # target: {"sha"}
    TELEGRAM = "telegram"  # body: {"text", "slot"}: a slot names a message that later effects edit
    TELEGRAM_EDIT = "telegram_edit"  # body: {"text", "slot"}
    RING = "ring"  # body: {"queue", "func", "arg"}


class Priority(IntEnum):
    """Order in which due effects are sent (github.md, rate budget)."""

    ANSWER = 0
    MILESTONE = 1
    STATUS = 2
    QUIET = 3


@dataclass(frozen=True)
class Effect:
    """One thing to be done outside; `dedupe` is unique for ever, so storing the same effect twice is one row."""

    kind: EffectKind
    dedupe: str
    repo_id: int | None = None
    installation_id: int | None = None
    target: Mapping[str, Any] = field(default_factory=dict)
    body: Mapping[str, Any] = field(default_factory=dict)
    task_id: str | None = None
    priority: Priority = Priority.ANSWER
    coalesce: str | None = None  # newer row with the same value replaces an unsent older one
    not_before: datetime | None = None
