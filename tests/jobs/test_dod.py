"""The Definition of Done and all that reports say of checks: pure functions of what is stored."""

from __future__ import annotations

import json
from dataclasses import asdict
from importlib.metadata import version

import pytest

from jobs.checks.result import CheckResult, Finding, Layer, Status
from jobs.checks.stored import check_json
from jobs.checks.table import TABLE
from jobs.dod import (
    commands_of,
    criteria_of,
    findings_of,
    fixed_of,
    items_of,
    measured,
    notes_of,
    suspicions_of,
    tools_of,
)
from jobs.setup.by_hand import ACTIVATE
from state.lifecycle import StepStatus
from state.plan.dod import Evidence, Verdict, attempt_items, done_items, from_json, satisfied, tally
from state.plan.dod_table import KNOWN, RED_FIRST
from state.plan.model import Criterion
from state.plan.runnable import runnable, tool
from state.store.steps import StepRecord

SPECIAL = Finding("shop.py", 3, "special_case", "42 stands in the test only")
LONG = Finding("shop.py", 9, "C901", "f is too complex (12)")


def check(name: str, layer: str = "critical", status: str = "passed", **more: object) -> dict[str, object]:
    """A check as it is stored: through the same JSON as in production."""
    result = CheckResult(name, Layer(layer), Status(status), str(more.pop("summary", "")), **more)  # type: ignore[arg-type]
    stored: dict[str, object] = json.loads(json.dumps(check_json(result)))
    return stored


GREEN = [
    check("syntax", summary="3 changed files parse"),
    check("tests", command="python3 -m pytest -q", exit_code=0, seconds=2.0, tail="3 passed"),
    check("lint", "important", command="ruff check .", exit_code=0, fixed=2),
    check("complexity", "nice_to_have", "failed", findings=(LONG,)),
    check("suspicion", "nice_to_have", "failed", findings=(SPECIAL,)),
    check("coverage", "nice_to_have", measured={"coverage.percent": 91.5}),
]


def record(number: int, checks: list[dict[str, object]], **more: object) -> StepRecord:
    sha = f"{number}" * 40
    values = {"commit_sha": sha, "pushed_sha": sha, "completed_at": None, "status": StepStatus.DONE} | more
    return StepRecord(
        key=f"s{number}", number=number, title="x", output={}, test_results={}, validation_results=checks, **values
    )  # type: ignore[arg-type]


def by_item(items: object) -> dict[str, str]:
    return {one.item: f"{one.verdict.value} {one.why}".strip() for one in items}  # type: ignore[attr-defined]


def test_every_check_of_the_table_has_an_item_of_its_own() -> None:
    assert {row.name for row in TABLE} <= KNOWN


def test_the_checks_that_stop_the_others_stand_in_the_order_of_the_table() -> None:
    order = [row.name for row in TABLE if row.layer is Layer.CRITICAL]
    assert order == list(RED_FIRST)


def test_a_step_is_judged_by_its_checks_its_commit_its_push_and_its_row() -> None:
    found = by_item(items_of([record(1, GREEN)], "fix/x"))
    assert {name: found[name] for name in ("syntax", "tests", "baseline", "lint", "complexity", "special_case")} == {
        "syntax": "met",
        "tests": "met",
        "baseline": "met",
        "lint": "met",
        "complexity": "not_met",
        "special_case": "not_met",
    }
    assert found["types"] == "you_check nothing" and found["conventions"] == "you_check person"
    assert (found["commit"], found["push"], found["stored"]) == ("met", "met", "met")


def test_what_a_red_check_kept_from_running_says_so() -> None:
    found = by_item(attempt_items([check("syntax"), check("tests", status="failed")]))
    assert found["tests"] == found["baseline"] == "not_met" and found["lint"] == "you_check stopped"
    assert found["postconditions"] == "you_check nothing"
    assert "commit" not in found and attempt_items([]) == ()


def test_what_could_not_run_carries_the_checks_own_words() -> None:
    (item,) = [
        one
        for one in done_items([Evidence([check("audit", "important", "not_run", summary="no index")])])
        if one.item == "audit"
    ]
    assert (item.verdict, item.why, item.proofs[0].said) == (Verdict.YOU_CHECK, "said", "no index")


def test_a_task_is_judged_by_its_last_tree_and_by_each_steps_own_change() -> None:
    first = [check("lint", "important", "failed"), check("postcondition", status="passed", summary="a: there")]
    last = [check("lint", "important"), check("postcondition", summary="b: there")]
    items = items_of([record(1, first), record(2, last)], "fix/x")
    found = by_item(items)
    assert found["lint"] == "met"
    (holds,) = [one for one in items if one.item == "postconditions"]
    assert [proof.said for proof in holds.proofs] == ["a: there", "b: there"]


def test_a_condition_that_is_only_nice_to_have_weighs_as_much() -> None:
    items = attempt_items([check("postcondition"), check("postcondition", "nice_to_have", "failed")])
    (item,) = [one for one in items if one.item == "postconditions"]
    assert (item.layer, item.verdict) == ("nice_to_have", Verdict.NOT_MET)


@pytest.mark.parametrize(
    ("checks", "more", "done"),
    [
        (GREEN, {}, True),
        ([check("tests", status="not_run")], {}, True),
        ([*GREEN, check("security", "important", "failed")], {}, False),
        ([check("tests", status="failed")], {}, False),
        (GREEN, {"pushed_sha": None}, False),
        (GREEN, {"commit_sha": None}, False),
        ([], {}, False),
        (GREEN, {"status": StepStatus.TESTED}, False),
    ],
)
def test_done_is_what_the_facts_allow(checks: list[dict[str, object]], more: dict[str, object], done: bool) -> None:
    assert satisfied(items_of([record(1, checks, **more)], "fix/x")) is done


