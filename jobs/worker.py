"""The RQ workers: one queue each, one job at a time, nothing of RQ's own recovery.

The database row is the job and Redis only rings, so a worker that loses Redis waits for it and goes on; what was taken
and not finished is found again by its lease (`jobs.sweep`). Planning and steps run in a forked child; the chat queue's
short jobs run in the worker itself, whose tokens and connections stay warm (docs/decisions).
"""

from __future__ import annotations

import os
import signal
import time
from contextlib import suppress
from types import FrameType

from redis import Redis
from redis.exceptions import RedisError
from rq import Queue
from rq.job import Job
from rq.serializers import JSONSerializer
from rq.utils import now
from rq.worker import BaseWorker, SimpleWorker, Worker

from jobs.execution.prepare import sandbox_kind
from jobs.processes import die_with_parent, end_soon
from jobs.runtime import runtime, warm
from jobs.sandbox import cgroup
from state.errors import Told
from state.logs import get_log

QUEUES = ("chat", "plan", "step")
RETRY_SECONDS = 1.0
STOP_SECONDS = 12.0
"""After so many seconds a job that was told to stop is killed; looked at every 5 s, so all is over in 20 s."""


class Stop:
    """Set by SIGTERM or SIGINT while no job is running."""

    def __init__(self) -> None:
        self.asked = False

    def __call__(self, signum: int, frame: FrameType | None) -> None:
        self.asked = True


class Stoppable(BaseWorker):
    """An RQ worker that also heeds what it was told just before it began to listen to signals itself."""

    stop: Stop

    def _install_signal_handlers(self) -> None:
        super()._install_signal_handlers()  # type: ignore[no-untyped-call]
        if self.stop.asked:
            self._shutdown_requested_date = now()
            self._stop_requested = True


class BellWorker(Stoppable, Worker):
    """An RQ worker whose job dies with it and whose heartbeat outlives a missed beat by 15 s."""

    max_connection_wait_time = 2.0
    exponential_backoff_factor = 1.5

    def get_heartbeat_ttl(self, job: Job) -> int:
        """Seconds after which Redis may forget a silent worker."""
        return int(self.job_monitoring_interval) + 15

    def main_work_horse(self, job: Job, queue: Queue) -> None:
        """Run one job in the forked child."""
        die_with_parent()
        super().main_work_horse(job, queue)

    def handle_work_horse_killed(self, job: Job, *_: object) -> None:
        """What the child ran in a sandbox ends with it."""
        cgroup.sweep()

    def setup_work_horse_signals(self) -> None:
        """In the child: SIGTERM stops the work where it can go on later."""
        super().setup_work_horse_signals()  # type: ignore[no-untyped-call]
        signal.signal(signal.SIGTERM, end_soon)

    def handle_warm_shutdown_request(self) -> None:
        """The child is told; it gives its lease back and ends."""
        self._tell_horse(signal.SIGTERM)

    def maintain_heartbeats(self, job: Job) -> None:
        """Every 5 s while the child works: one that does not end in time is killed, its lease decides then."""
        asked = self._shutdown_requested_date
        if asked is not None and (now() - asked).total_seconds() > STOP_SECONDS:
            self._tell_horse(signal.SIGKILL)
        super().maintain_heartbeats(job)

    def see_off(self, stop: Stop) -> None:
        """Redis went away while the child works: it goes on without Redis, and is waited for."""
        deadline: float | None = None
        while self.horse_pid and os.waitpid(self.horse_pid, os.WNOHANG) == (0, 0):
            if stop.asked and deadline is None:
                deadline = time.monotonic() + STOP_SECONDS
                self._tell_horse(signal.SIGTERM)
            if deadline is not None and time.monotonic() > deadline:
                self._tell_horse(signal.SIGKILL)
            time.sleep(0.1)
        self._horse_pid = 0

    def _tell_horse(self, sig: signal.Signals) -> None:
        if self.horse_pid:
            with suppress(ProcessLookupError):
                os.kill(self.horse_pid, sig)


class ChatWorker(Stoppable, SimpleWorker):
    """Runs its jobs in its own process; after a thousand of them it ends and is started anew."""

    max_connection_wait_time = 2.0
    exponential_backoff_factor = 1.5

    def handle_warm_shutdown_request(self) -> None:
        """The job at hand ends after the effect at hand."""
        end_soon()


MOST_JOBS = 1_000
"""After so many jobs the chat worker's process ends, whatever its libraries may have kept."""


def work(queue: str, redis_url: str, *, burst: bool = False) -> None:
    """Serve one queue until SIGTERM.

    Imports what the queue's jobs need once, before the first fork: a job then starts in milliseconds.
    """
    warm(queue)
    cgroup.sweep()
    if queue == "step":
        _try_sandbox()
    stop = Stop()
    while not stop.asked:
        signal.signal(signal.SIGTERM, stop)
        signal.signal(signal.SIGINT, stop)
        connection = _connect(redis_url, stop)
        if connection is None:
            return
        try:
            if _serve(queue, connection, burst, stop) or burst:
                return
        except RedisError:
            time.sleep(RETRY_SECONDS)


def _try_sandbox() -> None:
    """Say at the start that nothing will be executed; each step tries again, for it may be mended meanwhile."""
    now = runtime()
    with now.logging():
        try:
            sandbox_kind(now)
        except Told as missing:
            get_log().error("nothing is executed without a sandbox", why=str(missing))


def _serve(queue: str, connection: Redis, burst: bool, stop: Stop) -> bool:
    """One worker's life; True when it ended because it was asked to."""
    kind = ChatWorker if queue == "chat" else BellWorker
    worker = kind(
        [Queue(queue, connection=connection, serializer=JSONSerializer)],
        connection=connection,
        serializer=JSONSerializer,
        job_monitoring_interval=5,
        maintenance_interval=30,
        worker_ttl=20,
        log_job_description=False,
    )
    worker.stop = stop
    most = MOST_JOBS if queue == "chat" else None
    try:
        worker.work(burst=burst, logging_level="WARNING", max_jobs=most)
    except RedisError:
        signal.signal(signal.SIGTERM, stop)
        signal.signal(signal.SIGINT, stop)
        if isinstance(worker, BellWorker):
            worker.see_off(stop)
        raise
    return (
        worker._shutdown_requested_date is not None
        or worker.successful_job_count + worker.failed_job_count >= MOST_JOBS
    )


def _connect(redis_url: str, stop: Stop) -> Redis | None:
    """A Redis that answers, however long that takes; None when asked to stop meanwhile."""
    connection = Redis.from_url(redis_url, socket_connect_timeout=2)
    while not stop.asked:
        try:
            connection.ping()
        except RedisError:
            time.sleep(RETRY_SECONDS)
        else:
            return connection
    return None
