"""Brakes: what counts as the same failure, and which feedback comes next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from jobs.checks.result import Case, CaseStatus, CheckResult, Finding, Layer, Status, TestReport
from jobs.execution.brakes import Judged, Rung, brake, fingerprints, green, judged, normalised, rung

RED = {"name": "tests", "status": "failed"}


def run_of(*bad: tuple[str, str], good: tuple[str, ...] = ()) -> CheckResult:
    cases = [Case(name, CaseStatus.FAILED, said) for name, said in bad]
    cases += [Case(name, CaseStatus.PASSED) for name in good]
    report = TestReport(len(cases), len(good), len(bad), 0, tuple(cases))
    return CheckResult("tests", Layer.CRITICAL, Status.FAILED, f"{len(bad)} failed", tests=report)


def failed(*prints: str, green: tuple[str, ...] = (), checks: tuple[Mapping[str, object], ...] = (RED,)) -> Judged:
    return Judged("checks", prints, green, checks)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("assert 3 == 4", "assert 17 == 4.5"),
        ("<Stock object at 0x7f3a12>", "<Stock object at 0x55ffee01>"),
        ("no such file: '/tmp/box-a1/tree/x.py'", "no such file: '/tmp/box-b2/tree/x.py'"),
        ("failed at 2026-11-21T09:00:01Z", "failed at 2026-11-22 10:11:12.5"),
        ("took 0.31s", "took 12.07s"),
        ("at 10:59 in\n  step", "at 11:02:33 in step"),
        ("commit 1f8039a was not found", "commit 9a2c8c8d0e was not found"),
        ("C:\\work\\a.py: bad", "D:\\other\\a.py: bad"),
        ("\x1b[31mbad\x1b[0m", "bad"),
    ],
)
def test_what_differs_between_two_runs_makes_no_other_failure(one: str, other: str) -> None:
    assert normalised(one) == normalised(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ValueError: no stock", "KeyError: no stock"),
        ("assert x == y", "assert x != y"),
        ("in shop/stock.py", "in shop/order.py"),
        ("name 'take' is not defined", "name 'give' is not defined"),
    ],
)
def test_another_message_is_another_failure(one: str, other: str) -> None:
    assert normalised(one) != normalised(other)


def test_a_failure_is_the_tests_id_and_its_message_and_findings_lose_their_lines() -> None:
    red = run_of(("t.py::a", "assert 1 == 2"), ("t.py::b", ""))
    assert fingerprints([red]) == ("t.py::a: assert <n> == <n>", "t.py::b: ")
    found = (Finding("a.py", 3, "F821", "undefined name 'x'"),)
    lint = CheckResult("lint", Layer.IMPORTANT, Status.FAILED, "1 new", findings=found)
    moved = CheckResult(
        "lint", Layer.IMPORTANT, Status.FAILED, "1 new", findings=(Finding("a.py", 9, *found[0].identity[1:]),)
    )
    assert fingerprints([lint]) == fingerprints([moved]) == ("lint a.py F821: undefined name 'x'",)
    nice = CheckResult("format", Layer.NICE, Status.FAILED, "3 files")
    passed = CheckResult("syntax", Layer.CRITICAL, Status.PASSED, "fine")
    assert fingerprints([nice, passed]) == ()


UNITTEST = """
======================================================================
FAIL: test_a (tests.t.T.test_a)
----------------------------------------------------------------------
Traceback (most recent call last):
  File "/work/tests/t.py", line 19, in test_a
    self.assertEqual(take(5, 2), 3)
AssertionError: 7 != 3

======================================================================
ERROR: test_b (tests.t.T.test_b)
----------------------------------------------------------------------
KeyError: 'stock'

----------------------------------------------------------------------
Ran 2 tests in 0.001s
"""


def test_a_runner_that_only_names_its_tests_is_read_from_its_output() -> None:
    red = replace(run_of(("tests.t.T.test_a", ""), ("tests.t.T.test_b", ""), ("tests.t.T.test_c", "")), tail=UNITTEST)
    a, b, c = fingerprints([red])
    assert a.endswith("test_a: AssertionError: <n> != <n>") and b.endswith("test_b: KeyError: 'stock'")
    assert c == "tests.t.T.test_c: "


def test_green_are_tests_that_the_base_did_not_pass() -> None:
    base = run_of(good=("old",)).tests
    assert green([run_of(("x", ""), good=("old", "new"))], base) == ("new",)
    assert green([CheckResult("syntax", Layer.CRITICAL, Status.FAILED, "")], base) == ()
    counted = CheckResult("tests", Layer.CRITICAL, Status.FAILED, "", tests=TestReport(5, 4, 1, 0))
    assert green([counted], TestReport(3, 3, 0, 0)) == ("passed test 4",)


SAME, OTHER = failed("a: x"), failed("b: y")
NEW_GREEN = failed("b: y", green=("t1",))
NO_TESTS = failed("a: x", checks=({"name": "syntax", "status": "failed"},))
NOTHING = failed(checks=())


@pytest.mark.parametrize(
    ("attempts", "name"),
    [
        ([SAME], ""),
        ([SAME, SAME], "same_failure"),
        ([SAME, OTHER], "no_progress"),
        ([SAME, NEW_GREEN], ""),
        ([NEW_GREEN, SAME], ""),
        ([NEW_GREEN, NEW_GREEN], "same_failure"),
        ([NEW_GREEN, SAME, OTHER], "no_progress"),
        ([NEW_GREEN, SAME, NEW_GREEN], "no_progress"),  # green before, so not new
        ([NOTHING, NOTHING], ""),  # no verdict of a check: what the attempt ended with says more
        ([NO_TESTS, OTHER], ""),
        ([NO_TESTS, NO_TESTS], "same_failure"),
    ],
)
def test_a_brake_is_met_by_the_newest_attempts(attempts: list[Judged], name: str) -> None:
    assert brake(attempts) == name


@pytest.mark.parametrize(
    ("attempts", "retries", "then"),
    [
        ([], 3, Rung(0, False)),
        ([SAME], 3, Rung(1, False)),
        ([SAME, NEW_GREEN], 3, Rung(2, False)),
        ([SAME, NEW_GREEN, failed("c", green=("t2",))], 3, Rung(3, True)),
        ([SAME, NEW_GREEN, failed("c", green=("t2",)), OTHER], 3, None),
        ([SAME, SAME], 3, Rung(3, True, "same_failure")),  # the last feedback at once
        ([SAME, OTHER], 3, Rung(3, True, "no_progress")),
        ([SAME, SAME, OTHER], 3, None),
        ([SAME, NEW_GREEN, NEW_GREEN], 3, Rung(3, True, "same_failure")),
        ([NOTHING, NOTHING], 3, Rung(2, False)),
        ([], 0, Rung(0, True)),
        ([SAME], 0, None),
        ([SAME], 1, Rung(1, True)),
        ([SAME, SAME], 1, None),
    ],
)
def test_each_attempt_gets_more_feedback_and_a_brake_leads_to_the_last(
    attempts: list[Judged], retries: int, then: Rung | None
) -> None:
    assert rung(attempts, retries) == then


def test_a_brake_is_the_reason_unless_a_better_one_is_known() -> None:
    red = run_of(("t", "assert 1"))
    first = judged("checks", [red], None, [])
    assert (first.reason, first.fingerprints) == ("checks", ("t: assert <n>",))
    assert judged("checks", [red], None, [first]).reason == "same_failure"
    assert judged("tamper", [red], None, [first]).reason == "tamper"