def test_nothing_is_done_where_there_is_nothing() -> None:
    assert done_items([]) == () and not satisfied(()) and sum(tally(()).values()) == 0


def test_an_item_survives_its_json() -> None:
    for item in items_of([record(1, GREEN)], "fix/x"):
        assert from_json(json.loads(json.dumps(asdict(item)))) == item


def test_criteria_are_found_again_and_what_nothing_answered_is_for_a_person() -> None:
    asked = [
        Criterion(criterion="a", measurable="tests.failed == 0"),
        Criterion(criterion="b", measurable="symbol_defined: x.py = B"),
        Criterion(criterion="c", measurable="coverage.percent >= 80"),
        Criterion(criterion="d", measurable="duration.seconds < 60"),
        Criterion(criterion="e", measurable="duration.seconds < 10"),
        Criterion(criterion="f", measurable="it reads well"),
        Criterion(criterion="g"),
        Criterion(criterion="h", measurable="lint.new == 0"),
    ]
    checks = [
        check("criteria", "important", summary="tests.failed == 0: it is 0", measured={"tests.failed": 0.0}),
        check("criteria", "important", "failed", summary="symbol_defined: x.py = B: B is not defined there"),
        check("criteria", "important", "not_run", summary="coverage.percent >= 80: coverage.percent was not measured"),
    ]
    found = criteria_of(asked, checks, 30.4)
    assert [(one.criterion, one.verdict.value, one.found) for one in found] == [
        ("a", "met", "0"),
        ("b", "not_met", ""),
        ("c", "you_check", ""),
        ("d", "met", "30"),
        ("e", "not_met", "30"),
        ("f", "you_check", ""),
        ("g", "you_check", ""),
        ("h", "you_check", ""),
    ]


def test_findings_weigh_as_their_checks_and_a_suspicion_is_always_a_warning() -> None:
    broken = check("security", "important", "failed", findings=(Finding("a.py", 1, "B602", "shell"),))
    hint = check("performance", "nice_to_have", findings=(Finding("b.py", 2, "loop", "slow"), SPECIAL))
    found = [(one.path, one.level, one.title) for one in findings_of([hint, broken])]
    assert found == [
        ("a.py", "failure", "security: B602"),
        ("b.py", "notice", "performance: loop"),
        ("shop.py", "warning", "performance: special_case"),
    ]
    assert [one.message for one in suspicions_of(GREEN)] == [SPECIAL.message]
    assert [one.title for one in notes_of(GREEN)] == ["complexity: C901"]


def test_fixed_problems_and_numbers_are_told() -> None:
    assert fixed_of(items_of([record(1, GREEN)], "")) == (("lint", 2),)
    assert measured(GREEN, "coverage.percent") == 91.5 and measured([], "coverage.percent") is None


@pytest.mark.parametrize(
    ("stored", "typed", "ours"),
    [
        (
            "python3 -m pytest -q --junitxml=/tmp/junit-1a.xml -o junit_family=xunit1 -p no:cacheprovider tests/a.py",
            "python3 -m pytest -q tests/a.py",
            "",
        ),
        (
            "node --test --test-reporter=junit --test-reporter-destination=/tmp/junit-1.xml --test-reporter=tap "
            "--test-reporter-destination=stdout",
            "node --test",
            "",
        ),
        (
            "env PYTHONPATH=/devtask/programs/lib /usr/local/bin/python3.11 -P -s -m mypy --cache-dir=/tmp/m src",
            "python3 -m mypy src",
            "python3 -m mypy",
        ),
        (
            "env PYTHONPATH=/data/programs/0a1b/lib /usr/bin/python3.11 -P -s -m bandit -f json -r .",
            "python3 -m bandit -f json -r .",
            "python3 -m bandit",
        ),
        ("/devtask/programs/bin/ruff check --no-cache .", "python3 -m ruff check --no-cache .", "python3 -m ruff"),
        ("mypy --cache-dir /tmp/devtask-mypy .", "mypy .", "mypy"),
        ("ruffian check", "ruffian check", ""),
        ("/env/bin/pytest /work/tests", "pytest tests", ""),
        ("ls /work", "ls .", ""),
        ("make test JUNIT={junit}", "make test JUNIT=junit.xml", ""),
        ("grep -q /tmp/x a/env/bin/y", "grep -q /tmp/x a/env/bin/y", ""),
    ],
)
def test_a_command_is_told_as_it_is_typed_in_a_clone(stored: str, typed: str, ours: str) -> None:
    assert (runnable(stored), tool(stored)) == (typed, ours)
    assert runnable(typed) == typed


def test_our_own_programs_are_installed_in_the_version_that_was_used() -> None:
    raw = "/devtask/programs/bin/ruff check ."
    proofs = [
        proof for item in attempt_items([check("lint", "important", command=raw, exit_code=0)]) for proof in item.proofs
    ]
    assert commands_of(proofs) == ("python3 -m ruff check .",)
    get = f"python3 -m ruff --version >/dev/null 2>&1 || python -m pip install ruff=={version('ruff')}"
    assert tools_of(proofs, (ACTIVATE,)) == (get,) and tools_of([], ()) == ()
    assert tools_of(proofs, ()) == ("python3 -m venv .venv", ACTIVATE, get)
