"""The files on the branch: as they look, and against the published schema."""

import json
import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import jsonschema
import pytest

from state.lifecycle import FailReason, StepStatus, SubstepStatus, TaskStatus, TestCaseStatus
from state.plan.branch_facts import BranchFacts, Item, NextAction, Tests
from state.plan.dod import attempt_items
from state.plan.files import branch_files, plan_name
from state.plan.hashing import plan_hash
from state.plan.state_file import state_schema
from state.plan.text import cell, code, fenced, line
from state.views import PlanView, RepoRef, StepView, TaskView
from tests.state.plan.plans import plan, rich, step

SNAPSHOTS = Path(__file__).parent / "snapshots"
START = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
RICH = rich()


def view(shown, *steps, **fields):
    version = PlanView(2, plan_hash(shown), shown, "revision", "", START, approved=True)
    task = TaskView(
        id="7b0e3a52-1f5c-4e0e-9a63-0d9f2f0f8f11",
        seq=1,
        key="k3x9q2ab",
        repo=RepoRef(1, "ana/shop", 2),
        issue_number=12,
        requester_id=3,
        requester_login="ana",
        title="Add stock | validation",
        request="Please add stock validation.",
        type="fix",
        status=TaskStatus.EXECUTING,
        revision=1,
        branch="fix/add-stock-validation",
        base_branch="development",
        plan=version,
        steps=steps,
        created_at=START,
        approved_at=START + timedelta(minutes=5),
    )
    return replace(task, **fields)


def done(step_id, number, title):
    return StepView(
        step_id,
        number,
        title,
        StepStatus.DONE,
        1,
        "a" * 40,
        START,
        START + timedelta(seconds=125),
        files=("shop/a.py",),
    )


FACTS = BranchFacts(
    now=START + timedelta(hours=1),
    approved_by="ana",
    first_approved=2,
    items={"s03": (Item("write it", SubstepStatus.COMPLETED), Item("test_d", TestCaseStatus.FAILED))},
    created=("tests/test_a.py",),
    modified=("shop/a.py",),
    tests=Tests(12, 1, 2, START + timedelta(minutes=50)),
    test_command="python -m pytest",
    coverage_command="python -m pytest --cov",
    started_at=START,
    elapsed_seconds=3600,
    retries=1,
    last_error="AssertionError: -1 >= 0",
    last_checkpoint="cp-003",
    done_items=attempt_items(
        [
            {"name": "syntax", "layer": "critical", "status": "passed", "summary": "2 changed files parse"},
            {
                "name": "tests",
                "layer": "critical",
                "status": "failed",
                "summary": "1 new failures",
                "command": "python -m pytest --junitxml=/tmp/junit-1.xml",
                "exit_code": 1,
                "seconds": 2.46,
            },
            {"name": "types", "layer": "critical", "status": "not_run", "summary": "no `mypy` | here"},
        ]
    ),
    setup=("python3 -m venv .venv", ". .venv/bin/activate"),
    timeline=((START, "plan approved"), (START + timedelta(minutes=2), "step 1 <done>")),
)
RUNNING = view(RICH, done("s01", 1, "a"), StepView("s03", 3, "d", StepStatus.IN_PROGRESS, 1, started_at=START))
FAILED = view(
    RICH,
    done("s01", 1, "a"),
    StepView("s03", 3, "d", StepStatus.FAILED, 4, last_error="boom"),
    status=TaskStatus.FAILED,
    fail_reason=FailReason.STEP_FAILED,
)
SMALL = plan(step("fix it", description="Correct the sum", files=[{"path": "a file.py", "change": "create"}]))
FINISHED = view(SMALL, done("s01", 1, "fix it"), status=TaskStatus.COMPLETED)
WAITING = view(SMALL, StepView("s01", 1, "fix it", StepStatus.PENDING), approved_at=None)
LOST = NextAction("Make the test green", "shop/d.py", 14, ("check", "refuse"))
CASES = {
    "running": (RUNNING, FACTS),
    "failed": (FAILED, replace(FACTS, next_action=LOST)),
    "finished": (FINISHED, replace(FACTS, own_step="s01", items={}, first_approved=1)),
    "waiting": (WAITING, BranchFacts(now=START, approved_by="", first_approved=2)),
}


@pytest.mark.parametrize("name", CASES)
def test_the_files_look_as_they_were_reviewed(name):
    task, facts = CASES[name]
    shown = "".join(f"===== {path}\n{text}" for path, text in branch_files(task, facts).items() if "README" not in path)
    file = SNAPSHOTS / f"files-{name}.txt"
    if os.environ.get("SNAPSHOTS") == "write":
        file.write_text(shown, "utf-8")
    assert shown == file.read_text("utf-8")


@pytest.mark.parametrize("name", CASES)
def test_the_state_keeps_to_its_published_schema(name):
    state = json.loads(branch_files(*CASES[name])[".dev-tasks/k3x9q2ab/state.json"])
    jsonschema.Draft202012Validator(state_schema()).validate(state)
    assert set(state) == set(state_schema()["required"])


def test_the_schema_is_one_and_readers_accept_completed():
    jsonschema.Draft202012Validator.check_schema(state_schema())
    words = state_schema()["properties"]["steps"]["items"]["properties"]["status"]["enum"]
    assert set(words) == {*StepStatus, "completed"}
    assert set(state_schema()["properties"]["status"]["enum"]) == set(TaskStatus)


def test_a_commit_does_not_name_itself():
    (only,) = json.loads(branch_files(*CASES["finished"])[".dev-tasks/k3x9q2ab/state.json"])["steps"]
    assert only["commit"] is None
    (first, _) = json.loads(branch_files(*CASES["running"])[".dev-tasks/k3x9q2ab/state.json"])["steps"]
    assert first["commit"] == "a" * 40


def test_the_approved_plan_never_changes_while_it_is_carried_out():
    files = [branch_files(task, FACTS)[".dev-tasks/k3x9q2ab/plan.md"] for task in (RUNNING, FAILED)]
    assert files[0] == files[1]


def test_a_later_version_has_a_file_of_its_own():
    assert [plan_name(2, 2), plan_name(3, 2)] == ["plan.md", "plan-v3.md"]
    assert ".dev-tasks/k3x9q2ab/plan-v2.md" in branch_files(FINISHED, replace(FACTS, first_approved=1))


def test_a_task_without_a_plan_has_no_files():
    with pytest.raises(ValueError, match="without a plan"):
        branch_files(replace(RUNNING, plan=None), FACTS)


def test_nothing_about_money_or_talk_is_in_the_files():
    task = replace(RUNNING, request="SECRET TALK", budget=77.25, spent=33.5, tokens=4242)
    text = "".join(branch_files(task, FACTS).values())
    assert not [word for word in ("SECRET TALK", "77.25", "33.5", "4242") if word in text]


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (line("a\n# b <script>"), "a # b &lt;script>"),
        (cell("a | b"), "a \\| b"),
        (code("a`b"), "`` a`b ``"),
        (code("a|b\nc"), "`a\\|b c`"),
        (fenced("```\nrm"), "````sh\n```\nrm\n````"),
    ],
)
def test_texts_cannot_change_the_page_around_them(shown, expected):
    assert shown == expected
