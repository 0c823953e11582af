"""A step that failed for good: the report says why, and each way out leads somewhere, through kills too."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from cli.stage import Stage
from devkit.rig.script import Seen
from tests.system.checker import check
from tests.system.scenes import Scenes, all_files, asked, executor_asked, files_on, git
from tests.system.town import (
    DONE,
    EDIT,
    GOOD_EXECUTOR,
    OWNER,
    READ,
    READER,
    STEP,
    WRITER,
    Mind,
    Minds,
    Thread,
    Town,
    call,
    named,
    plan_of,
    scripts,
    wait_until,
)

pytestmark = [pytest.mark.slow, pytest.mark.fault, pytest.mark.timeout(300)]

STOCK = "shop/stock.py"
CAUSE = "The comparison of wanted and stock is missing."
HOW = "Compare wanted with stock before the subtraction in shop/stock.py line 2."
WRONG = [EDIT[1], call("edit_file", path=STOCK, old="    return stock - wanted\n", new="    return stock + wanted\n")]
BAD = (READ, WRONG, DONE, DONE, DONE)
LIMITS = (call("write_file", path="shop/limits.py", content='"""Limits."""\n\nLEAST = 0\n'), DONE, DONE)
SUGGESTS = call(
    "suggest",
    cause=CAUSE,
    suggestions=[{"path": STOCK, "line": 2, "problem": "adds", "change": "raise ValueError where wanted > stock"}],
)
PROPOSALS = [
    {
        "title": "Add the limits first",
        "description": "The step needs a place for its limit.",
        "action": "create_dependency_step",
        "success_probability": 0.5,
        "estimated_minutes": 6,
        "note": "one more file",
    },
    {
        "title": "Say what to compare",
        "description": HOW,
        "action": "modify_step_context",
        "success_probability": 0.9,
        "estimated_minutes": 3,
    },
]
NEW_STEP = {
    "proposal": 1,
    "insert_before": "s01",
    "title": "Add the limits",
    "description": "Write shop/limits.py with LEAST.",
    "files": [{"path": "shop/limits.py", "change": "create"}],
    "symbols": ["LEAST"],
    "lines_max": 10,
}
ANALYSES = call(
    "submit_analysis",
    root_cause=CAUSE,
    symptoms=["test_too_much_is_refused fails"],
    why_retries_failed=["each attempt added instead of comparing"],
    proposals=PROPOSALS,
    steps=[NEW_STEP],
)
LATER_STEP = {**STEP, "id": "b", "title": "Say why", "tests": [], "depends_on": ["a"]}


def helpful(seen: Seen) -> Any:
    """Its first analysis names a step that is not there, which comes back as the tool's result."""
    if "suggest" in seen.tools:
        return SUGGESTS
    wrong = json.loads(json.dumps(ANALYSES).replace('"s01"', '"s44"'))
    return wrong if seen.turn == 0 else ANALYSES


def either(bad: Any, *good: tuple[str, Any]) -> Any:
    """An executor that does well where its prompt holds one of the words, the first that it holds."""

    def answer(seen: Seen) -> Any:
        script = next((found for word, found in good if word in seen.anywhere), bad)
        word = re.search(r"\bw\d+x\b", seen.anywhere)
        return named(script[min(seen.turn, len(script) - 1)], word[0] if word else "")

    return answer


def smaller(seen: Seen) -> Any:
    """Another plan once it was asked for."""
    found = plan_of(title="Only refuse WORD") if "make it smaller" in seen.anywhere else plan_of()
    word = re.search(r"\bw\d+x\b", seen.anywhere)
    return named(found, word[0] if word else "")


def scene(executor: Any, debugger: Any = helpful, plan: Any = None) -> Any:
    planner = plan if callable(plan) else [plan or plan_of()]

    def begin(town: Town) -> Thread:
        return town.start(town.repo(), Mind(planner, executor, debugger=debugger))

    return begin


SCENES = {
    "context": scene(either(BAD, (HOW, GOOD_EXECUTOR))),
    "planned": scene(either(BAD, ("## Add the limits", LIMITS), ("Add the limits", GOOD_EXECUTOR))),
    "skip": scene(either(BAD, ("## Say why", GOOD_EXECUTOR)), plan=plan_of(STEP, LATER_STEP)),
    "refused": scene(either(BAD, ("asked for another try", GOOD_EXECUTOR)), plan=smaller),
    "skip the last": scene(either(GOOD_EXECUTOR, ("## Say why", BAD)), plan=plan_of(STEP, LATER_STEP)),
    "skip the only": scene(BAD),
    "skip moved": scene(BAD),
    "skip lost": scene(BAD),
    "retry": scene(either(BAD, ("asked for another try", GOOD_EXECUTOR)), debugger=[{"error": "spend_cap"}]),
}


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """A town of its own, in which what dies is started again; the debugger's analysis kills its worker."""
    folder = tmp_path_factory.mktemp("after")
    minds = Minds()
    planner, executor = scripts(minds)
    with Stage(folder / "stage", planner, executor, steps=3, chats=1, restart_seconds=0.3) as stage:
        for login in (OWNER, WRITER, READER):
            stage.world.user(login)
        stage.world.tune(creates_per_minute=100_000, creates_per_hour=1_000_000)
        yield Town(stage, minds, folder)


