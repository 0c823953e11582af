"""The plan's criteria as a check: numbers of the checks before, conditions on the tree, with the last step only."""

from __future__ import annotations

import pytest

from jobs.checks.criteria import compare, judge
from jobs.checks.result import CheckResult, Layer, Status, TestReport
from jobs.checks.scene import Scene
from jobs.checks.table import TABLE, run_checks
from jobs.checks.testplan import TestPlan
from jobs.checks.tests import Baseline
from jobs.setup.config import RepoConfig
from jobs.setup.environment import Environment
from state.plan.measurable import parse
from state.plan.model import Criterion, Plan, TaskType

TESTS = CheckResult(
    "tests", Layer.CRITICAL, Status.PASSED, "", "pytest -q", 1, 2.5, "tail", TestReport(4, 3, 1, 0), reason="checks"
)
LINT = CheckResult("lint", Layer.IMPORTANT, Status.PASSED, "", "ruff check .", 0, 0.2, measured={"lint.new": 0.0})
COVERAGE = CheckResult(
    "coverage", Layer.NICE, Status.FAILED, "", "pytest --cov", 0, measured={"coverage.percent": 71.5}
)


@pytest.mark.parametrize(
    ("text", "status", "layer", "said", "command"),
    [
        ("lint.new == 0", "passed", "important", "it is 0", "ruff check ."),
        ("coverage.percent >= 80 %", "failed", "important", "it is 71.5", "pytest --cov"),
        ("tests.failed == 0", "failed", "nice_to_have", "it is 1", "pytest -q"),
        ("test_suite.exit_code == 0", "failed", "nice_to_have", "it is 1", "pytest -q"),
        ("tests.failed <= 1", "passed", "important", "it is 1", "pytest -q"),
        ("security.new == 0", "not_run", "important", "security.new was not measured", ""),
    ],
)
def test_a_comparison_is_judged_by_what_a_check_measured(text, status, layer, said, command):
    found = compare(text, parse(text), (TESTS, LINT, COVERAGE))
    assert (found.status.value, found.layer.value, found.command) == (status, layer, command)
    assert found.summary == f"{text}: {said}"
    assert found.stops is (status == "failed" and layer == "important")


def scene(box, *measurable: str, final: bool = True) -> Scene:
    plan = Plan(title="x", type=TaskType.FIX, criteria=[Criterion(criterion="c", measurable=one) for one in measurable])
    nothing = Baseline(None, False)
    return Scene(
        box, None, "b", "b", "t", RepoConfig(), Environment("none"), TestPlan("none"), nothing, plan=plan, final=final
    )


def test_conditions_are_looked_at_in_the_sandbox_and_one_that_does_not_hold_stops(box):
    (box.tree / "shop.py").write_text("A = 1\n")
    asked = scene(
        box,
        "symbol_defined: shop.py = A",
        "symbol_defined: shop.py = B",
        "command_succeeds: test -f shop.py",
        "command_succeeds: grep -q B shop.py",
        "command_succeeds: grep -q B shop.py",
        "the message reads well",
        "duration.seconds < 5",
        "tests.failed == 0",
    )
    asked.so_far.append(LINT)
    found = [(one.summary, one.status.value, one.command, one.exit_code, one.stops) for one in judge(asked)]
    assert found == [
        ("symbol_defined: shop.py = A: defined", "passed", "", None, False),
        ("symbol_defined: shop.py = B: B is not defined there", "failed", "", None, True),
        ("command_succeeds: test -f shop.py: ended with 0", "passed", "test -f shop.py", 0, False),
        ("command_succeeds: grep -q B shop.py: failed (exit status 1)", "failed", "grep -q B shop.py", 1, True),
        ("tests.failed == 0: tests.failed was not measured", "not_run", "", None, False),
    ]


def test_nothing_is_asked_before_the_last_step(box):
    assert list(judge(scene(box, "symbol_defined: shop.py = B", final=False))) == []


def test_the_criteria_see_what_the_checks_before_them_said(box):
    row = next(check for check in TABLE if check.name == "criteria")
    before = type(row)("lint", Layer.IMPORTANT, judge=lambda _: [LINT])
    found = list(run_checks(scene(box, "lint.new == 0"), (before, row)))
    assert [(one.name, one.status) for one in found] == [("lint", Status.PASSED), ("criteria", Status.PASSED)]
    order = [check.name for check in TABLE]
    assert {"tests", "lint", "security", "coverage"} <= set(order[: order.index("criteria")])
