"""What our things are called elsewhere: comments, check runs, messages, Jira issues; and the bodies we sent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from state.clock import clock
from state.db.models import ExternalLink, SentBody
from state.ids import new_id
from state.store.base import insert_once, rows, sha256

KEPT_BODIES = 50


@dataclass(frozen=True)
class Link:
    """`external_id` as the other system spells it; `external_key` is its name for people, where it has one."""

    external_id: str
    external_key: str | None


def set_link(
    session: Session,
    local_kind: str,
    local_id: str,
    system: str,
    external_id: str | int,
    *,
    project_key: str = "",
    external_key: str | None = None,
) -> None:
    """Stores or replaces a link."""
    key = {"local_kind": local_kind, "local_id": local_id, "system": system, "project_key": project_key}
    value = {"external_id": str(external_id), "external_key": external_key}
    if not insert_once(session, ExternalLink, {"id": new_id(), **key, **value, "created_at": clock()}):
        rows(session, update(ExternalLink).filter_by(**key).values(**value))


def get_link(session: Session, local_kind: str, local_id: str, system: str, project_key: str = "") -> Link | None:
    """The link, or None."""
    key = {"local_kind": local_kind, "local_id": local_id, "system": system, "project_key": project_key}
    row = session.scalar(select(ExternalLink).filter_by(**key))
    return Link(row.external_id, row.external_key) if row else None


def find_local(
    session: Session, system: str, external_id: str | int, local_kind: str, project_key: str = ""
) -> str | None:
    """The other way round: our id of what they call `external_id`."""
    query = select(ExternalLink.local_id).filter_by(
        system=system, external_id=str(external_id), local_kind=local_kind, project_key=project_key
    )
    return session.scalar(query.limit(1))


def drop_link(session: Session, local_kind: str, local_id: str, system: str, project_key: str = "") -> None:
    """Forgets a link, such as that of a comment that somebody deleted."""
    key = {"local_kind": local_kind, "local_id": local_id, "system": system, "project_key": project_key}
    rows(session, delete(ExternalLink).filter_by(**key))


def body_hash(body: str) -> str:
    """Hash of a comment's text as a tick is recognised by: CRLF normalised, outer blanks ignored."""
    return sha256(body.replace("\r\n", "\n").strip())


def sent(session: Session, repo_id: int, comment_id: int, body: str) -> None:
    """Remembers a body that we sent for a comment; the last 50 are kept."""
    session.add(SentBody(repo_id=repo_id, comment_id=comment_id, body_hash=body_hash(body), body=body, sent_at=clock()))
    session.flush()
    ours = (SentBody.repo_id == repo_id, SentBody.comment_id == comment_id)
    kept = select(SentBody.id).where(*ours).order_by(SentBody.id.desc()).limit(KEPT_BODIES)
    rows(session, delete(SentBody).where(*ours, SentBody.id.not_in(kept)))


def was_sent(session: Session, repo_id: int, comment_id: int, body: str) -> bool:
    """Whether this text is among the last 50 bodies that we sent for the comment."""
    ours = (SentBody.repo_id == repo_id, SentBody.comment_id == comment_id)
    return session.scalar(select(SentBody.id).where(*ours, SentBody.body_hash == body_hash(body)).limit(1)) is not None


def last_sent(session: Session, repo_id: int, comment_id: int) -> str | None:
    """The newest body that we sent for the comment, to restore it."""
    ours = (SentBody.repo_id == repo_id, SentBody.comment_id == comment_id)
    return session.scalar(select(SentBody.body).where(*ours).order_by(SentBody.id.desc()).limit(1))


def last_sent_at(session: Session, repo_id: int, comment_id: int) -> datetime | None:
    """When we last sent a body for the comment."""
    ours = (SentBody.repo_id == repo_id, SentBody.comment_id == comment_id)
    return session.scalar(select(SentBody.sent_at).where(*ours).order_by(SentBody.id.desc()).limit(1))