@pytest.fixture(scope="module")
def scenes(town: Town) -> Scenes:
    town.stage.arm("debug.before_store", "debug.after_store")
    return Scenes(town, SCENES, frozenset(SCENES))


def debugger_asked(thread: Thread, tool: bytes) -> list[Any]:
    found = asked(thread, thread.town.stage.claude, "/v1/messages")
    return [one for one in found if b'"' + tool + b'"' in one.body]


SECONDS = 150.0
PERSON = ("-c", "user.name=Ana", "-c", "user.email=ana@example.com")


def approve(thread: Thread, version: int) -> None:
    digest = thread.plan(version)["body"].partition("/approve ")[2][:4]
    thread.says(WRITER, f"/approve {digest}")


def test_a_step_that_keeps_failing_is_reported_with_its_cause_and_the_ways_out(scenes: Scenes) -> None:
    body = scenes["context"].failed(SECONDS)["body"]
    assert "the same failure came twice in a row" in body and "(3 attempts)" in body
    assert CAUSE in body and "/fix 1" in body and "/fix 2" in body and "/retry 1" in body and "/skip 1" in body
    assert body.index("Say what to compare") < body.index("Add the limits first")


def test_feedback_grows_and_the_last_attempt_has_the_debuggers_suggestions(scenes: Scenes) -> None:
    thread = scenes["context"]
    thread.failed(SECONDS)
    firsts = [json.loads(one.body)["contents"][0]["parts"][0]["text"] for one in executor_asked(thread)]
    first, second, last = list(dict.fromkeys(firsts))[:3]
    assert "what the checks found" not in first and "what the checks found" in second
    assert "suggestions of the debugger" not in second
    for told in ("what the checks found", "suggestions of the debugger", f"{STOCK}:2: adds", "the diff so far"):
        assert told in last, told
    assert "This is the last attempt." in last and "mistakes to avoid" in last


def test_a_debugger_that_is_killed_or_wrong_loses_nothing(scenes: Scenes) -> None:
    for name in ("context", "planned", "skip"):
        body = scenes[name].failed(SECONDS)["body"]
        assert CAUSE in body
    assert wait_until(lambda: None if scenes.town.stage.armed() else True)
    told = debugger_asked(scenes["planned"], b"submit_analysis")
    assert any(b"is no step of the plan" in one.body for one in told)


def test_fix_with_more_context_succeeds_though_the_command_is_killed_and_sent_twice(scenes: Scenes) -> None:
    thread = scenes["context"]
    thread.failed(SECONDS)
    thread.town.stage.arm("intake.before_apply", "intake.after_apply")
    fix = thread.says(WRITER, "/fix 1")
    assert wait_until(lambda: None if thread.town.stage.armed() else True)
    twice = thread.says(WRITER, "/fix 1")
    thread.done(SECONDS)
    assert "rocket" in thread.reactions(fix) and "confused" in thread.reactions(twice)
    guided = [one for one in executor_asked(thread) if b"a person chose this" in one.body]
    assert guided and HOW.encode() in guided[0].body
    assert git(thread, "log", "-1", "--format=%B", str(thread.branch())).count("Devtask-Attempt: 1.0") == 1


def test_fix_with_a_new_step_makes_a_plan_to_approve_and_carries_it_out(scenes: Scenes) -> None:
    thread = scenes["planned"]
    thread.failed(SECONDS)
    thread.says(WRITER, "/fix 2")
    plan = thread.plan(2)["body"]
    assert "Add the limits" in plan and "/approve" in plan
    approve(thread, 2)
    thread.done(SECONDS)
    assert {"shop/limits.py", STOCK} <= set(files_on(thread))


def test_a_skipped_step_lets_the_next_one_run(scenes: Scenes) -> None:
    thread = scenes["skip"]
    thread.failed(SECONDS)
    told = thread.says(WRITER, "/skip 2")
    thread.wait("did not fail")
    assert "confused" in thread.reactions(told)
    thread.says(WRITER, "/skip")
    thread.done(SECONDS)


