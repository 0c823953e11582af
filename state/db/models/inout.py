"""Inbox and outbox and the walls around them (promises.md section 1)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Index, LargeBinary, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from state.db.base import Base, BigId, one_of
from state.db.models.columns import task_fk

DELIVERY_STATES = ("new", "processing", "done", "quarantined", "failed")
OUTBOX_STATES = ("new", "inflight", "uncertain", "done", "dead")
DELIVERY_OPEN = "state IN ('new', 'processing', 'failed')"
OUTBOX_OPEN = "state IN ('new', 'inflight', 'uncertain')"


def _partial(name: str, *columns: str, where: str, unique: bool = False) -> Index:
    return Index(name, *columns, unique=unique, sqlite_where=text(where), postgresql_where=text(where))


class Delivery(Base):
    """One webhook as received. action, repo_id and sender_id stay null until intake has parsed the body."""

    __tablename__ = "deliveries"
    __table_args__ = (
        one_of("state", DELIVERY_STATES),
        _partial("ix_deliveries_open", "state", "id", where=DELIVERY_OPEN),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    guid: Mapped[str] = mapped_column(String(200), unique=True)
    event: Mapped[str] = mapped_column(String(100))
    headers: Mapped[dict[str, Any]]
    raw: Mapped[bytes | None] = mapped_column(LargeBinary)
    sha256: Mapped[str] = mapped_column(String(64))
    received_at: Mapped[datetime] = mapped_column(index=True)
    state: Mapped[str] = mapped_column(String(20), default="new")
    attempts: Mapped[int] = mapped_column(default=0)
    not_before: Mapped[datetime | None]
    error: Mapped[str | None] = mapped_column(Text)
    action: Mapped[str | None] = mapped_column(String(100))
    repo_id: Mapped[int | None] = mapped_column(BigInteger)
    sender_id: Mapped[int | None] = mapped_column(BigInteger)
    lease_owner: Mapped[str | None] = mapped_column(String(200))
    lease_until: Mapped[datetime | None]
    processed_at: Mapped[datetime | None]


class Outbox(Base):
    """One thing still to be done outside. Rows of one `lane` are done one at a time, oldest first."""

    __tablename__ = "outbox"
    __table_args__ = (
        one_of("state", OUTBOX_STATES),
        _partial("ix_outbox_open", "priority", "id", where=OUTBOX_OPEN),
        _partial("ix_outbox_lane", "lane", "id", where=OUTBOX_OPEN),
        _partial("uq_outbox_inflight", "lane", where="state = 'inflight'", unique=True),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    op_id: Mapped[str] = mapped_column(String(32), unique=True)
    dedupe: Mapped[str] = mapped_column(String(300), unique=True)
    task_id: Mapped[str | None] = task_fk(null=True)
    repo_id: Mapped[int | None] = mapped_column(BigInteger)
    installation_id: Mapped[int | None] = mapped_column(BigInteger)
    kind: Mapped[str] = mapped_column(String(30))
    target: Mapped[dict[str, Any]]
    body: Mapped[dict[str, Any]]
    body_sha: Mapped[str] = mapped_column(String(64))
    priority: Mapped[int]
    coalesce: Mapped[str | None] = mapped_column(String(300))
    lane: Mapped[str | None] = mapped_column(String(400))
    state: Mapped[str] = mapped_column(String(20), default="new")
    remote_id: Mapped[str | None] = mapped_column(String(200))
    tries: Mapped[int] = mapped_column(default=0)
    reads: Mapped[int] = mapped_column(default=0)
    verify: Mapped[bool] = mapped_column(default=False)
    not_before: Mapped[datetime]
    lease_owner: Mapped[str | None] = mapped_column(String(200))
    lease_until: Mapped[datetime | None]
    error: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime]
    first_sent_at: Mapped[datetime | None]
    asked_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None] = mapped_column(index=True)


class Command(Base):
    """A command that was carried out: the second wall against replays."""

    __tablename__ = "commands"
    __table_args__ = (
        UniqueConstraint("repo_id", "source", "source_id", "command_index"),
        one_of("source", ("comment", "issue", "label", "tick", "telegram", "cli")),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    repo_id: Mapped[int] = mapped_column(BigInteger)
    source: Mapped[str] = mapped_column(String(20))
    source_id: Mapped[str] = mapped_column(String(300))
    command_index: Mapped[int]
    created_at: Mapped[datetime]


class SentBody(Base):
    """Hash of a body that we sent for a comment; the last 50 are kept, to recognise ticks."""

    __tablename__ = "sent_bodies"
    __table_args__ = (Index("ix_sent_bodies_comment", "repo_id", "comment_id", "id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    repo_id: Mapped[int] = mapped_column(BigInteger)
    comment_id: Mapped[int] = mapped_column(BigInteger)
    body_hash: Mapped[str] = mapped_column(String(64))
    body: Mapped[str] = mapped_column(Text, default="")
    sent_at: Mapped[datetime]


class RateBucket(Base):
    """One token bucket (`slot` numbers the windows of one bucket), or a pause shared by all workers."""

    __tablename__ = "rate_buckets"

    bucket: Mapped[str] = mapped_column(String(200), primary_key=True)
    slot: Mapped[str] = mapped_column(String(50), primary_key=True)
    tokens: Mapped[float] = mapped_column(default=0.0)
    updated_at: Mapped[datetime]
    paused_until: Mapped[datetime | None]


class Refusal(Base):
    """A "no" of the permission API, remembered for a minute, and when the person last got a refusal reaction."""

    __tablename__ = "refusals"

    repo_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    user_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    refused_at: Mapped[datetime | None]
    reacted_at: Mapped[datetime | None]
