"""All workers of steps are busy, and people ask: they are seen at once, and `/abort` is carried out at once."""

from __future__ import annotations

import time
from collections.abc import Iterator
from functools import partial

import pytest

from tests.system.checker import check, log_size
from tests.system.test_approvals import naps_of, reacted, status
from tests.system.town import OWNER, WRITER, Mind, Thread, Town, call, plan_of, wait_until

pytestmark = [pytest.mark.slow]
ASKS = 20
NAP = "20.6183"


@pytest.fixture(scope="module")
def threads(town: Town) -> Iterator[list[Thread]]:
    """Two tasks whose steps sleep in the sandbox, so that both workers of steps are busy, and two plans that wait."""
    began, before = log_size(town), len(town.repos)
    sleepy = Mind([plan_of()], [call("run", command=f"sleep {NAP}")])
    started = [town.start(town.repo(), sleepy) for _ in range(4)]
    for thread in started[:2]:
        thread.approve()
    assert wait_until(lambda: True if len(naps_of(NAP)) >= 2 else None, 60), [one.bot() for one in started[:2]]
    yield started
    for thread in started:
        if status(thread) != "ABORTED":
            thread.says(OWNER, "/abort")
    check(town, town.repos[before:], log_from=began)


def test_eyes_come_within_two_seconds_while_every_step_worker_is_busy(town: Town, threads: list[Thread]) -> None:
    waits: list[float] = []
    for number in range(ASKS):
        thread = threads[number % len(threads)]
        began = time.time()
        asked = thread.says(WRITER, "/status")
        seen = wait_until(partial(eyes, town, thread, asked), 10)
        waits.append(seen - began if seen else 10.0)
    waits.sort()
    assert waits[int(ASKS * 0.95) - 1] <= 2.0, waits
    assert len(naps_of(NAP)) >= 1, "nobody was busy any more"


def eyes(town: Town, thread: Thread, comment: int) -> float | None:
    """When GitHub was given the eyes for this comment; seconds since 1970."""
    path = f"/api/v3/repos/{thread.repo}/issues/comments/{comment}/reactions$"
    sent = [entry for entry in town.world.rig.ledger(path=path, method="POST") if b"eyes" in entry.body]
    return sent[0].at if sent else None


def test_abort_ends_what_runs_within_three_seconds_while_all_are_busy(threads: list[Thread]) -> None:
    thread = threads[0]
    running = len(naps_of(NAP))
    began = time.monotonic()
    asked = thread.says(WRITER, "/abort enough")
    assert wait_until(lambda: True if len(naps_of(NAP)) < running else None, 10)
    assert time.monotonic() - began <= 3.0
    reacted(thread, asked, "eyes", "+1")
    assert status(thread) == "ABORTED"
