"""What the stand-in remembers: chats, messages, updates; SQLite in DATA/telegram.sqlite3, or memory."""

import json
import sqlite3
import threading
from pathlib import Path
from typing import Any

SCHEMA = """
CREATE TABLE IF NOT EXISTS chats (id INTEGER PRIMARY KEY, data TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS messages (chat INTEGER, id INTEGER, data TEXT NOT NULL, PRIMARY KEY (chat, id));
CREATE TABLE IF NOT EXISTS updates (id INTEGER PRIMARY KEY AUTOINCREMENT, data TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS queries (id TEXT PRIMARY KEY, data TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, data TEXT NOT NULL);
"""
Data = dict[str, Any]


class Store:
    """Rows of JSON. `arrived` is notified with every new update."""

    def __init__(self, data: Path | None = None) -> None:
        if data is not None:
            data.mkdir(parents=True, exist_ok=True)
        where = ":memory:" if data is None else str(data / "telegram.sqlite3")
        self._lock = threading.RLock()
        self._db = sqlite3.connect(where, isolation_level=None, check_same_thread=False, timeout=5)
        self._db.execute("PRAGMA synchronous=OFF")
        self._db.executescript(SCHEMA)
        self.arrived = threading.Condition()

    def _all(self, sql: str, *values: Any) -> list[Any]:
        with self._lock:
            return self._db.execute(sql, values).fetchall()

    def chat(self, chat_id: int) -> Data | None:
        """The chat, with its `state`: open, blocked, kicked or missing."""
        rows = self._all("SELECT data FROM chats WHERE id = ?", chat_id)
        return json.loads(rows[0][0]) if rows else None

    def chats(self) -> list[Data]:
        """All chats."""
        return [json.loads(row[0]) for row in self._all("SELECT data FROM chats ORDER BY id")]

    def put_chat(self, chat: Data) -> None:
        """Keep the chat."""
        self._all("INSERT OR REPLACE INTO chats VALUES (?, ?)", chat["id"], json.dumps(chat))

    def messages(self, chat_id: int) -> list[Data]:
        """The chat's messages, oldest first."""
        rows = self._all("SELECT data FROM messages WHERE chat = ? ORDER BY id", chat_id)
        return [json.loads(row[0]) for row in rows]

    def message(self, chat_id: int, message_id: int) -> Data | None:
        """One message."""
        rows = self._all("SELECT data FROM messages WHERE chat = ? AND id = ?", chat_id, message_id)
        return json.loads(rows[0][0]) if rows else None

    def add_message(self, message: Data) -> Data:
        """Keep a new message; it gets the chat's next id."""
        chat_id = message["chat"]["id"]
        with self._lock:
            ((last,),) = self._all("SELECT coalesce(max(id), 0) FROM messages WHERE chat = ?", chat_id)
            numbered = {"message_id": last + 1, **message}
            self.put_message(numbered)
        return numbered

    def put_message(self, message: Data) -> None:
        """Keep a changed message."""
        key = (message["chat"]["id"], message["message_id"])
        self._all("INSERT OR REPLACE INTO messages VALUES (?, ?, ?)", *key, json.dumps(message))

    def drop_message(self, chat_id: int, message_id: int) -> None:
        """Forget a message."""
        self._all("DELETE FROM messages WHERE chat = ? AND id = ?", chat_id, message_id)

    def add_update(self, update: Data) -> int:
        """Queue an update for the bot and wake whoever waits for one."""
        with self._lock:
            number = int(
                self._db.execute("INSERT INTO updates (data) VALUES (?)", (json.dumps(update),)).lastrowid or 0
            )
        with self.arrived:
            self.arrived.notify_all()
        return number

    def updates(self, offset: int, limit: int) -> list[Data]:
        """Updates from `offset` on; a negative offset counts from the end. Everything before is forgotten."""
        if offset < 0:
            ((last,),) = self._all("SELECT coalesce(max(id), 0) FROM updates")
            offset = last + 1 + offset
        if offset:
            self._all("DELETE FROM updates WHERE id < ?", offset)
        rows = self._all("SELECT id, data FROM updates WHERE id >= ? ORDER BY id LIMIT ?", offset, limit)
        return [{"update_id": number, **json.loads(data)} for number, data in rows]

    def drop_update(self, number: int) -> None:
        """Forget an update that a webhook took."""
        self._all("DELETE FROM updates WHERE id = ?", number)

    def query(self, query_id: str) -> Data | None:
        """A callback query and, once answered, its answer."""
        rows = self._all("SELECT data FROM queries WHERE id = ?", query_id)
        return json.loads(rows[0][0]) if rows else None

    def put_query(self, query_id: str, query: Data) -> None:
        """Keep a callback query."""
        self._all("INSERT OR REPLACE INTO queries VALUES (?, ?)", query_id, json.dumps(query))

    def setting(self, name: str) -> Data:
        """A named setting: `webhook`, `flood`, `commands`."""
        rows = self._all("SELECT data FROM settings WHERE name = ?", name)
        return json.loads(rows[0][0]) if rows else {}

    def set(self, name: str, value: Data) -> None:
        """Keep a named setting."""
        self._all("INSERT OR REPLACE INTO settings VALUES (?, ?)", name, json.dumps(value))
