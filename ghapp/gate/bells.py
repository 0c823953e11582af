"""Rings for stored deliveries from a thread of its own, so that Redis is never in the way of an acknowledgement."""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable

from state.store.deliveries import FUNC, QUEUE, Accepted

Ring = Callable[[str, str, int], bool]
WAITING = 200
CROWD = 20
RING_SECONDS = 0.01  # faster than a worker takes jobs; in a burst, bells nobody can hear cost as much as the storing


class Bells:
    """Best effort: what does not fit here is found by the scan. The more are waiting, the more is left to it."""

    def __init__(self, ring: Ring | None) -> None:
        self._ring = ring
        self._waiting: queue.Queue[int] = queue.Queue(WAITING)

    def start(self) -> None:
        """In the process that serves."""
        if self._ring is not None:
            threading.Thread(target=self._ring_forever, args=(self._ring,), name="bells", daemon=True).start()

    def tell(self, accepted: Accepted) -> None:
        """Ring for it soon if it should; never waits."""
        if self._ring is not None and accepted.ring and not self._waiting.full():
            self._waiting.put_nowait(accepted.id)

    def _ring_forever(self, ring: Ring) -> None:
        while True:
            delivery_id = self._waiting.get()
            if not ring(QUEUE, FUNC, delivery_id):
                logging.getLogger("devtask.gate").debug("no bell for delivery %s", delivery_id)
            time.sleep(RING_SECONDS * (1 + self._waiting.qsize() // CROWD))
