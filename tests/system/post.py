"""Deliveries that GitHub did not send as they are: repeated, replayed, forged, broken."""

from __future__ import annotations

import hashlib
import hmac
import itertools
import json
import socket
import sqlite3
import uuid
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx

from tests.system.town import Town

GOOD = "X-Hub-Signature-256"
_ids = itertools.count(900_000_000)


class Post:
    """Sends to the gate, signed with the stage's secret unless the headers say otherwise; remembers what was acked."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self.url = f"http://127.0.0.1:{town.stage.gate_port}/webhook"
        self.acked: set[str] = set()

    def sign(self, raw: bytes) -> str:
        """GitHub's signature of these bytes."""
        return "sha256=" + hmac.new(self.town.stage.secret.encode(), raw, hashlib.sha256).hexdigest()

    def send(
        self, event: str, body: object, guid: str | None = None, headers: Mapping[str, str | None] | None = None
    ) -> int:
        """The gate's status. `body` is bytes as they are, or a payload; a header of None is left out."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        guid = guid or str(uuid.uuid4())
        wanted: dict[str, str | None] = {"X-GitHub-Event": event, "X-GitHub-Delivery": guid, GOOD: self.sign(raw)}
        sent = {name: value for name, value in {**wanted, **(headers or {})}.items() if value is not None}
        status = httpx.post(self.url, content=raw, headers=sent, timeout=15, trust_env=False).status_code
        if status == 202:
            self.acked.add(guid)
        return status

    def send_all(self, event: str, raw: bytes, guids: list[str]) -> set[int]:
        """The same bytes under each of these GUIDs, 16 at a time; the statuses."""
        with ThreadPoolExecutor(16) as pool:
            return set(pool.map(lambda guid: self.send(event, raw, guid), guids))

    def raw_socket(self, data: bytes) -> bytes:
        """These bytes and then the end of the connection; the answer's first line."""
        with socket.create_connection(("127.0.0.1", self.town.stage.gate_port), timeout=10) as wire:
            wire.sendall(data)
            wire.shutdown(socket.SHUT_WR)
            return wire.recv(4096).partition(b"\r\n")[0]

    def stored(self, comment_id: int) -> tuple[str, bytes]:
        """GUID and bytes of the delivery by which GitHub told of this comment."""
        like = f'%"id":{comment_id},%'
        with rows(self.town) as database:
            query = "SELECT guid, raw FROM deliveries WHERE event='issue_comment' AND CAST(raw AS TEXT) LIKE ?"
            found = database.execute(query, (like,)).fetchone()
        assert found is not None, f"no delivery for comment {comment_id}"
        return str(found[0]), bytes(found[1])

    def payload(self, comment_id: int, **comment: Any) -> dict[str, Any]:
        """That delivery's payload, as of a comment of its own with these fields."""
        payload: dict[str, Any] = json.loads(self.stored(comment_id)[1])
        payload["comment"] |= {"id": next(_ids), **comment}
        return payload


def rows(town: Town) -> sqlite3.Connection:
    """The service's database, for reading."""
    database = sqlite3.connect(f"file:{town.stage.folder}/data/orchestrator.db?mode=ro", uri=True, timeout=10)
    database.row_factory = sqlite3.Row
    return database


def states(town: Town, guids: set[str]) -> dict[str, str]:
    """State of each delivery."""
    marks = ",".join("?" * len(guids))
    with rows(town) as database:
        query = f"SELECT guid, state FROM deliveries WHERE guid IN ({marks})"
        return dict(database.execute(query, tuple(guids)).fetchall())
