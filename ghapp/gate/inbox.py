"""Stores deliveries durably before they are acknowledged: one commit for all requests that wait at that moment.

A single thread of the process writes, so that a sender's patience ends in time whatever the database does. While it
commits (with `synchronous=FULL` that is a disk flush), the next requests gather and share the next commit, so that a
burst costs flushes per batch instead of per request.
"""

from __future__ import annotations

import logging
import os
import queue
import threading
import time
from collections.abc import Callable

from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from ghapp.gate.turn import turn_of
from state.db.engine import WRITER
from state.failpoint import FailpointError, failpoint
from state.store.arrivals import Arrival, accept_many
from state.store.deliveries import FUNC, QUEUE, Accepted

Ring = Callable[[str, str, int], bool]
BATCH = 64
GATHER_SECONDS = 0.003
RINGS_WAITING = 200
RING_SECONDS = 0.01  # faster than a worker takes jobs; in a burst, bells nobody can hear cost more than the storing


class Arrived:
    """One delivery on its way to the database. A bare lock is its event: a Future costs three times the switches."""

    def __init__(self, arrival: Arrival) -> None:
        self.arrival = arrival
        self._outcome: Accepted | Exception | None = None
        self._open = threading.Lock()
        self._open.acquire()

    def end(self, outcome: Accepted | Exception) -> None:
        """Stored, or not; only the first call counts."""
        if self._outcome is None:
            self._outcome = outcome
            self._open.release()

    def result(self, timeout: float) -> Accepted:
        """What became of it. Raises the error that it ended with, or TimeoutError."""
        if not self._open.acquire(timeout=timeout):
            raise TimeoutError
        if isinstance(self._outcome, Accepted):
            return self._outcome
        assert self._outcome is not None
        raise self._outcome


class Inbox:
    """`accept` returns after the commit. Threads start with the first delivery, so in the process that serves it."""

    def __init__(self, engine: Engine, ring: Ring | None = None) -> None:
        self._writer = engine.execution_options(**{WRITER: True})
        self.writing = turn_of(engine.url.database if engine.dialect.name == "sqlite" else None)
        self._ring = ring
        self.arrived: queue.SimpleQueue[Arrived] = queue.SimpleQueue()
        self._rings: queue.Queue[int] = queue.Queue(RINGS_WAITING)
        self._lock = threading.Lock()
        self._pid = 0

    def accept(self, arrival: Arrival, timeout: float) -> Accepted:
        """Raises SQLAlchemyError when the database refuses, TimeoutError after `timeout` seconds."""
        self._start()
        arrived = Arrived(arrival)
        self.arrived.put(arrived)
        accepted = arrived.result(timeout)
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
                busy = len(batch) > 1
                batch = [self.arrived.get()]
                if busy or not self.arrived.empty():
                    time.sleep(GATHER_SECONDS)
                with self.writing:
                    while len(batch) < BATCH and not self.arrived.empty():
                        batch.append(self.arrived.get())
                    self._store(batch)
        finally:
            # Only a bug ends this loop: its senders are told, and the next delivery starts another thread.
            self._pid = 0
            for left in batch:
                left.end(TimeoutError())

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
                arrived.end(error)
            return
        for arrived, accepted in zip(batch, stored, strict=True):
            self._tell(accepted)
            arrived.end(accepted)

    def _commit(self, batch: list[Arrived]) -> list[Accepted]:
        failpoint("gate.before_commit")
        with self._writer.begin() as connection:
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
            time.sleep(RING_SECONDS)
