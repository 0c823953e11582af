"""Processes die before and after everything they do: all ends all the same, nothing is lost, nothing is done twice."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from cli.stage import CHAT_ID, Stage
from devkit.rig.script import Seen
from devkit.telegram import Phone
from tests.system.checker import check
from tests.system.checker_git import check_git, sandboxed
from tests.system.post import rows
from tests.system.town import (
    DONE,
    EDIT,
    GOOD_EXECUTOR,
    OWNER,
    READ,
    READER,
    WRITER,
    Mind,
    Minds,
    Thread,
    Town,
    call,
    good_mind,
    is_final,
    named,
    plan_of,
    scripts,
    wait_until,
)

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

LEASE_SECONDS = 10.0
PATIENCE = 240.0
EFFECTS = ("post", "edit", "reaction", "status", "status_edit", "label", "check", "telegram", "telegram_slot")
ROUND_EFFECTS = tuple(f"outbox.{when}_{kind}" for kind in EFFECTS for when in ("before", "after"))
DOOR = ("gate.before_commit", "gate.stored", "dispatch.before_enqueue", "sweep.scan", "sweep.reconcile")
INTAKE = ("intake.before_take", "intake.before_apply", "intake.after_apply", "intake.before_done", "intake.after_done")
PLANNING = (
    "plan.before_take",
    "git.clone",
    "git.clone.rename",
    "llm.in_flight",
    "plan.before_store",
    "plan.after_store",
)
WORKING = ("worker.after_dequeue", "step.after_take", "setup.rename", "exec.mid_write", "exec.turn")
KEEPING = ("commit.after", "step.after_commit", "push.before", "push.after", "step.before_record", "step.after_record")
TAKING_BACK = ("step.after_undo",)
GIVING_UP = ("wip.before_push", "wip.after_push")
POINTS = (*ROUND_EFFECTS, "outbox.taken", *DOOR, *INTAKE, *PLANNING, *WORKING, *KEEPING, *TAKING_BACK, *GIVING_UP)
SETUP = "setup:\n  - mkdir -p /env/bin\n"
HELPED = [
    *EDIT,
    call("run", command="echo 'LEAST = 0' > shop/rules.py"),
    call(
        "edit_file",
        path="shop/stock.py",
        old="def take",
        new="from shop.rules import LEAST\n\n__all__ = ['LEAST', 'take']\n\n\ndef take",
    ),
]
TAKES_IT = {"extra_files": [{"path": "shop/rules.py", "reason": "the rule lives there"}]}
MISSED = "no module shop.rules"
SPOILED = [call("write_file", path="shop/stock.py", content="def take(stock, wanted):\n    return 0\n")]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """A town of its own, in which what dies is started again."""
    folder = tmp_path_factory.mktemp("site")
    minds = Minds()
    planner, executor = scripts(minds)
    more = {"MAX_RETRIES": "1", "WEB_CONCURRENCY": "2"}
    with Stage(folder / "stage", planner, executor, steps=3, chats=2, env=more, restart_seconds=0.3) as stage:
        for login in (OWNER, WRITER, READER):
            stage.world.user(login)
        stage.world.tune(creates_per_minute=100_000, creates_per_hour=1_000_000)
        yield Town(stage, minds, folder)


@dataclass
class Aftermath:
    """What the tasks of the great killing came to."""

    site: Town
    good: list[Thread]
    spoiled: Thread
    poison: Thread
    left: list[str]
    seconds: float


@pytest.fixture(scope="module")
def aftermath(site: Town) -> Aftermath:
    """Every point armed at once, over tasks side by side: one of them ends badly, one kills its workers."""
    began = time.monotonic()
    site.stage.arm(*POINTS)
    minds = (good_mind(), good_mind(), Mind(planner=[plan_of()], executor=forgetful))
    good = [site.start(site.repo(config="" if number else SETUP), mind) for number, mind in enumerate(minds)]
    spoiled = site.start(site.repo(), Mind(planner=[plan_of()], executor=[READ, SPOILED, "I cannot."]))
    poison = site.start(site.repo(), Mind(planner=[plan_of()]))
    site.minds.known[poison.word].executor = lambda seen: kills_its_worker(site, poison, seen)
    threads = [poison, spoiled, *good]
    for thread in threads:
        hear(site, lambda thread=thread: said(thread, "/approve "), PATIENCE)
        thread.approve()
    for thread in threads:
        wanted = ("### ✅ Done",) if thread in good else ("### ❌ ",) if thread is spoiled else ()
        if wanted:
            hear(site, lambda thread=thread, text=wanted[0]: ended(thread, text), PATIENCE)
    hear(site, lambda: paused(site, poison), PATIENCE)
    wait_until(lambda: None if site.stage.armed() else True)
    left = site.stage.armed()
    return Aftermath(site, good, spoiled, poison, left, time.monotonic() - began)


@pytest.mark.fault
def test_g2_every_point_killed_a_process_and_every_task_came_to_its_end(aftermath: Aftermath) -> None:
    print(f"{len(POINTS) - len(aftermath.left)} of {len(POINTS)} points killed, {aftermath.seconds:.0f} s")
    assert aftermath.left == []
    for thread in aftermath.good:
        thread.done(1)
        assert "2 of 2 tests pass" in thread.done(1)["body"]
    aftermath.spoiled.failed(1)


@pytest.mark.fault
def test_f07_f10_f12_each_effect_stands_once_at_the_far_end(aftermath: Aftermath) -> None:
    check(aftermath.site, aftermath.site.repos)
    check_git(aftermath.site, aftermath.site.repos)


@pytest.mark.fault
def test_f45_each_telegram_message_stands_once(aftermath: Aftermath) -> None:
    chat = [str(one["text"]) for one in Phone(aftermath.site.stage.telegram.url).reads(CHAT_ID)]
    assert [text for text, times in Counter(chat).items() if times > 1] == []
    for thread in aftermath.good:
        mine = [text for text in chat if f"#{thread.number}" in text and thread.repo in text]
        assert len(mine) == 4, mine


@pytest.mark.fault
def test_eyes_labels_and_check_runs_are_there_after_the_kills(aftermath: Aftermath) -> None:
    world = aftermath.site.world
    for thread in aftermath.good:
        assert len([name for name in world.labels(thread.repo, thread.number) if name.startswith("devtask")]) == 1
        head = world.branch(thread.repo, str(thread.branch()))
        runs = world.check_runs(thread.repo, str(head))
        assert len(runs) == 1 and runs[0]["conclusion"] == "success", runs


@pytest.mark.fault
def test_work_that_did_not_pass_is_pushed_once_and_told_with_its_commit(aftermath: Aftermath) -> None:
    thread = aftermath.spoiled
    pushes = [push for push in aftermath.site.world.pushes() if push["repo"] == thread.repo]
    assert len(pushes) == 1
    assert row_of(aftermath.site, thread)["head_sha"] == pushes[0]["after"]


@pytest.mark.fault
def test_f59_a_task_that_kills_its_workers_is_parked_and_others_go_on(aftermath: Aftermath) -> None:
    task = row_of(aftermath.site, aftermath.poison)
    assert (task["status"], task["pause_reason"]) == ("PAUSED", "poison")
    with rows(aftermath.site) as database:
        takes = database.execute("SELECT takes FROM steps WHERE task_id = ?", (task["id"],)).fetchone()[0]
    assert takes == 5
    assert aftermath.poison.branch() is None


@pytest.mark.fault
def test_f11_no_process_outlives_a_worker_that_is_killed_while_it_runs_a_command(site: Town) -> None:
    turns: list[int] = []

    def slow_once(seen: Seen) -> Any:
        turns.append(seen.turn)
        if turns.count(1) == 1 and seen.turn == 1:
            return call("run", command="sleep 31415 & sleep 31415 & wait")
        return GOOD_EXECUTOR[min(seen.turn, len(GOOD_EXECUTOR) - 1)]

    thread = site.start(site.repo(), Mind(planner=[plan_of()], executor=slow_once))
    thread.wait("/approve ", PATIENCE)
    thread.approve()
    tree = site.stage.folder / "repos" / "trees"
    assert wait_until(lambda: True if any("sleep 31415" in text for _, text in running(tree)) else None), thread.story()
    os.kill(worker_of(site, thread), signal.SIGKILL)
    assert wait_until(lambda: None if running(tree) else True, 2.0), running(tree)
    thread.done(PATIENCE)
    whole(site, thread)


def test_f14_every_process_is_killed_once_in_the_middle_of_a_task(site: Town) -> None:
    killed: list[str] = []

    def planner(seen: Seen) -> Any:
        once(killed, "plan", lambda: kill(site, "plan"))
        return named(plan_of(), thread.word)

    def executor(seen: Seen) -> Any:
        for turn, name in ((0, "chat"), (0, "scheduler"), (1, "gate"), (2, "redis"), (3, "horse"), (4, "parent")):
            if seen.turn == turn:
                once(killed, name, lambda name=name: strike(site, thread, name))
        turns = (READ, *GOOD_EXECUTOR)
        return turns[min(seen.turn, len(turns) - 1)]

    thread = Thread(site, site.repo(), 0, "w14x")
    site.minds.known[thread.word] = Mind(planner=planner, executor=executor)
    thread.number = site.world.issue(thread.repo, OWNER, "Stock w14x", "It becomes negative.")
    thread.says(WRITER, "/task validate stock w14x")
    thread.wait("/approve ", PATIENCE)
    thread.approve()
    hear(site, lambda: ended(thread, "### ✅ Done"), PATIENCE)
    print(f"killed: {', '.join(killed)}")
    assert sorted(killed) == ["chat", "gate", "horse", "parent", "plan", "redis", "scheduler"]
    whole(site, thread)


@pytest.mark.fault
def test_f17_a_frozen_worker_that_wakes_up_changes_nothing(site: Town) -> None:
    site.stage.arm("push.before", action="stop")
    thread = site.start(site.repo(), good_mind())
    thread.wait("/approve ", PATIENCE)
    thread.approve()
    assert wait_until(lambda: None if site.stage.armed() else True), thread.story()
    frozen = worker_of(site, thread)
    assert wait_until(lambda: True if worker_of(site, thread) != frozen else None, 3 * LEASE_SECONDS)
    os.kill(frozen, signal.SIGCONT)
    thread.done(PATIENCE)
    assert wait_until(lambda: None if Path(f"/proc/{frozen}").exists() else True, 15)
    assert row_of(site, thread)["status"] == "COMPLETED"
    whole(site, thread)


@pytest.mark.fault
def test_f15_a_worker_that_is_told_to_stop_gives_its_task_back_in_time(site: Town) -> None:
    stopped: list[float] = []

    def executor(seen: Seen) -> Any:
        if seen.turn == 2 and not stopped:
            worker = worker_of(site, thread)
            parent = int(Path(f"/proc/{worker}/stat").read_text().rpartition(")")[2].split()[1])
            began = time.monotonic()
            os.kill(parent, signal.SIGTERM)
            assert wait_until(lambda: None if Path(f"/proc/{parent}").exists() else True, 25)
            stopped.append(time.monotonic() - began)
        return GOOD_EXECUTOR[min(seen.turn, len(GOOD_EXECUTOR) - 1)]

    thread = site.start(site.repo(), Mind(planner=[plan_of()], executor=executor))
    thread.wait("/approve ", PATIENCE)
    thread.approve()
    thread.done(PATIENCE)
    print(f"SIGTERM to the end: {stopped[0]:.1f} s")
    assert len(stopped) == 1
    with rows(site) as database:
        query = "SELECT count(*) FROM attempts JOIN steps ON steps.id = attempts.step_id WHERE steps.task_id = ?"
        assert database.execute(query, (row_of(site, thread)["id"],)).fetchone()[0] == 1
    whole(site, thread)


def whole(site: Town, thread: Thread) -> None:
    """Everything that holds after every scenario holds for this thread."""
    check(site, [thread.repo])
    check_git(site, [thread.repo])


def forgetful(seen: Seen) -> Any:
    """Makes a helper by a command, so that the commit lacks it; told so, it takes the file with a reason."""
    turns = (call("run_tests"), {**DONE, "input": DONE["input"] | TAKES_IT})
    if MISSED not in seen.anywhere:
        turns = (READ, HELPED, call("run_tests"), DONE)
    return turns[min(seen.turn, len(turns) - 1)]


def said(thread: Thread, text: str) -> bool | None:
    """Whether the bot has said this."""
    return True if any(text in body for body in thread.bot()) else None


def ended(thread: Thread, head: str) -> bool | None:
    """Whether the report of the end is there."""
    return True if any(is_final(body, head) for body in thread.bot()) else None


def paused(site: Town, thread: Thread) -> bool | None:
    return True if row_of(site, thread)["status"] == "PAUSED" else None


def row_of(site: Town, thread: Thread) -> Any:
    """The thread's task in the database."""
    with rows(site) as database:
        return database.execute("SELECT * FROM tasks WHERE repo_name = ?", (thread.repo,)).fetchone()


