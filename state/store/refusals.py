"""A "no" of the permission API is remembered for a minute; a stranger gets at most one refusal reaction an hour
(ABU-47).
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from state.clock import clock
from state.db.models import Refusal
from state.store.base import insert_once, rows

REMEMBERED = timedelta(seconds=60)
QUIET = timedelta(hours=1)


def remember(session: Session, repo_id: int, user_id: int) -> None:
    """The permission API said no to this person just now."""
    _change(session, repo_id, user_id)
    ours = (Refusal.repo_id == repo_id, Refusal.user_id == user_id)
    rows(session, update(Refusal).where(*ours).values(refused_at=clock()))


def forget(session: Session, repo_id: int, user_id: int) -> None:
    """The person's role changed."""
    ours = (Refusal.repo_id == repo_id, Refusal.user_id == user_id)
    rows(session, update(Refusal).where(*ours).values(refused_at=None))


def recent(session: Session, repo_id: int, user_id: int) -> bool:
    """Whether a "no" of the last minute still answers for the API."""
    ours = (Refusal.repo_id == repo_id, Refusal.user_id == user_id)
    at = session.scalar(select(Refusal.refused_at).where(*ours))
    return at is not None and clock() - at < REMEMBERED


def may_react(session: Session, repo_id: int, user_id: int) -> bool:
    """Claims this hour's one refusal reaction: true for the first claim."""
    _change(session, repo_id, user_id)
    now = clock()
    free = or_(Refusal.reacted_at.is_(None), Refusal.reacted_at <= now - QUIET)
    change = update(Refusal).where(Refusal.repo_id == repo_id, Refusal.user_id == user_id, free)
    return rows(session, change.values(reacted_at=now)) == 1


def _change(session: Session, repo_id: int, user_id: int) -> None:
    insert_once(session, Refusal, {"repo_id": repo_id, "user_id": user_id})
