"""Tasks, what they depend on, and approvals (details.md 5 and 11)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Float, Index, String, Text, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column

from state.db.base import Base, BigId, between, one_of
from state.db.models.columns import Leased, task_fk, uuid_key
from state.lifecycle import FailReason, PauseReason, TaskStatus
from state.plan.words import Priority, TaskType

CLOSED = (TaskStatus.COMPLETED, TaskStatus.FAILED, TaskStatus.ABORTED)
OPEN_SQL = "status NOT IN ({})".format(", ".join(f"'{status}'" for status in CLOSED))
STATES = [status.value for status in TaskStatus]


class Task(Leased, Base):
    """What one person asked for. `seq` is for jobs, `id` for foreign keys, `key` for people; every change raises
    `revision`.
    """

    __tablename__ = "tasks"
    __table_args__ = (
        one_of("status", STATES),
        one_of("came_from", STATES),
        one_of("before_status", STATES),
        one_of("fail_reason", [reason.value for reason in FailReason]),
        one_of("before_reason", [reason.value for reason in FailReason]),
        one_of("type", [kind.value for kind in TaskType]),
        one_of("priority", [level.value for level in Priority]),
        one_of("pause_reason", [reason.value for reason in PauseReason]),
        between("feedback_quality", 1, 5),
        between("feedback_timeliness", 1, 5),
        Index(
            "uq_tasks_open_issue",
            "repo_id",
            "issue_number",
            unique=True,
            sqlite_where=text(OPEN_SQL),
            postgresql_where=text(OPEN_SQL),
        ),
        Index("ix_tasks_repo_id_issue_number", "repo_id", "issue_number"),
        {"sqlite_autoincrement": True},
    )

    seq: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    id: Mapped[str] = mapped_column(String(36), unique=True)
    key: Mapped[str] = mapped_column(String(8), unique=True)
    repo_id: Mapped[int] = mapped_column(BigInteger, index=True)
    repo_name: Mapped[str] = mapped_column(String(300), index=True)
    installation_id: Mapped[int] = mapped_column(BigInteger, index=True)
    issue_number: Mapped[int]
    requester_id: Mapped[int] = mapped_column(BigInteger)
    requester_login: Mapped[str] = mapped_column(String(100))
    type: Mapped[str] = mapped_column(String(20), index=True)
    title: Mapped[str] = mapped_column(Text)
    description: Mapped[str] = mapped_column(Text, default="", server_default="")
    user_request_original: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(String(20), index=True)
    fail_reason: Mapped[str | None] = mapped_column(String(30))
    came_from: Mapped[str | None] = mapped_column(String(20))
    before_status: Mapped[str | None] = mapped_column(String(20))
    before_reason: Mapped[str | None] = mapped_column(String(30))
    simulating: Mapped[bool] = mapped_column(default=False, server_default=false())
    status_reason: Mapped[str | None] = mapped_column(Text)
    pause_reason: Mapped[str | None] = mapped_column(String(30))
    abort_reason: Mapped[str | None] = mapped_column(Text)
    error_message: Mapped[str | None] = mapped_column(Text)
    activity: Mapped[str | None] = mapped_column(Text)
    intent: Mapped[str | None] = mapped_column(String(30))
    priority: Mapped[str] = mapped_column(String(10), index=True, default="medium", server_default="medium")
    assignee: Mapped[str | None] = mapped_column(String(100), index=True)
    language: Mapped[str] = mapped_column(String(5), default="en", server_default="en")
    source: Mapped[str] = mapped_column(String(20), default="comment", server_default="comment")
    options: Mapped[dict[str, Any]] = mapped_column(default=dict)
    branch: Mapped[str | None] = mapped_column(String(255))
    base_branch: Mapped[str | None] = mapped_column(String(255))
    base_sha: Mapped[str | None] = mapped_column(String(64))
    head_sha: Mapped[str | None] = mapped_column(String(64))
    issue_hash: Mapped[str | None] = mapped_column(String(64))
    current_step: Mapped[int] = mapped_column(default=0, server_default="0")
    total_steps: Mapped[int] = mapped_column(default=0, server_default="0")
    retries: Mapped[int] = mapped_column(default=0, server_default="0")
    rounds: Mapped[int] = mapped_column(default=0, server_default="0")
    plan_version: Mapped[int | None]
    discovery_id: Mapped[str | None] = mapped_column(String(36), index=True)  # no FK: documents already point here
    success_criteria: Mapped[list[Any]] = mapped_column(default=list)
    deadline: Mapped[datetime | None] = mapped_column(index=True)
    estimated_hours: Mapped[float | None]
    actual_hours: Mapped[float | None]
    feedback_quality: Mapped[int | None]
    feedback_timeliness: Mapped[int | None]
    feedback_notes: Mapped[str | None] = mapped_column(Text)
    completion_summary: Mapped[str | None] = mapped_column(Text)
    budget: Mapped[float | None] = mapped_column(Float)
    spent: Mapped[float] = mapped_column(Float, default=0.0, server_default="0")
    tokens: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    cached_tokens: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    revision: Mapped[int] = mapped_column(default=1, server_default="1")
    created_at: Mapped[datetime] = mapped_column(index=True)
    updated_at: Mapped[datetime]
    approved_at: Mapped[datetime | None]
    paused_at: Mapped[datetime | None]
    resumed_at: Mapped[datetime | None]
    resume_at: Mapped[datetime | None]
    completed_at: Mapped[datetime | None]
    failed_at: Mapped[datetime | None]
    aborted_at: Mapped[datetime | None]
    archived_at: Mapped[datetime | None]


class Dependency(Base):
    """A task that waits for another."""

    __tablename__ = "dependencies"
    __table_args__ = (UniqueConstraint("task_id", "depends_on"),)

    id: Mapped[str] = uuid_key()
    task_id: Mapped[str] = task_fk()
    depends_on: Mapped[str] = task_fk()
    created_at: Mapped[datetime]


class Approval(Base):
    """Exactly what one person approved; one live row per task, plan and scope."""

    __tablename__ = "approvals"
    __table_args__ = (
        Index(
            "uq_approvals_live",
            "task_id",
            "plan_hash",
            "scope",
            unique=True,
            sqlite_where=text("revoked_at IS NULL"),
            postgresql_where=text("revoked_at IS NULL"),
        ),
    )

    id: Mapped[str] = uuid_key()
    task_id: Mapped[str] = task_fk()
    plan_hash: Mapped[str] = mapped_column(String(64))
    scope: Mapped[str] = mapped_column(String(200), default="all")
    user_id: Mapped[int] = mapped_column(BigInteger)
    login: Mapped[str] = mapped_column(String(100))
    role_seen: Mapped[str] = mapped_column(String(50))
    comment_id: Mapped[int | None] = mapped_column(BigInteger)
    comment_hash: Mapped[str | None] = mapped_column(String(64))
    issue_hash: Mapped[str | None] = mapped_column(String(64))
    base_sha: Mapped[str | None] = mapped_column(String(64))
    budget: Mapped[float | None]
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
