"""What is committed, what is held for a person, and how CI is let run: on the running system."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.system.checker import check, log_size
from tests.system.scenes import Scenes, executor_asked, files_on, git, in_order, pushes, sweep
from tests.system.test_approvals import reacted, status
from tests.system.town import (
    DONE,
    EDIT,
    READ,
    READER,
    SHOP,
    WRITER,
    Mind,
    Thread,
    Town,
    call,
    good_mind,
    plan_of,
    wait_until,
)

pytestmark = [pytest.mark.slow]

OWNERS = "CODEOWNERS"
NEEDS = [{"path": OWNERS, "reason": "the request names the owner"}]
HELD = call("done", summary="all but the owners", handoff="h", extra_files=NEEDS)
WRITES = call("write_file", path=OWNERS, content="shop/ @ana\n")
MAKES = call(
    "run",
    command="echo '{}' > shop/stock.json; echo x > out.db; mkdir -p shop/__pycache__; echo x > shop/__pycache__/a.pyc",
)
TAKES = call(
    "done", summary="s", handoff="h", extra_files=[{"path": "shop/stock.json", "reason": "the generator made it"}]
)


CI_JOB = """
from sqlalchemy import select
from jobs import ci
from jobs.runtime import runtime
from state.db.engine import write
from state.db.models import Task
from state.store import tasks
now = runtime()
with write(now.engine) as session:
    task = tasks.by_seq(session, session.scalar(select(Task.seq).where(Task.repo_name == "{repo}")))
    row = {{"state": "asked", "user_id": 2, "login": "ben", "at": "2026-11-21T12:00:00+00:00"}}
    tasks.set_fields(session, task.id, options={{**task.options, "ci": row}}, lease_until=None)
ci.run(task.seq)
"""
"""What `/ci` writes, and its job in a process of its own; the lease of the one killed before is over."""


def scene(*answers: object, config: str = "") -> object:
    def begin(town: Town) -> Thread:
        return town.start(town.repo(config=config), Mind([plan_of()], in_order(*answers)))

    return begin


SCENES = {
    "held": scene([*READ, *EDIT, WRITES], HELD, HELD, [call("read_file", path="shop/stock.py"), WRITES], DONE),
    "generated": scene([*READ, *EDIT], MAKES, TAKES, config="dev_tasks: remove\n"),
}


@pytest.fixture(scope="module")
def scenes(town: Town) -> Iterator[Scenes]:
    began, before = log_size(town), len(town.repos)
    made = Scenes(town, SCENES, frozenset(SCENES))
    yield made
    check(town, town.repos[before:], log_from=began)


def message(thread: Thread) -> str:
    return git(thread, "log", "-1", "--format=%B", str(thread.branch()))


def test_abu_27_a_step_that_needs_a_protected_file_waits_with_its_work_kept_and_goes_on_when_it_is_allowed(
    scenes: Scenes,
) -> None:
    thread = scenes["held"]
    told = thread.wait("needs a protected file")["body"]
    assert f"- [ ] **Allow this file**  `/allow-path {OWNERS}`" in told and "What is done so far is kept" in told
    assert message(thread).startswith("wip: ") and files_on(thread) == sorted(SHOP)
    asked = len(executor_asked(thread))
    refused = thread.says(READER, f"/allow-path {OWNERS}")
    reacted(thread, refused, "-1")
    other = thread.says(WRITER, "/allow-path docs/CODEOWNERS")
    reacted(thread, other, "eyes")
    assert status(thread) == "PAUSED" and len(executor_asked(thread)) == asked
    allowed = thread.says(WRITER, f"/allow-path {OWNERS}")
    reacted(thread, allowed, "eyes", "rocket")
    thread.done()
    assert files_on(thread) == sorted([*SHOP, OWNERS])
    assert b"A person has allowed what the step waited for: CODEOWNERS" in executor_asked(thread)[-1].body
    assert "Devtask-Attempt: 0.0" in message(thread), "no attempt is used up"


def test_what_commands_made_is_left_out_and_listed_unless_it_is_taken_with_a_reason(scenes: Scenes) -> None:
    thread = scenes["generated"]
    report = thread.done()["body"]
    assert files_on(thread) == sorted([*SHOP, ".github/devtask.yml", "shop/stock.json"])
    assert "taken in besides the plan: `shop/stock.json`: the generator made it" in report
    assert "left out: `out.db`" in report and "left out: `shop/__pycache__/`" in report


def test_ci_lets_it_run_by_one_closing_commit_however_often_it_is_said(scenes: Scenes) -> None:
    thread = scenes["held"]
    thread.done()
    head, before = git(thread, "rev-parse", str(thread.branch())).strip(), len(pushes(thread))
    assert message(thread).rstrip().endswith("Devtask-CI: hold [skip ci]")
    asked = [thread.says(WRITER, "/ci") for _ in range(2)]  # whichever arrives first is carried out
    thread.wait(f"on `{thread.branch()}` closes the branch and holds nothing back. ben asked for it.", 60)
    assert wait_until(lambda: all(thread.reactions(one) for one in asked) or None, 20), thread.story()
    assert sorted(thread.reactions(one)[0] for one in asked) == ["confused", "eyes"]
    assert git(thread, "rev-parse", f"{thread.branch()}^").strip() == head and len(pushes(thread)) == before + 1
    assert message(thread).startswith("chore: let CI run") and "skip ci" not in message(thread)
    thread.says(WRITER, "/ci")
    thread.wait("CI was let run already: ben asked for it", 60)
    assert len(pushes(thread)) == before + 1


def test_a_ci_whose_job_is_killed_before_and_after_the_push_is_carried_out_once(scenes: Scenes) -> None:
    thread = scenes["generated"]
    thread.done()
    before = len(pushes(thread))
    assert ci_job(thread, "ci.before_push") == -signal.SIGKILL and len(pushes(thread)) == before
    assert ci_job(thread, "ci.before_record") == -signal.SIGKILL and len(pushes(thread)) == before + 1
    head = git(thread, "rev-parse", str(thread.branch()))

    def told() -> bool | None:
        sweep(thread)  # finds it once the lease of the killed one is over
        return True if any("CI may run now" in body for body in thread.bot()) else None

    assert wait_until(told, 100), thread.bot()
    assert git(thread, "rev-parse", str(thread.branch())) == head and len(pushes(thread)) == before + 1
    assert ".dev-tasks" not in git(thread, "ls-tree", "--name-only", str(thread.branch())), "dev_tasks: remove"
    assert sum("CI may run now" in body for body in thread.bot()) == 1


def ci_job(thread: Thread, point: str) -> int:
    """The job of a `/ci` of ben's whose bell did not ring, killed at a point; how the process ended."""
    env = {**thread.town.stage.env, "BOT_FAILPOINTS": f"{point}=kill"}
    return subprocess.run([sys.executable, "-c", CI_JOB.format(repo=thread.repo)], env=env, check=False).returncode


def test_f58_tasks_side_by_side_in_one_repository_keep_out_of_each_others_way(town: Town) -> None:
    repo = town.repo()
    threads = [town.start(repo, good_mind()) for _ in range(5)]
    for thread in threads:
        thread.approve()
    for thread in threads:
        thread.done()
    branches = [name for name in town.world.branches(repo) if name != "main"]
    assert len(branches) == len(threads) and len({branch[-8:] for branch in branches}) == len(threads)
    assert "index.lock" not in threads[0].story()
    told = [body for thread in threads for body in thread.bot() if "changes files that this one changes too" in body]
    assert told and "`shop/stock.py`, `tests/test_stock.py`" in told[0]
