"""Many deliveries in one transaction, with two statements for all of them: the gate's group commit.

The statements are written out here: having SQLAlchemy compose them anew costs more than the database needs for them.

Stores exactly what `deliveries.accept` stores (a test compares the rows); whatever is not plainly new goes that way.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, cast

from sqlalchemy import Connection, Dialect, Table
from sqlalchemy.orm import Session

from state.clock import clock
from state.db.models import Delivery, Outbox
from state.effects import EffectKind, Priority
from state.ids import new_op_id
from state.store import deliveries
from state.store.base import canonical, sha256
from state.store.deliveries import FUNC, QUEUE, Accepted

Convert = Callable[[Any], Any]
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
    now, dialect = clock(), connection.dialect
    first = {arrival.guid: arrival for arrival in reversed(arrivals)}
    rows = [delivery_row(arrival, now) for arrival in first.values()]
    new: Any = connection.exec_driver_sql(*insert(dialect, DELIVERIES, rows, "guid, id"))
    stored: dict[str, int] = {row.guid: row.id for row in new}
    if stored:
        bells = [ring_row(delivery_id, now) for delivery_id in stored.values()]
        connection.exec_driver_sql(*insert(dialect, OUTBOX, bells))
    return [
        Accepted(stored[arrival.guid], True, "new", True)
        if first[arrival.guid] is arrival and arrival.guid in stored
        else _again(connection, arrival)
        for arrival in arrivals
    ]


def insert(
    dialect: Dialect, table: Table, rows: Sequence[dict[str, Any]], returning: str = ""
) -> tuple[str, tuple[Any, ...]]:
    """One statement for all rows, and the driver's values for it; rows that a unique constraint has already are left
    out. RETURNING only where it is read: each row of it is a turn for the other threads.
    """
    columns = tuple(rows[0])
    pairs = tuple(zip(columns, _converters(dialect, table, columns), strict=True))
    values = tuple([to(row[name]) if to else row[name] for row in rows for name, to in pairs])
    return _statement(dialect.paramstyle, table.name, columns, len(rows), returning), values


@cache
def _statement(paramstyle: str, table: str, columns: tuple[str, ...], rows: int, returning: str) -> str:
    mark = "?" if paramstyle == "qmark" else "%s"
    row = f"({', '.join([mark] * len(columns))})"
    values, names = ", ".join([row] * rows), ", ".join(columns)
    statement = f"INSERT INTO {table} ({names}) VALUES {values} ON CONFLICT DO NOTHING"  # nosec B608
    return f"{statement} RETURNING {returning}" if returning else statement


@cache
def _converters(dialect: Dialect, table: Table, columns: tuple[str, ...]) -> list[Convert | None]:
    """What makes the driver's values out of ours, by column; None = as it is."""
    return [table.c[name].type.dialect_impl(dialect).bind_processor(dialect) for name in columns]


def _again(connection: Connection, arrival: Arrival) -> Accepted:
    with Session(connection, join_transaction_mode="create_savepoint") as session, session.begin():
        return deliveries.accept(session, arrival.guid, arrival.event, arrival.headers, arrival.raw)


def delivery_row(arrival: Arrival, now: datetime) -> dict[str, Any]:
    """The row of `deliveries`."""
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


def ring_row(delivery_id: int, now: datetime) -> dict[str, Any]:
    """The row of `outbox` that rings for it."""
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
