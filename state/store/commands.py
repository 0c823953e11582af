"""The command key: a command is carried out once, whatever GUID its delivery carries."""

from __future__ import annotations

from sqlalchemy.orm import Session

from state.clock import clock
from state.db.models import Command
from state.store.base import insert_once


def claim(session: Session, repo_id: int, source: str, source_id: str, index: int) -> bool:
    """True for the first claim of this command ever, in the transaction that carries it out.

    `source`: comment, issue, label, tick, telegram or cli; `source_id` as promises.md 1.3 spells it.
    """
    values = {"repo_id": repo_id, "source": source, "source_id": str(source_id), "command_index": index}
    return insert_once(session, Command, {**values, "created_at": clock()})
