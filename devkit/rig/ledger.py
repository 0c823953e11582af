"""The ledger: one SQLite row for each request that a stand-in received, in one format for all stand-ins."""

import base64
import hashlib
import json
import re
import sqlite3
import threading
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

MAX_KEPT_BYTES = 8 << 20
SECRET_HEADERS = frozenset({"authorization", "x-api-key", "x-goog-api-key", "cookie", "proxy-authorization"})
SCHEMA = """
CREATE TABLE IF NOT EXISTS ledger (
    id INTEGER PRIMARY KEY, at REAL NOT NULL, service TEXT NOT NULL, method TEXT NOT NULL, path TEXT NOT NULL,
    query TEXT NOT NULL, headers TEXT NOT NULL, body BLOB NOT NULL, status INTEGER, response BLOB NOT NULL,
    fault TEXT, duration_ms REAL)
"""
INSERT = """
INSERT OR REPLACE INTO ledger
    (id, at, service, method, path, query, headers, body, status, response, fault, duration_ms)
VALUES (:id, :at, :service, :method, :path, :query, :headers, :body, :status, :response, :fault, :duration_ms)
"""
SELECT = """
SELECT id, at, service, method, path, query, headers, body, status, response, fault, duration_ms FROM ledger
WHERE id > :since AND (:path IS NULL OR path REGEXP :path) AND (:method IS NULL OR method = :method)
    AND (:status IS NULL OR status = :status)
ORDER BY id LIMIT :limit
"""


def fingerprint(secret: str) -> str:
    """The first 12 hex digits of the SHA-256: enough to tell two credentials apart, useless to whoever reads it."""
    return hashlib.sha256(secret.encode()).hexdigest()[:12]


def redact_headers(headers: dict[str, str]) -> dict[str, str]:
    """Lower-case names; credentials become `<scheme> sha256:<fingerprint>`."""
    kept = {}
    for name, value in headers.items():
        lower = name.lower()
        if lower in SECRET_HEADERS:
            scheme, _, secret = value.rpartition(" ")
            value = f"{scheme} sha256:{fingerprint(secret)}".strip()
        kept[lower] = value
    return kept


def redact_path(path: str) -> str:
    """The path with a bot token (`/bot12:secret/sendMessage`) replaced by its fingerprint."""
    return re.sub(r"(?<=^/bot)[^/]+", lambda found: f"<{fingerprint(found[0])}>", path)


def redact_query(query: str) -> str:
    """The query string with keys and tokens replaced by their fingerprints."""
    return re.sub(r"(?<=\b)(key|access_token|token)=([^&]+)", lambda m: f"{m[1]}=sha256:{fingerprint(m[2])}", query)


@dataclass
class Entry:
    """One request. `at` is seconds since 1970 at arrival; ids count in order of arrival; `status` is None when the
    connection was closed without an answer; bodies are cut at 8 MiB; `duration_ms` is None while it is answered."""

    id: int
    at: float
    service: str
    method: str
    path: str
    query: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    status: int | None = None
    response: bytes = b""
    fault: str | None = None
    duration_ms: float | None = None

    def json(self) -> Any:
        """The request's body, parsed."""
        return json.loads(self.body)

    def response_json(self) -> Any:
        """The answer's body, parsed."""
        return json.loads(self.response)

    def to_json(self) -> dict[str, Any]:
        """What the ledger page serves: bytes as text where they are UTF-8, otherwise `{"base64": ...}`."""
        return {**self.__dict__, "body": _as_text(self.body), "response": _as_text(self.response)}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Entry":
        """The inverse of `to_json`."""
        return cls(**{**data, "body": _as_bytes(data["body"]), "response": _as_bytes(data["response"])})


def _as_text(raw: bytes) -> str | dict[str, str]:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(raw).decode()}


def _as_bytes(value: str | dict[str, str]) -> bytes:
    return value.encode() if isinstance(value, str) else base64.b64decode(value["base64"])


class Ledger:
    """Append-only table `ledger` in DATA/ledger.sqlite3, or in memory without DATA.

    Every write is its own transaction with synchronous OFF: it survives the stand-in's kill -9 (not a power cut) and
    costs some 20 us.
    """

    def __init__(self, data: Path | None = None) -> None:
        self._lock = threading.Lock()
        if data is not None:
            data.mkdir(parents=True, exist_ok=True)
        where = ":memory:" if data is None else str(data / "ledger.sqlite3")
        self._db = sqlite3.connect(where, isolation_level=None, check_same_thread=False, timeout=5)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=OFF")
        self._db.execute(SCHEMA)
        self._db.create_function("regexp", 2, lambda pattern, text: re.search(pattern, text) is not None)
        self._last_id = int(self._db.execute("SELECT coalesce(max(id), 0) FROM ledger").fetchone()[0])
        self._open = True

    def next_id(self) -> int:
        """The number of the request that arrives now."""
        with self._lock:
            self._last_id += 1
            return self._last_id

    def write(self, entry: Entry) -> None:
        """Insert the entry, or replace the row with its id. After `close` nothing is kept, as after a kill."""
        row = {
            **entry.__dict__,
            "headers": json.dumps(entry.headers),
            "body": entry.body[:MAX_KEPT_BYTES],
            "response": entry.response[:MAX_KEPT_BYTES],
        }
        with self._lock:
            if not self._open:
                return
            self._db.execute(INSERT, row)

    def read(
        self,
        path: str | None = None,
        method: str | None = None,
        since: int = 0,
        status: int | None = None,
        limit: int = 10_000,
    ) -> list[Entry]:
        """Entries with an id above `since`, oldest first; `path` is a regular expression searched in the path."""
        asked = {"path": path, "method": method, "since": since, "status": status, "limit": limit}
        with self._lock:
            rows = self._db.execute(SELECT, asked).fetchall()
        return [_entry(row) for row in rows]

    def close(self) -> None:
        """Close the database; reading raises sqlite3.ProgrammingError afterwards."""
        with self._lock:
            self._open = False
            self._db.close()


def _entry(row: tuple[Any, ...]) -> Entry:
    names = (item.name for item in fields(Entry))
    values = dict(zip(names, row, strict=True))
    return Entry(**{**values, "headers": json.loads(values["headers"])})
