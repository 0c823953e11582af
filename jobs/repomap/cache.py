"""Outlines by blob in one SQLite file for all repositories and processes. It may be lost at any time.

A row carries a checksum, so that a damaged file gives no wrong outline; a file that SQLite refuses is begun afresh.
SQLite's own locks are enough: the journal mode is left alone, as two processes that change it on a new file collide.
"""

from __future__ import annotations

import fcntl
import sqlite3
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Final

from jobs.repomap.row import Row

FILE = "repomap.sqlite"
WAIT_SECONDS = 10.0
KEEP_DAYS = 30
DAY = 86_400
CHUNK = 500
_TABLE: Final = (
    "CREATE TABLE IF NOT EXISTS outlines (key TEXT PRIMARY KEY, day INTEGER NOT NULL, lines INTEGER NOT NULL,"
    " names TEXT NOT NULL, refs TEXT NOT NULL, words TEXT NOT NULL, shown TEXT NOT NULL, crc INTEGER NOT NULL)"
    " WITHOUT ROWID"
)
_SELECT: Final = "SELECT key, day, crc, lines, names, refs, words, shown FROM outlines WHERE key IN"
_INDEX: Final = "CREATE INDEX IF NOT EXISTS outlines_day ON outlines (day)"


class Cache:
    """Outlines by key. Whatever is wrong with the file, it answers: then with fewer rows than it once had."""

    def __init__(self, folder: Path, wait: float = WAIT_SECONDS) -> None:
        self.path = folder / FILE
        self.wait = wait

    def get(self, keys: Sequence[str]) -> dict[str, Row]:
        """The rows that are there and whole."""
        try:
            return self._get(keys)
        except OSError:
            return {}
        except sqlite3.DatabaseError as error:
            self._damaged(error)
            return {}

    def put(self, rows: Mapping[str, Row]) -> None:
        """Keep rows; what was not wanted for 30 days goes."""
        if not rows:
            return
        try:
            self._put(rows)
        except OSError:
            return
        except sqlite3.DatabaseError as error:
            self._damaged(error)

    def _get(self, keys: Sequence[str]) -> dict[str, Row]:
        today = int(time.time()) // DAY
        with closing(self._open()) as connection:
            days: dict[str, int] = {}
            found: dict[str, Row] = {}
            for start in range(0, len(keys), CHUNK):
                part = keys[start : start + CHUNK]
                for key, day, crc, *cells in connection.execute(f"{_SELECT} ({_marks(part)})", part):
                    row = Row(*cells)
                    if row.crc(key) == crc:
                        found[key], days[key] = row, day
            old = [(today, key) for key, day in days.items() if day < today - KEEP_DAYS // 4]
            if old:
                with connection:
                    connection.executemany("UPDATE outlines SET day = ? WHERE key = ?", old)
        return found

    def _put(self, rows: Mapping[str, Row]) -> None:
        today = int(time.time()) // DAY
        with closing(self._open()) as connection, connection:
            connection.executemany(
                "INSERT OR REPLACE INTO outlines (key, day, lines, names, refs, words, shown, crc)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                _cells(rows, today),
            )
            connection.execute("DELETE FROM outlines WHERE day < ?", (today - KEEP_DAYS,))

    def _open(self) -> sqlite3.Connection:
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        connection = sqlite3.connect(self.path, timeout=self.wait)
        try:
            connection.execute("PRAGMA synchronous=OFF")
            connection.execute(_TABLE)
            connection.execute(_INDEX)
        except sqlite3.DatabaseError:
            connection.close()
            raise
        return connection

    def _damaged(self, error: sqlite3.DatabaseError) -> None:
        """Begin afresh, unless the file is only in use; one process at a time, and only while it is still bad."""
        if isinstance(error, sqlite3.OperationalError) and "locked" in str(error):
            return
        with self.path.with_suffix(".lock").open("w") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            if not self._sound():
                for name in (self.path, self.path.with_name(f"{FILE}-journal")):
                    name.unlink(missing_ok=True)

    def _sound(self) -> bool:
        try:
            with closing(self._open()) as connection:
                return bool(connection.execute("PRAGMA quick_check(1)").fetchone()[0] == "ok")
        except sqlite3.DatabaseError:
            return False


def _cells(rows: Mapping[str, Row], today: int) -> Iterable[tuple[object, ...]]:
    for key, row in rows.items():
        yield key, today, row.lines, row.names, row.refs, row.words, row.shown, row.crc(key)


def _marks(part: Sequence[str]) -> str:
    return ",".join("?" * len(part))