def hear(site: Town, look: Any, seconds: float) -> None:
    """Wait, and send again what the gate did not acknowledge, as a person does on GitHub's page."""

    def looking() -> Any:
        again: set[str] = set()
        acked = {row["guid"] for row in site.world.deliveries() if row["status_code"] == 202}
        for row in site.world.deliveries():
            if row["guid"] not in acked | again and row["status_code"] is not None:
                again.add(row["guid"])
                site.world.redeliver(row["id"])
        return look()

    deadline = time.monotonic() + seconds
    while looking() is None:
        assert time.monotonic() < deadline, f"did not come; still armed: {site.stage.armed()}\n{errors(site)}"
        time.sleep(0.5)


def errors(site: Town) -> str:
    log = site.stage.folder / "logs" / "error.log"
    return log.read_text()[-3000:] if log.exists() else ""


def worker_of(site: Town, thread: Thread) -> int:
    """The process that holds the lease of the thread's step: `host:pid:random`."""
    with rows(site) as database:
        query = "SELECT lease_owner FROM steps WHERE task_id = ? AND lease_owner IS NOT NULL"
        found = database.execute(query, (row_of(site, thread)["id"],)).fetchone()
    assert found is not None, "nobody works"
    return int(found[0].split(":")[1])


def kills_its_worker(site: Town, thread: Thread, seen: Seen) -> Any:
    """A turn that ends the process that asked for it."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(worker_of(site, thread), signal.SIGKILL)
    return READ


def kill(site: Town, name: str) -> None:
    """Kill -9 a process by the supervisor's name for it."""
    os.kill(site.stage.supervisor.pid(name), signal.SIGKILL)


def once(done: list[str], name: str, act: Any) -> None:
    """The first time only; noted before, for what it kills may ask again at once."""
    if name not in done:
        done.append(name)
        act()


def strike(site: Town, thread: Thread, name: str) -> None:
    """Kill -9 what the name says: a service process, Redis (which comes back empty), a step's worker or its parent."""
    if name == "redis":
        site.stage.redis.stop()
        time.sleep(1.0)
        site.stage.redis.start()
    elif name in ("horse", "parent"):
        worker = worker_of(site, thread)
        parent = int(Path(f"/proc/{worker}/stat").read_text().rpartition(")")[2].split()[1])
        os.kill(worker if name == "horse" else parent, signal.SIGKILL)
    else:
        kill(site, name)


def running(folder: Path) -> list[tuple[int, str]]:
    """What runs in a sandbox below this folder, and the commands in it, which do not say where they are."""
    return [*sandboxed(folder), *sandboxed("sleep 31415")]
