"""Stores deliveries durably before they are acknowledged: one commit for all requests that wait at that moment.

A request that is alone commits by itself, provided that nothing makes it wait. Otherwise a single thread of the process
writes, so that a sender's patience ends in time whatever the database does. While it commits (with `synchronous=FULL`
that is a disk flush), the next requests gather and share the next commit, so that a burst costs flushes per batch
instead of per request.
"""

from __future__ import annotations

import os
import queue
import threading
import time
from contextlib import suppress

from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from ghapp.gate.bells import Bells, Ring
from ghapp.gate.turn import turn_of
from state.db.engine import WRITER
from state.failpoint import FailpointError, failpoint
from state.store.arrivals import Arrival, accept_many
from state.store.deliveries import Accepted
from state.store.express import express

BATCH = 64
GATHER_SECONDS = 0.001


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
        self._express = express(engine)
        self.writing = turn_of(engine.url.database if engine.dialect.name == "sqlite" else None)
        self._bells = Bells(ring)
        self.arrived: queue.SimpleQueue[Arrived] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self.inside = 0
        self._pid = 0

    def accept(self, arrival: Arrival, timeout: float) -> Accepted:
        """Raises SQLAlchemyError when the database refuses, TimeoutError after `timeout` seconds."""
        self._start()
        with self._lock:
            self.inside += 1
            alone = self.inside == 1
        try:
            accepted = (self._at_once(arrival) if alone else None) or self._in_line(arrival, timeout)
        finally:
            with self._lock:
                self.inside -= 1
        failpoint("gate.stored")
        return accepted

    def _at_once(self, arrival: Arrival) -> Accepted | None:
        """Stored by this thread; None when that would mean to wait, or when it takes a closer look."""
        if self._express is None or not self._free():
            return None
        try:
            failpoint("gate.before_commit")
            stored = self._express.store([arrival])
        finally:
            self.writing.release()
        if stored is None:
            return None
        self._bells.tell(stored[0])
        return stored[0]

    def _free(self) -> bool:
        with suppress(OSError):  # the writer fails on it as well, and says so
            return self.writing.acquire(blocking=False)
        return False

    def _in_line(self, arrival: Arrival, timeout: float) -> Accepted:
        arrived = Arrived(arrival)
        self.arrived.put(arrived)
        return arrived.result(timeout)

    def _start(self) -> None:
        if self._pid == os.getpid():
            return
        with self._lock:
            if self._pid == os.getpid():
                return
            threading.Thread(target=self._write_forever, name="inbox", daemon=True).start()
            self._bells.start()
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
            self._bells.tell(accepted)
            arrived.end(accepted)

    def _commit(self, batch: list[Arrived]) -> list[Accepted]:
        failpoint("gate.before_commit")
        arrivals = [one.arrival for one in batch]
        if self._express is not None and (stored := self._express.store(arrivals)) is not None:
            return stored
        with self._writer.begin() as connection:
            return accept_many(connection, arrivals)
