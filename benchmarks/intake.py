"""P3: how long GitHub waits for its 202 at 300 deliveries a second: without Redis, and with a million stored."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from benchmarks.figures import Figure, at_most, below
from benchmarks.load import Result, open_loop, saturate
from benchmarks.servers import Web, database, dead_redis, gate, redis

RATE = 300
SECONDS = 3.0
ROUNDS = 3
FEW, MANY = 1_000, 1_000_000
LIMIT_MS = 50.0

FILL = """
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :rows)
INSERT INTO deliveries (guid, event, headers, raw, sha256, received_at, state, attempts, processed_at)
SELECT lower(hex(randomblob(16))), 'issue_comment', '{}', X'7B7D', hex(randomblob(32)), :at, 'done', 1, :at FROM n
"""
FILL_OUTBOX = """
INSERT INTO outbox (op_id, dedupe, kind, target, body, body_sha, priority, state, tries, reads, verify, not_before,
  created_at, done_at)
SELECT lower(hex(randomblob(16))), 'ring:delivery:' || id, 'ring', '{}', '{}', '', 0, 'done', 1, 0, 0, :at, :at, :at
FROM deliveries
"""


def run(folder: Path) -> Iterator[Figure]:
    """The figures of P3; the gates take turns, so that all meet the same machine."""
    with ExitStack() as stack:
        gates: dict[str, Web] = {}
        for name, rows, url in (
            ("few", FEW, stack.enter_context(redis(folder / "redis"))),
            ("down", FEW, dead_redis()),
            ("many", MANY, dead_redis()),
        ):
            gates[name] = stack.enter_context(gate(folder / name, url))
            fill(database(folder / name), rows)
        seen = {name: Result() for name in gates}
        for server in gates.values():
            saturate(server.port, 8, 0.5)
        for _ in range(ROUNDS):
            for name, server in gates.items():
                seen[name].add(open_loop(server.port, RATE, SECONDS))
    if refused := sum(one.bad for one in seen.values()):
        raise RuntimeError(f"{refused} deliveries were refused")
    yield from figures(seen)


def fill(path: Path, rows: int) -> None:
    """That many processed deliveries and their rung bells, as the migrated schema keeps them."""
    connection = sqlite3.connect(path, isolation_level=None)
    values = {"rows": rows, "at": "2026-01-02 03:04:05.000000"}
    for pragma in ("synchronous=OFF", "cache_size=-400000"):
        connection.execute(f"PRAGMA {pragma}")
    connection.execute("BEGIN IMMEDIATE")
    connection.execute(FILL, values)
    connection.execute(FILL_OUTBOX, values)
    connection.execute("COMMIT")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


def figures(seen: dict[str, Result]) -> Iterator[Figure]:
    """p99 in each setting, and how the median moves."""
    few, down, many = seen["few"], seen["down"], seen["many"]
    yield below("P3", f"intake p99 at {RATE}/s", few.quantile(0.99), LIMIT_MS, "ms")
    yield below("P3", f"intake p99 at {RATE}/s, Redis down", down.quantile(0.99), LIMIT_MS, "ms")
    yield below("P3", f"intake p99 at {RATE}/s, a million stored", many.quantile(0.99), LIMIT_MS, "ms")
    moved = f"{down.quantile(0.5):.2f} ms -> {many.quantile(0.5):.2f} ms"
    yield at_most("P3", f"intake p50, 1e6 stored beside 1e3 ({moved})", many.quantile(0.5) / down.quantile(0.5), 1.3)
    ratio = down.quantile(0.5) / few.quantile(0.5)
    yield at_most("P3", "intake p50, Redis down beside up", ratio, 1.3)
