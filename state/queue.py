"""The bell: tells a worker through RQ that a row waits. Best effort; the row is the job and the scan rings again."""

from __future__ import annotations

import logging
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

from state.clock import clock, monotonic

if TYPE_CHECKING:
    from redis import Redis

TIMEOUT_SECONDS = 0.05
BREAKER_SECONDS = 5.0
WINDOW_SECONDS = 15
QUEUED_SECONDS = 60  # the scan rings again; unheard bells must not pile up behind a long step
JOB_TIMEOUT_SECONDS = 24 * 3600


class Bell:
    """Rings RQ queues of one Redis. Nothing is imported or connected before the first ring."""

    def __init__(self, redis_url: str) -> None:
        self._url = redis_url
        self._redis: Redis | None = None
        self._silent_until = 0.0
        self._lock = threading.Lock()

    def ring(self, queue: str, func: str, arg: int) -> bool:
        """Enqueues `func(arg)` once per 15 s window, again if it was killed; whether the bell rang or had rung. Never
        raises for Redis' sake.

        After a failure nothing is tried for 5 s, so a dead Redis costs its callers nothing.
        """
        if monotonic() < self._silent_until:
            return False
        from redis.exceptions import RedisError

        try:
            self._enqueue(queue, func, arg)
        except (RedisError, OSError) as error:
            self._silent_until = monotonic() + BREAKER_SECONDS
            logging.getLogger("devtask.queue").info("redis does not answer: %s", type(error).__name__)
            return False
        return True

    def _enqueue(self, queue: str, func: str, arg: int) -> None:
        from rq import Queue
        from rq.exceptions import DuplicateJobError, InvalidJobOperation
        from rq.job import JobStatus
        from rq.serializers import JSONSerializer

        bell = Queue(queue, connection=self._connection(), serializer=JSONSerializer)
        name = job_id(func, arg)
        for _ in range(2):
            with suppress(DuplicateJobError):
                bell.enqueue_call(
                    func,
                    args=(arg,),
                    job_id=name,
                    unique=True,
                    result_ttl=0,
                    failure_ttl=60,
                    ttl=QUEUED_SECONDS,
                    timeout=JOB_TIMEOUT_SECONDS,
                )
                return
            killed = bell.fetch_job(name)
            if killed is None or killed.get_status(refresh=False) is not JobStatus.FAILED:
                return
            with suppress(InvalidJobOperation):  # Redis has forgotten it meanwhile
                killed.delete()

    def _connection(self) -> Redis:
        with self._lock:
            if self._redis is None:
                from redis import Redis
                from redis.backoff import NoBackoff
                from redis.retry import Retry

                self._redis = Redis.from_url(
                    self._url,
                    socket_timeout=TIMEOUT_SECONDS,
                    socket_connect_timeout=TIMEOUT_SECONDS,
                    retry=Retry(NoBackoff(), 0),
                )
            return self._redis


def job_id(func: str, arg: int) -> str:
    """`<kind>-<row id>-<number of the 15 s window>`: letters, digits, `_` and `-` only, as RQ wants it."""
    kind = func.removeprefix("jobs.").replace(".", "_")
    return f"{kind}-{arg}-{int(clock().timestamp()) // WINDOW_SECONDS}"


_bells: dict[str, Bell] = {}


def ring(queue: str, func: str, arg: int, *, redis_url: str) -> bool:
    """`Bell.ring` on the process' one bell for this Redis."""
    return _bells.setdefault(redis_url, Bell(redis_url)).ring(queue, func, arg)
