"""Many deliveries in one transaction, with two statements for all of them: the gate's group commit.

Stores exactly what `deliveries.accept` stores (a test compares the rows); whatever is not plainly new goes that way.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from state.clock import clock
from state.db.models import Delivery, Outbox
from state.effects import EffectKind, Priority
from state.ids import new_op_id
from state.store import deliveries
from state.store.base import canonical, sha256
from state.store.deliveries import FUNC, QUEUE, Accepted

DELIVERIES, OUTBOX = cast(Table, Delivery.__table__), cast(Table, Outbox.__table__)


@dataclass(frozen=True)
class Arrival:
    """One webhook as received."""

    guid: str
    event: str
    headers: Mapping[str, str]
    raw: bytes


def accept_many(connection: Connection, arrivals: Sequence[Arrival]) -> list[Accepted]:
    """Stores the deliveries and their ring rows in the caller's transaction; the answers are in the same order."""
    now = clock()
    first = {arrival.guid: arrival for arrival in reversed(arrivals)}
    stored = _insert(connection, DELIVERIES, "guid", [_delivery_row(arrival, now) for arrival in first.values()])
    if stored:
        _insert(connection, OUTBOX, "dedupe", [_ring_row(delivery_id, now) for delivery_id in stored.values()])
    return [
        Accepted(stored[arrival.guid], True, "new", True)
        if first[arrival.guid] is arrival and arrival.guid in stored
        else _again(connection, arrival)
        for arrival in arrivals
    ]


def _insert(connection: Connection, table: Table, key: str, rows: Sequence[dict[str, Any]]) -> dict[str, int]:
    """Ids of the rows that were new, by key. RETURNING makes it one statement: each one is a turn for the other
    threads.
    """
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    statement = cast(Any, insert(table)).on_conflict_do_nothing().returning(table.c[key], table.c.id)
    return {row[0]: row[1] for row in connection.execute(statement, rows)}


def _again(connection: Connection, arrival: Arrival) -> Accepted:
    with Session(connection, join_transaction_mode="create_savepoint") as session, session.begin():
        return deliveries.accept(session, arrival.guid, arrival.event, arrival.headers, arrival.raw)


def _delivery_row(arrival: Arrival, now: datetime) -> dict[str, Any]:
    return {
        "guid": arrival.guid,
        "event": arrival.event,
        "headers": dict(arrival.headers),
        "raw": arrival.raw,
        "sha256": sha256(arrival.raw),
        "received_at": now,
        "state": "new",
        "attempts": 0,
    }


def _ring_row(delivery_id: int, now: datetime) -> dict[str, Any]:
    body = {"queue": QUEUE, "func": FUNC, "arg": delivery_id}
    return {
        "op_id": new_op_id(),
        "dedupe": f"ring:delivery:{delivery_id}",
        "kind": EffectKind.RING.value,
        "target": {},
        "body": body,
        "body_sha": sha256(canonical(body)),
        "priority": int(Priority.ANSWER),
        "not_before": now,
        "created_at": now,
        "state": "new",
        "tries": 0,
        "reads": 0,
        "verify": False,
    }
