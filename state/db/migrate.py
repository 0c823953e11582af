"""Bringing a database to the current schema; safe to call from several processes at once and again at any time."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, text
from sqlalchemy.engine import make_url

from state.db.engine import BUSY_SECONDS, WRITER, make_engine

FOLDER = Path(__file__).parent / "migrations"


def migrate(target: Engine | str) -> str:
    """Migrates to the newest revision and returns its name. SQLite: WAL is switched on here, once, and the file is
    0600.
    """
    engine = make_engine(target) if isinstance(target, str) else target
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    if engine.dialect.name == "sqlite":
        _prepare_sqlite(engine)
    with engine.execution_options(**{WRITER: True}).begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('devtask-migrate'))"))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    if isinstance(target, str):
        engine.dispose()
    return head()


def head() -> str:
    """The newest revision this code knows."""
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    return ScriptDirectory.from_config(config).get_current_head() or ""


def current(engine: Engine) -> str | None:
    """The revision the database is at; None = never migrated."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def _prepare_sqlite(engine: Engine) -> None:
    path = make_url(str(engine.url)).database
    if path and path != ":memory:":
        Path(path).touch(mode=0o600)
        Path(path).chmod(0o600)
    connection = engine.raw_connection()
    deadline = time.monotonic() + BUSY_SECONDS
    try:
        while not _in_wal(connection.cursor()):
            if time.monotonic() > deadline:
                raise TimeoutError(f"{path} has been locked by another process for {BUSY_SECONDS} s")
            time.sleep(0.05)
    finally:
        connection.close()


def _in_wal(cursor: Any) -> bool:
    """Whether the file is in WAL mode, switched on here if need be. SQLite's busy timeout does not cover the switch:
    of two processes that try at once one is refused, and then finds it done.
    """
    try:
        if cursor.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
            cursor.execute("PRAGMA journal_mode=WAL")
    except sqlite3.OperationalError as busy:
        if "locked" not in str(busy):
            raise
        return False
    return True
