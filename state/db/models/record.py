"""The record: events, conversation, notifications, stored outputs, links to other systems, settings of the
installation.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from state.db.base import Base, BigId, one_of
from state.db.models.columns import task_fk, uuid_key

_EVENTS = """
    CREATED INTENT_DETECTED DISCOVERY_ASKED DISCOVERY_ANSWERED DISCOVERY_VALIDATED PLAN_GENERATED PLAN_ADJUSTED
    PLAN_APPROVED PLAN_REJECTED EXECUTION_STARTED STEP_STARTED STEP_COMPLETED STEP_FAILED STEP_RETRIED
    STEP_SKIPPED  TEST_PASSED TEST_FAILED CHECKPOINT_CREATED COMMIT_CREATED PUSH_COMPLETED PAUSED RESUMED
    CHANGE_REQUESTED  VERSION_CREATED EXPORTED COMPLETED FAILED ABORTED BLOCKED UNBLOCKED ERROR
    """
EVENTS = tuple(_EVENTS.split())


class TaskLog(Base):
    """One event of a task; rows are only ever added."""

    __tablename__ = "task_logs"
    __table_args__ = (one_of("event", EVENTS), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    task_id: Mapped[str] = task_fk()
    event: Mapped[str] = mapped_column(String(30), index=True)
    message: Mapped[str] = mapped_column(Text, default="")
    details: Mapped[dict[str, Any]] = mapped_column("metadata", default=dict)
    actor: Mapped[str | None] = mapped_column(String(100))
    phase_id: Mapped[str | None] = mapped_column(ForeignKey("phases.id", ondelete="SET NULL"), index=True)
    milestone_id: Mapped[str | None] = mapped_column(ForeignKey("milestones.id", ondelete="SET NULL"), index=True)
    step_id: Mapped[str | None] = mapped_column(ForeignKey("steps.id", ondelete="SET NULL"), index=True)
    previous_value: Mapped[str | None] = mapped_column(Text)
    new_value: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(index=True)


class Conversation(Base):
    """One message to or from us."""

    __tablename__ = "conversations"
    __table_args__ = (one_of("role", ("user", "assistant", "system")),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    task_id: Mapped[str | None] = task_fk(null=True, ondelete="SET NULL")
    role: Mapped[str] = mapped_column(String(10))
    content: Mapped[str] = mapped_column(Text)
    intent: Mapped[str | None] = mapped_column(String(30))
    author: Mapped[str | None] = mapped_column(String(100))
    channel: Mapped[str] = mapped_column(String(20), default="github")
    external_id: Mapped[str | None] = mapped_column(String(200), index=True)
    created_at: Mapped[datetime] = mapped_column(index=True)


class Notification(Base):
    """Something that a person should see."""

    __tablename__ = "notifications"
    __table_args__ = (Index("ix_notifications_recipient_read", "recipient", "read"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    task_id: Mapped[str] = task_fk()
    recipient: Mapped[str] = mapped_column(String(100))
    event_type: Mapped[str] = mapped_column(String(50))
    message: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]
    read: Mapped[bool] = mapped_column(default=False)


class Artifact(Base):
    """A full output, capped and compressed, for pages and other hosts; files on the VM mirror it."""

    __tablename__ = "artifacts"

    id: Mapped[str] = uuid_key()
    task_id: Mapped[str] = task_fk()
    step_id: Mapped[str | None] = mapped_column(ForeignKey("steps.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(50))
    name: Mapped[str] = mapped_column(String(300))
    sha256: Mapped[str] = mapped_column(String(64))
    size: Mapped[int] = mapped_column(BigId)
    truncated: Mapped[bool] = mapped_column(default=False)
    content: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(index=True)


class ExternalLink(Base):
    """What a thing of ours is called elsewhere: comment ids, check runs, Telegram messages, Jira issues."""

    __tablename__ = "external_links"
    __table_args__ = (
        UniqueConstraint("local_kind", "local_id", "system", "project_key"),
        Index("ix_external_links_system_external_id", "system", "external_id"),
    )

    id: Mapped[str] = uuid_key()
    local_kind: Mapped[str] = mapped_column(String(50))
    local_id: Mapped[str] = mapped_column(String(100))
    system: Mapped[str] = mapped_column(String(30))
    project_key: Mapped[str] = mapped_column(String(200), default="")
    external_id: Mapped[str] = mapped_column(String(200))
    external_key: Mapped[str | None] = mapped_column(String(300))
    created_at: Mapped[datetime]


class Setting(Base):
    """A value that belongs to the database itself, such as the random key of comment markers."""

    __tablename__ = "settings"

    name: Mapped[str] = mapped_column(String(100), primary_key=True)
    value: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]
