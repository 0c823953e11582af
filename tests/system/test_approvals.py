"""Exactly the plan that was shown, by somebody who may, once: everything else is told and changes nothing."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.system.checker import check, log_size
from tests.system.post import Post, rows
from tests.system.town import EDIT, OWNER, READ, READER, WRITER, Mind, Thread, Town, call, plan_of, wait_until

pytestmark = [pytest.mark.slow]
NAP = "33.4172"
SLEEPS = [call("run", command=f"sleep {NAP}")]
QUIET_MIND = Mind([plan_of()], [call("list_files", path=".")])


@pytest.fixture(scope="module")
def post(town: Town) -> Iterator[Post]:
    """The door; after the last test everything that was acked has ended, and everything else holds."""
    began, before = log_size(town), len(town.repos)
    sender = Post(town)
    yield sender
    check(town, town.repos[before:], sender.acked, log_from=began)


@pytest.fixture(scope="module")
def planned(post: Post, town: Town) -> list[Thread]:
    """Threads with a plan that waits, made together; each test takes one."""
    return [town.start(town.repo(), QUIET_MIND) for _ in range(8)]


def digest(thread: Thread) -> str:
    """The short hash that the newest plan shows."""
    return str(thread.plan()["body"].partition("/approve ")[2][:4])


def status(thread: Thread) -> str:
    """The state of the issue's newest task."""
    with rows(thread.town) as database:
        query = "SELECT status FROM tasks WHERE repo_name=? AND issue_number=? ORDER BY seq DESC"
        return str(database.execute(query, (thread.repo, thread.number)).fetchone()[0])


def approvals(thread: Thread) -> int:
    """How many approvals stand for the issue's tasks."""
    with rows(thread.town) as database:
        query = """SELECT count(*) FROM approvals JOIN tasks ON tasks.id = task_id
            WHERE repo_name=? AND issue_number=? AND revoked_at IS NULL"""
        return int(database.execute(query, (thread.repo, thread.number)).fetchone()[0])


def reacted(thread: Thread, comment: int, *contents: str) -> None:
    """The comment gets all of these reactions."""
    found = wait_until(lambda: True if set(contents) <= set(thread.reactions(comment)) else None, 20)
    assert found, f"{thread.reactions(comment)}\n{thread.story()}"


def body(thread: Thread, comment: int) -> str:
    """The comment as it stands."""
    found = thread.town.world.comments(thread.repo, thread.number)
    return next(str(one["body"]) for one in found if one["id"] == comment)


def test_f55_two_writers_at_once_start_one_execution_and_one_is_told(planned: list[Thread]) -> None:
    thread = planned.pop()
    line = f"/approve {digest(thread)}"
    with ThreadPoolExecutor(2) as pool:
        asked = list(pool.map(lambda user: thread.says(user, line), (OWNER, WRITER)))
    thread.wait("is approved already, by", 20)
    assert wait_until(lambda: True if approvals(thread) == 1 else None, 5)
    assert sorted(len(set(thread.reactions(one)) & {"rocket"}) for one in asked) in ([0, 1], [0, 0])
    assert sum("confused" in thread.reactions(one) for one in asked) == 1


def test_abu_14_a_hash_that_is_not_the_shown_plan_is_told_which_one_is(planned: list[Thread]) -> None:
    thread = planned.pop()
    known = digest(thread)
    wrong = thread.says(WRITER, "/approve " + ("0000" if known != "0000" else "1111"))
    assert known in thread.wait("is not the current plan", 20)["body"]
    reacted(thread, wrong, "confused")
    reader = thread.says(READER, f"/approve {known}")
    reacted(thread, reader, "-1")
    assert approvals(thread) == 0 and status(thread) == "PLANNED"


def test_abu_13_a_plan_comment_that_a_writer_edited_is_refused_and_restored(planned: list[Thread]) -> None:
    thread = planned.pop()
    shown, known = thread.plan(), digest(thread)
    world = thread.town.world
    world.tune(hooks_on=False)
    world.edit_comment(shown["id"], OWNER, shown["body"].replace("Refuse", "Allow"))
    world.tune(hooks_on=True)
    thread.says(WRITER, f"/approve {known}")
    thread.wait("somebody edited the comment", 20)
    assert wait_until(lambda: True if "Allow" not in body(thread, shown["id"]) else None, 20)
    world.edit_comment(shown["id"], OWNER, "something else entirely")
    thread.wait("edited this bot's comment", 20)
    assert wait_until(lambda: True if body(thread, shown["id"]).startswith(shown["body"][:40]) else None, 20)
    assert approvals(thread) == 0
    reacted(thread, thread.says(WRITER, f"/approve {known}"), "rocket")


def test_a_plan_comment_that_is_gone_is_posted_again_and_can_be_approved(planned: list[Thread]) -> None:
    thread = planned.pop()
    shown, known = thread.plan(), digest(thread)
    thread.town.world.delete_comment(shown["id"], OWNER)
    thread.says(WRITER, f"/approve {known}")
    thread.wait("is gone. It is posted again", 20)
    thread.plan()
    time.sleep(1)
    reacted(thread, thread.says(WRITER, f"/approve {known}"), "rocket")


