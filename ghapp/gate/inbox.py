"""Stores deliveries durably before they are acknowledged: one commit for all requests that wait at that moment.

A single thread of the process writes. While it commits (with `synchronous=FULL` that is a disk flush), the next
requests gather and share the next commit, so that a burst costs flushes per batch instead of per request.
"""

from __future__ import annotations

import logging
import os
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field

from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from state.clock import monotonic
from state.db.engine import WRITER
from state.failpoint import FailpointError, failpoint
from state.store.arrivals import Arrival, accept_many
from state.store.deliveries import FUNC, QUEUE, Accepted

Ring = Callable[[str, str, int], bool]
BATCH = 64
GATHER_SECONDS = 0.003
RINGS_WAITING = 1000


@dataclass
class Arrived:
    """One delivery on its way to the database."""

    arrival: Arrival
    stored: Future[Accepted] = field(default_factory=Future)


class Inbox:
    """`accept` returns after the commit. Threads start with the first delivery, so in the process that serves it."""

    def __init__(self, engine: Engine, ring: Ring | None = None) -> None:
        self._engine = engine
        self._ring = ring
        self._arrived: queue.SimpleQueue[Arrived] = queue.SimpleQueue()
        self._rings: queue.Queue[int] = queue.Queue(RINGS_WAITING)
        self._lock = threading.Lock()
        self._pid = 0

    def accept(self, arrival: Arrival, timeout: float) -> Accepted:
        """Raises SQLAlchemyError when the database refuses, TimeoutError after `timeout` seconds."""
        self._start()
        arrived = Arrived(arrival)
        self._arrived.put(arrived)
        accepted = arrived.stored.result(timeout)
        failpoint("gate.stored")
        return accepted

    def _start(self) -> None:
        if self._pid == os.getpid():
            return
        with self._lock:
            if self._pid == os.getpid():
                return
            threading.Thread(target=self._write_forever, name="inbox", daemon=True).start()
            threading.Thread(target=self._ring_forever, name="bell", daemon=True).start()
            self._pid = os.getpid()

    def _write_forever(self) -> None:
        batch: list[Arrived] = []
        try:
            while True:
                batch = self._gather(busy=len(batch) > 1)
                self._store(batch)
        finally:
            # Only a bug ends this loop: its senders are told, and the next delivery starts another thread.
            self._pid = 0
            for left in batch:
                if not left.stored.done():
                    left.stored.set_exception(TimeoutError())

    def _gather(self, *, busy: bool) -> list[Arrived]:
        """What waits now; under load also what comes within the next moment, since a commit costs the same for all."""
        batch = [self._arrived.get()]
        until = monotonic() + (GATHER_SECONDS if busy or not self._arrived.empty() else 0.0)
        while len(batch) < BATCH:
            try:
                batch.append(self._arrived.get(timeout=max(0.0, until - monotonic())))
            except queue.Empty:
                break
        return batch

    def _store(self, batch: list[Arrived]) -> None:
        """All in one transaction. A row that the database refuses costs only its own sender, a lock costs all."""
        try:
            stored = self._commit(batch)
        except (SQLAlchemyError, FailpointError) as error:
            if len(batch) > 1 and not isinstance(error, OperationalError):
                for arrived in batch:
                    self._store([arrived])
                return
            for arrived in batch:
                arrived.stored.set_exception(error)
            return
        for arrived, accepted in zip(batch, stored, strict=True):
            self._tell(accepted)
            arrived.stored.set_result(accepted)

    def _commit(self, batch: list[Arrived]) -> list[Accepted]:
        failpoint("gate.before_commit")
        with self._engine.execution_options(**{WRITER: True}).begin() as connection:
            return accept_many(connection, [one.arrival for one in batch])

    def _tell(self, accepted: Accepted) -> None:
        """The bell is best effort: what does not fit here is found by the scan."""
        if self._ring is not None and accepted.ring and not self._rings.full():
            self._rings.put_nowait(accepted.id)

    def _ring_forever(self) -> None:
        while True:
            delivery_id = self._rings.get()
            if self._ring is not None and not self._ring(QUEUE, FUNC, delivery_id):
                logging.getLogger("devtask.gate").debug("no bell for delivery %s", delivery_id)
