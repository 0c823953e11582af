"""Discovery, collaboration, identities, lessons (details.md 4, 14, 15)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from state.db.base import Base, BigId, between, one_of
from state.db.models.columns import task_fk, uuid_key

COLLECTIONS = (
    "successful_plans",
    "failed_plans",
    "plan_modifications",
    "successful_steps",
    "failed_steps",
    "discovery_patterns",
)


class DiscoveryDocument(Base):
    """The questions, answers and domain model that precede a plan."""

    __tablename__ = "discovery_documents"
    __table_args__ = (one_of("status", ("in_progress", "validated", "completed")),)

    id: Mapped[str] = uuid_key()
    task_id: Mapped[str] = task_fk()
    status: Mapped[str] = mapped_column(String(20), default="in_progress")
    questions: Mapped[list[Any]] = mapped_column(default=list)
    answers: Mapped[dict[str, Any]] = mapped_column(default=dict)
    document: Mapped[dict[str, Any]] = mapped_column(default=dict)
    rounds: Mapped[int] = mapped_column(default=0)
    plan_version_id: Mapped[str | None] = mapped_column(ForeignKey("plan_versions.id", ondelete="SET NULL"), index=True)
    created_at: Mapped[datetime]
    validated_at: Mapped[datetime | None]


class Participant(Base):
    """An agent or person that joined a task."""

    __tablename__ = "participants"
    __table_args__ = (UniqueConstraint("task_id", "agent_id"),)

    id: Mapped[str] = uuid_key()
    task_id: Mapped[str] = task_fk()
    agent_id: Mapped[str] = mapped_column(String(100))
    role: Mapped[str] = mapped_column(String(50))
    joined_at: Mapped[datetime]


class SharedContext(Base):
    """A value that all participants of a task see."""

    __tablename__ = "shared_context"
    __table_args__ = (UniqueConstraint("task_id", "key"),)

    id: Mapped[str] = uuid_key()
    task_id: Mapped[str] = task_fk()
    key: Mapped[str] = mapped_column(String(200))
    value: Mapped[dict[str, Any]]
    updated_by: Mapped[str] = mapped_column(String(100))
    updated_at: Mapped[datetime]


class Note(Base):
    """A private note: only its author sees it."""

    __tablename__ = "notes"
    __table_args__ = (Index("ix_notes_task_id_agent_id", "task_id", "agent_id"),)

    id: Mapped[str] = uuid_key()
    task_id: Mapped[str] = task_fk()
    agent_id: Mapped[str] = mapped_column(String(100))
    content: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]


class ProgressUpdate(Base):
    """One line of the progress log."""

    __tablename__ = "progress_updates"
    __table_args__ = (between("progress", 0, 100),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    task_id: Mapped[str] = task_fk()
    agent_id: Mapped[str] = mapped_column(String(100))
    progress: Mapped[int]
    message: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]


class Identity(Base):
    """A person on GitHub and, once linked, on Telegram."""

    __tablename__ = "identities"

    github_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    login: Mapped[str] = mapped_column(String(100), index=True)
    telegram_id: Mapped[int | None] = mapped_column(BigInteger, unique=True)
    linked_at: Mapped[datetime | None]


class Lesson(Base):
    """Something learned, retrieved later; never crosses installations or private repositories."""

    __tablename__ = "lessons"
    __table_args__ = (
        one_of("collection", COLLECTIONS),
        Index("ix_lessons_scope", "installation_id", "repo_id", "collection"),
    )

    id: Mapped[str] = uuid_key()
    collection: Mapped[str] = mapped_column(String(30))
    installation_id: Mapped[int] = mapped_column(BigInteger)
    repo_id: Mapped[int] = mapped_column(BigInteger)
    private: Mapped[bool] = mapped_column(default=True)
    task_id: Mapped[str | None] = task_fk(null=True, ondelete="SET NULL")
    description: Mapped[str] = mapped_column(Text)
    content: Mapped[dict[str, Any]]
    tags: Mapped[list[Any]] = mapped_column(default=list)
    success_rate: Mapped[float | None]
    created_at: Mapped[datetime] = mapped_column(index=True)
    deleted_at: Mapped[datetime | None]
