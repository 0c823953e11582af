"""What execution leaves behind: attempts, checkpoints, snapshots."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from state.db.base import Base, BigId, one_of
from state.db.models.columns import task_fk, uuid_key


class Attempt(Base):
    """One verdict on a step; a crash or an outage makes no row. `fingerprints` name its failures, `green` the tests
    that pass now and did not at the base commit.
    """

    __tablename__ = "attempts"
    __table_args__ = (UniqueConstraint("step_id", "round", "number"), one_of("result", ("passed", "failed")))

    id: Mapped[str] = uuid_key()
    step_id: Mapped[str] = mapped_column(ForeignKey("steps.id", ondelete="CASCADE"), index=True)
    round: Mapped[int] = mapped_column(default=0)
    number: Mapped[int]
    kind: Mapped[str] = mapped_column(String(50))
    result: Mapped[str] = mapped_column(String(10))
    checks: Mapped[list[Any]] = mapped_column(default=list)
    feedback: Mapped[str] = mapped_column(Text, default="")
    reason: Mapped[str] = mapped_column(String(30), default="", server_default="")
    fingerprints: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")
    green: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")
    model: Mapped[str | None] = mapped_column(String(100))
    tokens: Mapped[int] = mapped_column(BigId, default=0)
    cost: Mapped[float] = mapped_column(default=0.0)
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime]
    fence: Mapped[int]


class Checkpoint(Base):
    """Durable progress; `number` names the file `cp-001.json` (details.md 10)."""

    __tablename__ = "checkpoints"
    __table_args__ = (UniqueConstraint("task_id", "number"),)

    id: Mapped[str] = uuid_key()
    task_id: Mapped[str] = task_fk()
    step_id: Mapped[str | None] = mapped_column(ForeignKey("steps.id", ondelete="SET NULL"), index=True)
    number: Mapped[int]
    state_snapshot: Mapped[dict[str, Any]]
    git_status: Mapped[dict[str, Any]]
    created_at: Mapped[datetime] = mapped_column(index=True)


class Snapshot(Base):
    """The full execution state kept when a task pauses (details.md 7)."""

    __tablename__ = "snapshots"
    __table_args__ = (one_of("paused_by", ("user", "system")),)

    id: Mapped[str] = uuid_key()
    task_id: Mapped[str] = task_fk()
    paused_at: Mapped[datetime]
    paused_by: Mapped[str] = mapped_column(String(10))
    reason: Mapped[str] = mapped_column(Text)
    plan_version: Mapped[int | None]
    steps_state: Mapped[dict[str, Any]] = mapped_column(default=dict)
    in_progress_steps: Mapped[list[Any]] = mapped_column(default=list)
    trajectory: Mapped[str | None] = mapped_column(Text)
    wip_sha: Mapped[str | None] = mapped_column(String(64))
    can_resume: Mapped[bool] = mapped_column(default=True)
    resumed_at: Mapped[datetime | None]
