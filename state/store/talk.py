"""Conversations with people, and notifications for them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from state.clock import clock
from state.db.models import Conversation, Notification
from state.store.base import rows


@dataclass(frozen=True)
class Message:
    """One message; `role` is user, assistant or system."""

    id: int
    task_id: str | None
    role: str
    content: str
    intent: str | None
    author: str | None
    channel: str
    external_id: str | None
    created_at: datetime


@dataclass(frozen=True)
class Notice:
    """Something that a person should see."""

    id: int
    task_id: str
    recipient: str
    event_type: str
    message: str
    created_at: datetime
    read: bool


def say(
    session: Session,
    role: str,
    content: str,
    *,
    task_id: str | None = None,
    author: str | None = None,
    intent: str | None = None,
    channel: str = "github",
    external_id: str | None = None,
) -> int:
    """Adds a message to the conversation; its id."""
    row = Conversation(
        task_id=task_id,
        role=role,
        content=content,
        author=author,
        intent=intent,
        channel=channel,
        external_id=external_id,
        created_at=clock(),
    )
    session.add(row)
    session.flush()
    return row.id


def conversation(session: Session, task_id: str, limit: int = 200) -> list[Message]:
    """The task's newest messages, oldest first."""
    query = select(Conversation).where(Conversation.task_id == task_id).order_by(Conversation.id.desc()).limit(limit)
    fields = Message.__dataclass_fields__
    return [Message(**{name: getattr(row, name) for name in fields}) for row in reversed(list(session.scalars(query)))]


def notify(session: Session, task_id: str, recipient: str, event_type: str, message: str) -> int:
    """Adds a notification; its id."""
    row = Notification(
        task_id=task_id, recipient=recipient, event_type=event_type, message=message, created_at=clock(), read=False
    )
    session.add(row)
    session.flush()
    return row.id


def notices(session: Session, recipient: str, *, unread: bool = True, limit: int = 100) -> list[Notice]:
    """A person's notifications, newest first."""
    query = (
        select(Notification).where(Notification.recipient == recipient).order_by(Notification.id.desc()).limit(limit)
    )
    query = query.where(~Notification.read) if unread else query
    fields = Notice.__dataclass_fields__
    return [Notice(**{name: getattr(row, name) for name in fields}) for row in session.scalars(query)]


def mark_read(session: Session, recipient: str, up_to: int) -> int:
    """Marks a person's notifications up to that id as read; how many."""
    theirs = (Notification.recipient == recipient, Notification.id <= up_to, ~Notification.read)
    return rows(session, update(Notification).where(*theirs).values(read=True))
