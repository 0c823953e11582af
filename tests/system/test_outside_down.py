"""GitHub, Telegram and Redis on a bad day: everything arrives once, in the end, and nobody waits for the wrong one.

The bad days begin together, each in a repository of its own, so that their waits overlap.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
import redis

from devkit.rig import RigClient
from devkit.rig.ledger import Entry
from tests.system.checker import check, log_size
from tests.system.post import rows
from tests.system.town import OWNER, WRITER, Mind, Thread, Town, call, good_mind, plan_of, wait_until

pytestmark = [pytest.mark.slow]
BRIEF = Mind([plan_of()], [call("list_files", path=".")])
WRITES = {
    "comment": ("POST", r"/issues/\d+/comments$"),
    "edit": ("PATCH", r"/issues/comments/\d+$"),
    "reaction": ("POST", r"/reactions$"),
    "label": ("POST", r"/issues/\d+/labels$"),
    "check run": ("POST", r"/check-runs$"),
}
PAUSE = 4


def begin(town: Town, mind: Mind, *faults: dict[str, Any]) -> Thread:
    """A task in a repository whose calls go wrong as the rules say; their `path` is searched after its name."""
    repo = town.repo()
    for fault in faults:
        rule = {**fault, "path": f"/api/v3/repos/{repo}{fault.get('path', '')}"}
        town.world.rig.fault(rule.pop("kind"), **rule)
    return town.start(repo, mind)


def every_write(kind: str) -> list[dict[str, Any]]:
    """The fault once on each kind of write, and once more on the second comment."""
    rules = [
        {"kind": kind, "method": method, "path": f".*{path}", "skip": 1 if name == "edit" else 0}
        for name, (method, path) in WRITES.items()
    ]
    return [*rules, {"kind": kind, "method": "POST", "path": f".*{WRITES['comment'][1]}"}]


COMMENT = {"method": "POST", "path": f".*{WRITES['comment'][1]}"}
DAYS: dict[str, tuple[dict[str, Any], ...]] = {
    "secondary": (
        {
            **COMMENT,
            "kind": "status",
            "status": 403,
            "headers": {"Retry-After": str(PAUSE)},
            "body": '{"message": "s"}',
        },
    ),
    "before": ({**COMMENT, "kind": "status", "status": 502},),
    "garbage": ({**COMMENT, "kind": "garbage"}, {"kind": "garbage", "method": "GET", "path": ".*/labels", "times": 2}),
    "drip": ({**COMMENT, "kind": "slow_drip", "seconds": 2.0},),
    "cut": ({**COMMENT, "kind": "truncate"},),
}


@pytest.fixture(scope="module")
def days(town: Town) -> Iterator[dict[str, Thread]]:
    """One thread per bad day; after the last test everything holds for all of them."""
    began, before = log_size(town), len(town.repos)
    threads = {kind: begin(town, good_mind(), *every_write(kind)) for kind in ("apply_then_500", "apply_then_drop")}
    threads |= {name: begin(town, BRIEF, *faults) for name, faults in DAYS.items()}
    for kind in ("apply_then_500", "apply_then_drop"):
        threads[kind].approve()
    yield threads
    town.world.rig.clear()
    check(town, town.repos[before:], log_from=began)


def writes(thread: Thread) -> list[Entry]:
    """Calls about the thread's repository, oldest first."""
    return thread.town.world.rig.ledger(path=f"/api/v3/repos/{thread.repo}/")


@pytest.mark.parametrize("day", ["before", "garbage", "drip", "cut"])
def test_f28_f38_f39_trouble_with_a_comment_ends_in_exactly_one(days: dict[str, Thread], day: str) -> None:
    thread = days[day]
    thread.plan()
    assert sum("plan v1 " in said for said in thread.bot()) == 1


def test_f31_nobody_calls_within_the_time_that_github_named(days: dict[str, Thread]) -> None:
    thread = days["secondary"]
    thread.plan()
    calls = writes(thread)
    refused = next(entry for entry in calls if entry.status == 403)
    later = [entry for entry in calls if entry.id > refused.id and "/git/" not in entry.path]
    assert later and min(entry.at for entry in later) >= refused.at + PAUSE - 0.1


