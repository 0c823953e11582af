"""What the store's modules share: portable inserts, hashes, and the exception for a lost race."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any, cast

from sqlalchemy import ColumnElement, CursorResult, Executable, Table, bindparam
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import DeclarativeBase, InstrumentedAttribute, Session

from state.db.engine import is_sqlite


class Lost(Exception):
    """Somebody else won: the row is no longer what the caller saw. Stop quietly; the winner does the work."""


class Missing(LookupError):
    """There is no such row."""


def insert_once(session: Session, model: type[DeclarativeBase], values: Mapping[str, Any]) -> bool:
    """Inserts the row unless a unique constraint has it already; whether it was inserted."""
    insert = sqlite.insert if is_sqlite(session) else postgresql.insert
    table = cast(Table, model.__table__)
    session.flush()
    statement = insert(table).values(dict(values)).on_conflict_do_nothing().returning(*table.primary_key.columns)
    return session.connection().execute(statement).first() is not None


def rows(session: Session, statement: Executable) -> int:
    """Executes an INSERT, UPDATE or DELETE; how many rows it touched. Objects that the session holds are read anew."""
    session.flush()
    result = session.execute(statement, execution_options={"synchronize_session": False})
    session.expire_all()
    return cast(CursorResult[Any], result).rowcount


def literally(column: InstrumentedAttribute[str], values: Sequence[str]) -> ColumnElement[bool]:
    """`column IN (...)` with the values in the SQL text: SQLite uses a partial index only if it sees its condition."""
    return column.in_(bindparam(f"{column.key}_literally", list(values), expanding=True, literal_execute=True))


def sha256(data: bytes | str) -> str:
    """Hex digest."""
    return hashlib.sha256(data.encode() if isinstance(data, str) else data).hexdigest()


def canonical(value: Any) -> str:
    """JSON with sorted keys and no blanks: equal values, equal text."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)
