"""Values that belong to this one database, each made once."""

from __future__ import annotations

import secrets

from sqlalchemy import select
from sqlalchemy.orm import Session

from state.clock import clock
from state.db.models import Setting
from state.store.base import insert_once

MARKER_KEY = "marker_key"


def get(session: Session, name: str) -> str | None:
    """The value, or None."""
    return session.scalar(select(Setting.value).where(Setting.name == name))


def once(session: Session, name: str, value: str) -> str:
    """Stores the value unless there is one; the one that stands. Needs a writing transaction."""
    insert_once(session, Setting, {"name": name, "value": value, "created_at": clock()})
    return get(session, name) or value


def marker_key(session: Session) -> bytes:
    """The random key of comment markers, created at the first call in a writing transaction."""
    known = get(session, MARKER_KEY)
    return bytes.fromhex(known if known is not None else once(session, MARKER_KEY, secrets.token_hex(32)))
