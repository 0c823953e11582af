"""A worker ends when it is told to, whenever that is."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis
from rq import Queue
from rq.serializers import JSONSerializer

from cli.stage import RedisServer, free_port
from jobs.worker import Stop, _serve


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[Redis]:
    port = free_port()
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    with RedisServer(tmp_path, port), Redis(port=port) as client:
        yield client
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("queue", ["chat", "step"])
def test_a_stop_that_came_before_the_worker_listens_is_heeded(queue: str, redis: Redis) -> None:
    stop = Stop()
    stop(signal.SIGTERM, None)
    assert _serve(queue, redis, burst=False, stop=stop)
    assert not redis.smembers("rq:workers")


@pytest.mark.parametrize(("queue", "own"), [("chat", True), ("plan", False), ("step", False)])
def test_answers_are_given_in_the_workers_own_process_and_long_work_in_a_forked_one(
    queue: str, own: bool, redis: Redis
) -> None:
    job = Queue(queue, connection=redis, serializer=JSONSerializer).enqueue("os.getpid", result_ttl=60)
    assert _serve(queue, redis, burst=True, stop=Stop()) is False
    assert (job.return_value() == os.getpid()) is own
