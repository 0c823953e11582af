"""The heartbeat of a lease, and the ear for a person's word while a job runs."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType

from sqlalchemy import Engine, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from jobs.processes import ending
from state.db.engine import read, write
from state.db.models import Task
from state.lifecycle import TaskStatus
from state.store import leases
from state.store.leases import HEARTBEAT_SECONDS, LEASE_SECONDS, Lease

LOOK_SECONDS = 0.5


class Heart(threading.Thread):
    """Beats every 3 s while the block runs, and looks twice a second whether the work is still wanted.

    `stopped()` turns true when the lease is somebody else's, or when the task is no longer in the state that the work
    belongs to (aborted, paused), or when this process is to end. What runs in the sandbox is killed by whoever polls
    `stopped`. A process that was frozen for longer than the lease asks the database before it says anything.
    """

    def __init__(self, engine: Engine, lease: Lease, task_id: str, wanted: TaskStatus) -> None:
        super().__init__(daemon=True, name=f"heart-{lease.id[:8]}")
        self._engine = engine
        self._lease = lease
        self._task_id = task_id
        self._wanted = wanted
        self._ended = threading.Event()
        self._lost = threading.Event()
        self._unwanted = threading.Event()
        self._beaten = time.monotonic()

    def stopped(self) -> bool:
        """Whether the work must stop now."""
        return self.lost or self._unwanted.is_set() or ending()

    @property
    def lost(self) -> bool:
        """Whether the lease is somebody else's, or may be: then nothing may be written any more."""
        if not self._lost.is_set() and self._expired():
            self._answer(self._beat)
        return self._lost.is_set() or self._expired()

    def _expired(self) -> bool:
        return time.monotonic() - self._beaten > LEASE_SECONDS

    def __enter__(self) -> Heart:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self._ended.set()
        self.join()

    def run(self) -> None:
        """Beat and look until the block ends."""
        next_beat = time.monotonic() + HEARTBEAT_SECONDS
        while not self._ended.wait(LOOK_SECONDS):
            if self._answer(self._is_unwanted):
                self._unwanted.set()
            if time.monotonic() >= next_beat:
                next_beat = time.monotonic() + HEARTBEAT_SECONDS
                self._answer(self._beat)

    def _answer(self, question: Callable[[], bool]) -> bool | None:
        """The database's answer; None while it cannot answer (then the lease decides, not we)."""
        try:
            return question()
        except SQLAlchemyError:
            return None

    def _beat(self) -> bool:
        began = time.monotonic()
        with write(self._engine) as session:
            ours = leases.heartbeat(session, self._lease)
        if ours:
            self._beaten = began
        else:
            self._lost.set()
        return ours

    def _is_unwanted(self) -> bool:
        with read(self._engine) as session:
            return _status(session, self._task_id) != self._wanted.value


class Pulse(threading.Thread):
    """Prolongs a short lease (a delivery's, an effect's) every 3 s while the block runs."""

    def __init__(self, engine: Engine, beat: Callable[[Session], object]) -> None:
        super().__init__(daemon=True, name="pulse")
        self._engine = engine
        self._beat = beat
        self._ended = threading.Event()

    def __enter__(self) -> Pulse:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self.join()

    def run(self) -> None:
        """Beat until the block ends; a database that does not answer is asked again."""
        while not self._ended.wait(HEARTBEAT_SECONDS):
            with suppress(SQLAlchemyError), write(self._engine) as session:
                self._beat(session)


def _status(session: Session, task_id: str) -> str | None:
    return session.scalar(select(Task.status).where(Task.id == task_id))