def test_a_refused_new_plan_leaves_the_old_one_approved_and_a_retry_succeeds(scenes: Scenes) -> None:
    thread = scenes["refused"]
    thread.failed(SECONDS)
    thread.says(WRITER, "/revise make it smaller")
    assert "Only refuse" in thread.plan(2)["body"]
    refused = thread.says(WRITER, "/reject")
    assert wait_until(lambda: True if "+1" in thread.reactions(refused) else None), thread.story()
    thread.says(WRITER, "/retry")
    thread.done(SECONDS)
    assert "plan.md" in {path.rpartition("/")[2] for path in all_files(thread, str(thread.branch()))}


def tree_of(thread: Thread, commit: str) -> list[str]:
    """What a commit holds besides our own files: modes, blobs and paths."""
    listed = git(thread, "ls-tree", "-r", commit).splitlines()
    return [line for line in listed if "\t.dev-tasks/" not in line]


def test_skipping_what_is_open_last_takes_its_work_back_whatever_is_killed(scenes: Scenes) -> None:
    thread = scenes["skip the last"]
    assert "(3 attempts)" in thread.failed(SECONDS)["body"]
    branch = str(thread.branch())
    good, left = git(thread, "log", "--format=%H", "--reverse", f"main..{branch}").split()
    assert tree_of(thread, left) != tree_of(thread, good)
    points = ("left_out.before_push", "left_out.before_record", "left_out.after_record")
    thread.town.stage.arm(*points)
    thread.says(WRITER, "/skip")
    report = thread.done(SECONDS)["body"]
    assert "Step 2, Say why, was left out by ben" in report and "review the branch" in report
    assert wait_until(lambda: None if thread.town.stage.armed() else True), thread.story()
    assert git(thread, "rev-parse", f"{branch}^").strip() == left
    assert tree_of(thread, branch) == tree_of(thread, good)
    message = git(thread, "log", "-1", "--format=%B", branch)
    assert "Devtask-Close: skip" in message and message.rstrip().endswith("Devtask-CI: hold [skip ci]")
    (state,) = (path for path in all_files(thread, branch) if path.endswith("state.json"))
    told = json.loads(git(thread, "show", f"{branch}:{state}"))
    assert told["status"] == "COMPLETED" and [one["status"] for one in told["steps"]] == ["done", "skipped"]
    thread.says(WRITER, "/ci")
    thread.wait("closes the branch and holds nothing back")


def test_skipping_the_only_step_leaves_nothing_of_it(scenes: Scenes) -> None:
    thread = scenes["skip the only"]
    thread.failed(SECONDS)
    thread.says(WRITER, "/skip 1")
    report = thread.done(SECONDS)["body"]
    assert "Nothing to review" in report and "Step 1, Refuse more than there is, was left out by ben" in report
    assert tree_of(thread, str(thread.branch())) == tree_of(thread, "main")


def test_a_branch_that_a_person_changed_is_left_alone_by_a_skip_too(scenes: Scenes) -> None:
    thread = scenes["skip moved"]
    thread.failed(SECONDS)
    branch = str(thread.branch())
    theirs = git(thread, *PERSON, "commit-tree", f"{branch}^{{tree}}", "-p", branch, "-m", "by a person").strip()
    git(thread, "update-ref", f"refs/heads/{branch}", theirs)
    thread.says(WRITER, "/skip")
    thread.wait("Somebody else changed", 60)
    assert git(thread, "rev-parse", branch).strip() == theirs
    thread.says(WRITER, "/abort")
    thread.wait("### 🛑", 60)


def test_after_a_skip_nothing_is_pushed_for_an_approver_who_may_no_longer_write(scenes: Scenes) -> None:
    thread = scenes["skip lost"]
    thread.failed(SECONDS)
    head = git(thread, "rev-parse", str(thread.branch()))
    thread.town.world.role(thread.repo, WRITER, "read")
    thread.says(OWNER, "/skip")
    thread.wait("ben approved this plan and may no longer write here", 60)
    assert git(thread, "rev-parse", str(thread.branch())) == head


def test_without_an_analysis_the_failure_is_told_all_the_same_and_a_retry_succeeds(scenes: Scenes) -> None:
    thread = scenes["retry"]
    body = thread.failed(SECONDS)["body"]
    assert "No analysis" in body and "/fix" not in body
    thread.says(WRITER, "/fix 1")
    thread.wait("There is no proposal for this failure")
    thread.says(WRITER, "/retry")
    thread.done(SECONDS)


def test_every_effect_stands_once(scenes: Scenes) -> None:
    check(scenes.town, scenes.town.repos)
