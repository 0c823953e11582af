"""The repository's tests as a check: the step's own first, then all of them, then once more those that failed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from jobs.checks.changed import PLAIN
from jobs.checks.junit import report_of
from jobs.checks.result import CaseStatus, CheckResult, Status, TestReport
from jobs.checks.scene import Scene
from jobs.checks.tests import fewer, new_failures, run_tests
from jobs.sandbox.limits import KILLED
from state.plan.model import Change

NARROW_FROM = 2.0
"""Seconds of the whole suite at the base commit, below which a narrow run first would only cost time."""
AGAIN_SECONDS = 60.0
"""A suite as quick as this runs whole once more before a failure counts as flaky."""
MOST_AGAIN = 20
_TEST_FILE = re.compile(
    r"(^|/)(test_[^/]*|[^/]*_test)\.py$|(^|/)(test/[^/]+|[^/]*[.-_]test)\.(m?js|cjs)$|\.(test|spec)\.[cm]?[jt]sx?$"
)
_SELECTS = {"pytest": (".py",), "unittest": (".py",), "node": (".js", ".mjs", ".cjs")}
_RUNNER = re.compile(r"^(\S*python3?\s+-m\s+)?(\S*pytest|py\.test|unittest\s+discover|\S*node)((\s+-\S+)*)$")


def judge(scene: Scene) -> Iterator[CheckResult]:
    """One verdict: of the step's own tests where these are red, else of the whole suite."""
    narrow = _narrow(scene)
    unsure = _bad(scene, narrow) if narrow is not None and narrow.red else frozenset()
    if narrow is not None and narrow.red and not _pass_now(scene, unsure):
        yield narrow
        return
    found = _run(scene)
    found = _flaky(scene, found) if found.red else found
    yield _named(found, unsure | set(found.flaky)) if unsure and not found.red else found


def _bad(scene: Scene, found: CheckResult) -> frozenset[str]:
    return new_failures(found.tests, scene.baseline) if found.tests else frozenset()


def _pass_now(scene: Scene, failed: frozenset[str]) -> bool:
    """Whether tests that failed pass in a run of just these."""
    if not 0 < len(failed) <= MOST_AGAIN or not all(_chosen(one) for one in failed):
        return False
    return scene.tests.kind in ("pytest", "unittest") and _pass(_run(scene, " ".join(sorted(failed))), failed)


def _run(scene: Scene, selection: str = "") -> CheckResult:
    return run_tests(
        *(scene.box, scene.tests),
        selection=selection,
        baseline=scene.baseline,
        seconds=scene.config.test_seconds,
        cancel=scene.cancel,
        known=scene.baseline.failing if scene.baseline.usable else frozenset(),
        removed=_removed(scene),
    )


def _removed(scene: Scene) -> frozenset[str]:
    """Test files that the approved plan deletes: their tests are not missed."""
    steps = scene.plan.steps() if scene.plan else ()
    return frozenset(file.path for step in steps for file in step.files if file.change is Change.DELETE)


def _narrow(scene: Scene) -> CheckResult | None:
    """The step's own tests, None where there are none, they cannot be chosen, or all of them run as quickly. What does
    not even run by itself is left to the whole suite.
    """
    chosen = selected(scene)
    quick = scene.baseline.usable and scene.baseline.seconds < NARROW_FROM
    if not chosen or quick:
        return None
    found = _run(scene, " ".join(chosen))
    if found.tests is None or not found.tests.total or any("_FailedTest" in one.id for one in found.tests.cases):
        return None
    return replace(found, summary=f"the step's own tests: {found.summary}")


def selected(scene: Scene) -> tuple[str, ...]:
    """What the step's tests are called for this runner: those that the plan names, and test files that it touches."""
    ends = _SELECTS.get(scene.tests.kind)
    if not ends or (scene.tests.configured and not _RUNNER.match(scene.tests.command)):
        return ()
    named = (*_planned(scene), *_touched(scene))
    whole = {one for one in named if "::" not in one}
    found = (one for one in dict.fromkeys(named) if one in whole or _file(one) not in whole)
    return tuple(one for one in found if _file(one).endswith(ends))


