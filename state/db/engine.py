"""Engines and transactions. One call of `write` is one transaction; the caller passes its session to store functions.

SQLite: WAL (set once, in the migration), synchronous FULL, busy timeout 10 s, foreign keys on, `BEGIN IMMEDIATE` for
every writer (a deferred read-then-write loses against another process). PostgreSQL through psycopg 3, read committed.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, exc, text
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

BUSY_SECONDS = 10
WRITER = "devtask_writer"


def make_engine(url: str) -> Engine:
    """An engine for the URL; creates SQLite's folder (0700). Cheap: nothing is connected yet."""
    if make_url(url).get_backend_name() == "sqlite":
        return _sqlite(url)
    engine = create_engine(
        url, pool_size=20, max_overflow=20, pool_pre_ping=True, connect_args={"connect_timeout": BUSY_SECONDS}
    )
    _forked_connections_are_dropped(engine)
    return engine


@contextmanager
def read(engine: Engine) -> Iterator[Session]:
    """A transaction that only reads."""
    with Session(engine, expire_on_commit=False) as session, session.begin():
        yield session


@contextmanager
def write(engine: Engine) -> Iterator[Session]:
    """A transaction that writes: commits at the end of the block, rolls back on any exception."""
    with Session(engine.execution_options(**{WRITER: True}), expire_on_commit=False) as session, session.begin():
        yield session


def db_now(session: Session) -> datetime:
    """The database's own time, for leases: no process's shifted clock takes part in it."""
    if is_sqlite(session):
        found = session.connection().exec_driver_sql("SELECT strftime('%Y-%m-%d %H:%M:%f', 'now')").scalar_one()
        return datetime.fromisoformat(str(found)).replace(tzinfo=UTC)
    moment: datetime = session.execute(text("SELECT clock_timestamp()")).scalar_one()
    return moment.astimezone(UTC)


def is_sqlite(session: Session) -> bool:
    """Whether the session talks to SQLite."""
    return session.get_bind().dialect.name == "sqlite"


def serialize(session: Session, name: str) -> None:
    """Makes transactions that call this with the same name wait for each other; SQLite's writers do so anyway."""
    if not is_sqlite(session):
        session.execute(text("SELECT pg_advisory_xact_lock(hashtext(:name))"), {"name": name})


def _sqlite(url: str) -> Engine:
    database = make_url(url).database
    if database and database != ":memory:":
        Path(database).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    engine = create_engine(
        url, pool_size=20, max_overflow=20, connect_args={"timeout": BUSY_SECONDS, "isolation_level": None}
    )
    event.listen(engine, "connect", _sqlite_connected)
    event.listen(engine, "begin", _sqlite_begin)
    _forked_connections_are_dropped(engine)
    return engine


def _sqlite_connected(connection: sqlite3.Connection, _: Any) -> None:
    for pragma in ("foreign_keys=ON", "synchronous=FULL"):
        connection.execute(f"PRAGMA {pragma}")


def _sqlite_begin(connection: Connection) -> None:
    writer = connection.get_execution_options().get(WRITER, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writer else "BEGIN")


def _forked_connections_are_dropped(engine: Engine) -> None:
    """A work-horse forked from a worker must never talk through its parent's connections."""

    def connected(_: Any, record: Any) -> None:
        record.info["pid"] = os.getpid()

    def checked_out(_: Any, record: Any, proxy: Any) -> None:
        if record.info["pid"] != os.getpid():
            record.dbapi_connection = proxy.dbapi_connection = None
            raise exc.DisconnectionError("made by another process")

    event.listen(engine, "connect", connected)
    event.listen(engine, "checkout", checked_out)