def test_ticks_by_readers_and_in_edited_bodies_do_nothing(planned: list[Thread], post: Post) -> None:
    import httpx

    thread = planned.pop()
    shown, world = thread.plan(), thread.town.world
    with pytest.raises(httpx.HTTPStatusError):
        world.tick(shown["id"], READER, 0)
    world.tune(hooks_on=False)
    world.edit_comment(shown["id"], OWNER, shown["body"].replace("Refuse", "Allow"))
    world.tune(hooks_on=True)
    with pytest.raises(httpx.HTTPStatusError):
        world.tick(shown["id"], WRITER, 0, shown=shown["body"])
    world.tick(shown["id"], WRITER, 0)
    thread.wait("edited this bot's comment", 20)
    assert approvals(thread) == 0 and status(thread) == "PLANNED"
    assert wait_until(lambda: True if "Allow" not in body(thread, shown["id"]) else None, 20)
    world.tick(shown["id"], WRITER, 0)
    assert wait_until(lambda: True if approvals(thread) == 1 else None, 20), thread.bot()


def test_abu_15_f54_an_approving_comment_that_is_gone_or_changed_approves_nothing(planned: list[Thread]) -> None:
    thread = planned.pop()
    known, world = digest(thread), thread.town.world
    world.tune(hook_delay=0.7)
    try:
        gone = thread.says(WRITER, f"/approve {known}")
        world.delete_comment(gone, WRITER)
        changed = thread.says(OWNER, f"/approve {known}")
        world.edit_comment(changed, OWNER, "rather not")
        thread.wait("was deleted before it was read", 20)
        thread.wait("was edited before it was read", 20)
    finally:
        world.tune(hook_delay=0.0)
    assert approvals(thread) == 0


def test_abu_12_an_issue_edited_after_the_plan_needs_one_tick_more(planned: list[Thread]) -> None:
    thread = planned.pop()
    known, world = digest(thread), thread.town.world
    world.edit_issue(thread.repo, thread.number, OWNER, body="It becomes negative.\nAnd delete the tests.")
    thread.says(WRITER, f"/approve {known}")
    told = thread.wait("the issue was edited after the plan", 20)
    assert "+And delete the tests." in told["body"]
    assert approvals(thread) == 0
    world.tick(told["id"], WRITER, 0)
    assert wait_until(lambda: True if approvals(thread) == 1 else None, 20), thread.bot()


def test_f57_reject_status_help_and_a_second_task_in_spanish_too(planned: list[Thread]) -> None:
    thread = planned.pop()
    thread.plan()
    thread.says(WRITER, "/estado")
    thread.wait("0 of 1", 20)
    thread.says(WRITER, "/ayuda")
    assert "`/approve" in thread.wait("`/reject", 20)["body"]
    thread.says(OWNER, "/tarea otra cosa")
    thread.wait("is open on this issue", 20)
    no = thread.says(WRITER, "/rechazar demasiado grande")
    reacted(thread, no, "eyes", "+1")
    assert status(thread) == "ABORTED"


def test_every_command_that_is_not_built_yet_answers_one_line(post: Post, town: Town) -> None:
    from ghapp.commands.later import ROWS

    names = [row.name for row in ROWS]
    threads: list[Thread] = []
    for start in range(0, len(names), 8):
        repo = town.repo()
        thread = Thread(town, repo, town.world.issue(repo, OWNER, "Stock", "Negative."), "")
        thread.says(WRITER, "\n".join(f"/devtask {name} x" for name in names[start : start + 8]))
        threads.append(thread)
    for thread, start in zip(threads, range(0, len(names), 8), strict=True):
        for name in names[start : start + 8]:
            thread.wait(f"`/{name}` is understood, but it is not built yet", 30)


def test_abort_stops_planning_and_kills_what_runs_in_a_step_within_three_seconds(post: Post, town: Town) -> None:
    def slowly(_: object) -> object:
        time.sleep(4)
        return plan_of(title="Too late")

    running = town.start(town.repo(), Mind([plan_of()], [READ, EDIT, SLEEPS, SLEEPS]))
    known = digest(running)
    planning = town.start(town.repo(), Mind(slowly))
    running.says(WRITER, f"/approve {known}")
    assert wait_until(lambda: True if status_or_none(planning) == "PLANNING" else None, 20)
    reacted(planning, planning.says(WRITER, "/abort"), "eyes", "+1")
    assert status(planning) == "ABORTED"
    assert wait_until(lambda: True if naps_of(NAP) else None, 40), running.bot()
    began = time.monotonic()
    stop = running.says(WRITER, "/abort enough")
    assert wait_until(lambda: True if not naps_of(NAP) else None, 10)
    assert time.monotonic() - began <= 3.0
    reacted(running, stop, "eyes", "+1")
    assert status(running) == "ABORTED" and not any("plan v1" in said for said in planning.bot())


def status_or_none(thread: Thread) -> str | None:
    """The task's state once there is one."""
    try:
        return status(thread)
    except TypeError:
        return None


def naps_of(seconds: str) -> list[str]:
    """Processes of this machine that sleep that long."""
    found: list[str] = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            argv = path.read_bytes().split(b"\0")
        except OSError:
            continue
        if argv[:2] == [b"sleep", seconds.encode()]:
            found.append(path.parent.name)
    return found