def _file(test: str) -> str:
    return test.partition("::")[0]


def _planned(scene: Scene) -> Iterator[str]:
    """What the plan names and is there; a sentence about a test is none."""
    named = scene.step.tests if scene.step else ()
    yield from (one for one in named if re.fullmatch(r"\S+", one) and _file(one) in scene.now.paths)


def _touched(scene: Scene) -> Iterator[str]:
    for one in scene.changes:
        if one.what != "deleted" and one.new_mode in PLAIN and _TEST_FILE.search(one.path) and " " not in one.path:
            yield one.path


def _flaky(scene: Scene, found: CheckResult) -> CheckResult:
    """The same result, unless all its new failures pass now on the same tree: then these are told as flaky.

    What failed runs once more by itself, where the runner can choose it; then a quick suite runs whole once more. A
    test that passes by itself and fails again with the others is not flaky: something that it meets there breaks it.
    """
    report = found.tests
    failed = new_failures(report, scene.baseline) if report else frozenset()
    if report is None or not 0 < len(failed) <= MOST_AGAIN or found.exit_code in (None, 0, KILLED):
        return found
    return _again(scene, found, report, failed)


def _again(scene: Scene, found: CheckResult, report: TestReport, failed: frozenset[str]) -> CheckResult:
    alone = scene.tests.kind in ("pytest", "unittest") and all(_chosen(one) for one in failed)
    if alone and not _pass_now(scene, failed):
        return found
    if found.seconds > AGAIN_SECONDS:
        return _as_flaky(scene, found, report, failed) if alone else found
    return _whole_again(scene, found, report, failed, alone)


def _whole_again(
    scene: Scene, found: CheckResult, report: TestReport, failed: frozenset[str], alone: bool
) -> CheckResult:
    """What a second run of all tests says. `alone`: those that failed passed by themselves."""
    again = _run(scene)
    if not again.red:
        return _named(again, failed)
    if alone and again.tests is not None and not new_failures(again.tests, scene.baseline) & failed:
        return _as_flaky(scene, found, report, failed)
    said = " (alone they pass; they fail again with the others)" if alone else " (again so in a second run)"
    return replace(found, summary=found.summary + said)


def _chosen(case: str) -> bool:
    """Whether this id can be put on a command line as one word."""
    return re.fullmatch(r"[^\s'\"\\]+", case) is not None


def _pass(again: CheckResult, failed: frozenset[str]) -> bool:
    return again.tests is not None and failed <= again.tests.ids(CaseStatus.PASSED) and again.status is Status.PASSED


def _named(found: CheckResult, flaky: frozenset[str]) -> CheckResult:
    names = tuple(sorted(flaky))
    said = f"{found.summary}; flaky, failed once and passed on the same tree: {', '.join(names[:5])}"
    measured = {**found.measured, "tests.flaky": float(len(names))}
    return replace(found, summary=said, flaky=names, measured=measured)


def _as_flaky(scene: Scene, found: CheckResult, report: TestReport, failed: frozenset[str]) -> CheckResult:
    """The result with these counted as passed, as they did in their second run; red where tests are missing.
    The exit code stays that of the run that is shown.
    """
    cases = tuple(replace(case, status=CaseStatus.PASSED) if case.id in failed else case for case in report.cases)
    counted = report_of(cases)
    missing = fewer(counted, scene.baseline, _removed(scene))
    status = Status.FAILED if missing else Status.PASSED
    said = f"{counted.passed} passed, {counted.failed} failed, {counted.skipped} skipped of {counted.total}"
    summary = f"{missing}: {said}" if missing else said
    return _named(replace(found, status=status, tests=counted, summary=summary), failed)
