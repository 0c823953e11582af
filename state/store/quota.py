"""How many tasks are open, against MAX_TASKS: so that nobody's thousand `/task` cost others their turn (ABU-35)."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from state.db.engine import is_sqlite
from state.db.models import Task
from state.db.models.task import CLOSED
from state.quota import Crowd, full
from state.views import RepoRef


def crowd(session: Session, repo: RepoRef, user_id: int) -> Crowd:
    """Open tasks as they are counted for a new one of this person in this repository."""
    opened = select(func.count()).select_from(Task).where(Task.status.not_in(CLOSED))
    inside = opened.where(Task.installation_id == repo.installation_id)
    counts = (inside.where(Task.requester_id == user_id), opened.where(Task.repo_id == repo.id), inside)
    return Crowd(*(session.scalar(query) or 0 for query in counts))


def room(session: Session, repo: RepoRef, user_id: int, most: int) -> bool:
    """Whether there is room for one more, asked within the transaction that makes it: nobody else adds one meanwhile.

    SQLite's writing transactions come one after the other anyway.
    """
    if not is_sqlite(session):
        session.execute(select(func.pg_advisory_xact_lock(repo.installation_id)))
    return full(crowd(session, repo, user_id), most) is None