@pytest.mark.parametrize("kind", ["apply_then_500", "apply_then_drop"])
def test_f29_every_kind_of_write_that_was_applied_and_denied_stands_once(days: dict[str, Thread], kind: str) -> None:
    thread = days[kind]
    thread.done(90)
    assert {entry.fault for entry in writes(thread)} >= {kind}
    assert sum("plan v1 " in one for one in thread.bot()) == 1
    labels = [name for name in thread.town.world.labels(thread.repo, thread.number) if name.startswith("devtask")]
    assert len(labels) == 1
    head = thread.town.world.branch(thread.repo, str(thread.branch()))
    assert head is not None
    runs = wait_until(lambda: thread.town.world.check_runs(thread.repo, head) or None, 20)
    assert len(runs) == 1


def test_f30_a_list_that_lags_is_read_again_before_anything_is_said_twice(town: Town, days: dict[str, Thread]) -> None:
    town.world.tune(list_lag=4.0)
    try:
        thread = begin(town, BRIEF, {**COMMENT, "kind": "apply_then_500", "times": 2})
        thread.plan()
        assert wait_until(lambda: True if not unsent(town, thread) else None, 30)
    finally:
        town.world.tune(list_lag=0.0)
    posted = [e for e in writes(thread) if e.method == "POST" and e.path.endswith("/comments")]
    assert len(posted) == len(thread.bot()) == 2


def test_a_tick_in_a_plan_whose_posting_is_not_written_down_yet_waits_for_that(
    town: Town, days: dict[str, Thread]
) -> None:
    town.world.tune(list_lag=4.0)
    try:
        thread = begin(town, good_mind(), {**COMMENT, "kind": "apply_then_500", "times": 2})
        shown = thread.plan()
        assert unsent(town, thread)
        town.world.tick(shown["id"], WRITER, 0)
        assert wait_until(lambda: True if not unsent(town, thread) else None, 30)
    finally:
        town.world.tune(list_lag=0.0)
    thread.done(90)


def unsent(town: Town, thread: Thread) -> int:
    """Comments that are still to be made for the thread's task."""
    with rows(town) as database:
        query = """SELECT count(*) FROM outbox JOIN tasks ON tasks.id = task_id WHERE repo_name=?
            AND kind IN ('comment', 'status') AND state IN ('inflight', 'uncertain')"""
        return int(database.execute(query, (thread.repo,)).fetchone()[0])


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "status", "status": 500, "times": 0},
        {"kind": "status", "status": 429, "times": 0, "body": '{"ok":false,"parameters":{"retry_after":60}}'},
        {"kind": "status", "status": 403, "times": 0, "body": '{"ok":false,"description":"blocked"}'},
        {"kind": "delay", "seconds": 7.0, "times": 0},
    ],
    ids=["500", "429", "403", "hangs"],
)
def test_f45_telegram_in_trouble_holds_up_no_task(town: Town, days: dict[str, Thread], fault: dict[str, Any]) -> None:
    phone = RigClient(town.stage.telegram.url)
    rule = dict(fault)
    number = phone.fault(rule.pop("kind"), r"/(sendMessage|editMessageText)", **rule)
    try:
        thread = begin(town, BRIEF)
        thread.plan()
        asked = thread.says(WRITER, "/status")
        assert wait_until(lambda: True if "eyes" in thread.reactions(asked) else None, 8)
        assert len(phone.ledger(path="sendMessage", since=0)) < 200
    finally:
        phone.clear(number)
        forget_pause(town)


def forget_pause(town: Town) -> None:
    """Telegram is asked again at once: the next fault is to be met, not waited for."""
    import sqlite3

    with sqlite3.connect(town.stage.folder / "data" / "orchestrator.db", timeout=10) as database:
        database.execute("DELETE FROM rate_buckets WHERE bucket='telegram'")


def test_f19_f20_redis_may_forget_everything_or_be_away(town: Town, days: dict[str, Thread]) -> None:
    repo = town.repo()
    thread = Thread(town, repo, town.world.issue(repo, OWNER, "Stock", "Negative."), "")
    town.stage.redis.stop()
    try:
        asked = thread.says(WRITER, "/help")
        assert town.world.wait(5)
        row = town.world.deliveries("issue_comment")[-1]
        assert row["status_code"] == 202
    finally:
        town.stage.redis.start()
    back = time.monotonic()
    assert wait_until(lambda: True if "eyes" in thread.reactions(asked) else None, 20), thread.story()
    assert time.monotonic() - back < 9.0
    work = begin(town, good_mind())
    with redis.Redis.from_url(town.stage.redis_url) as bell:
        for _ in range(4):
            bell.flushall()
            time.sleep(0.3)
        work.approve()
        wait_until(lambda: True if bell.flushall() and work.branch() else None, 30)
    work.done()
