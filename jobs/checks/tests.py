"""The repository's tests, run in the sandbox and believed only when report, exit code and counts agree."""

from __future__ import annotations

import re
import secrets
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from jobs.checks.junit import ReportMissing, read_report
from jobs.checks.result import CaseStatus, CheckResult, Finding, Layer, Status, TestReport
from jobs.checks.summaries import read_summary
from jobs.checks.testplan import TestPlan
from jobs.sandbox.box import Sandbox
from jobs.sandbox.layout import TMP
from jobs.sandbox.limits import Result

NAME = "tests"
SECONDS = 900.0
SHOW = 400_000
TAIL = 6_000
NAMED = 5
_OUTSIDE = re.compile(
    r"Network is unreachable|Temporary failure in name resolution|Name or service not known|Connection refused"
    r"|getaddrinfo failed|ECONNREFUSED|ENOTFOUND|EAI_AGAIN|ENETUNREACH|docker\.sock|Docker daemon"
    r"|[Cc]ould not connect to server|\.s\.PGSQL|Can't connect to .{0,40}server"
)


@dataclass(frozen=True)
class Baseline:
    """How the tests stood at the base commit. `usable` is False where nothing could be counted there; `why` says it.

    `findings` are those of the other checks there, by the check's name; `seconds` is how long the tests took.
    """

    report: TestReport | None
    usable: bool
    why: str = ""
    findings: Mapping[str, tuple[Finding, ...]] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def failing(self) -> frozenset[str]:
        return self.report.ids(CaseStatus.FAILED, CaseStatus.ERROR) if self.report else frozenset()


def run_tests(
    box: Sandbox,
    plan: TestPlan,
    *,
    selection: str = "",
    baseline: Baseline | None = None,
    seconds: float = SECONDS,
    cancel: Callable[[], bool] | None = None,
    known: frozenset[str] = frozenset(),
    removed: frozenset[str] = frozenset(),
) -> CheckResult:
    """One run. Without a selection it is compared with the baseline: only new failures count, and fewer tests are
    red, those in files of `removed` aside. With one, failures of `known` tests do not count.
    """
    if plan.kind == "none":
        return CheckResult(NAME, Layer.CRITICAL, Status.NOT_RUN, "the repository has no tests that could be found")
    name = f"junit-{secrets.token_hex(12)}.xml"
    inside = f"{TMP}/{name}" if box.kind == "bwrap" else str(box.scratch / "tmp" / name)
    try:
        line = plan.line(inside, selection)
    except ValueError as wrong:
        return _failed(f"the selection cannot be read: {wrong}", Result(2, "", 0.0), selection)
    result = box.run(line, timeout=seconds, cancel=cancel, show=SHOW)
    report, trouble = _report(box, plan, name, result)
    shown = line.replace(f"--junitxml={shlex.quote(inside)} -o junit_family=xunit1 -p no:cacheprovider", "").strip()
    return judge(result, report, trouble, shown, None if selection else baseline, known, removed)


def take_baseline(
    box: Sandbox, plan: TestPlan, seconds: float = SECONDS, cancel: Callable[[], bool] | None = None
) -> tuple[Baseline, CheckResult]:
    """The tests at the base commit; the check beside it says how they stood."""
    found = run_tests(box, plan, seconds=seconds, cancel=cancel)
    return Baseline(found.tests, found.tests is not None, found.summary, seconds=found.seconds), found


def judge(
    result: Result,
    report: TestReport | None,
    trouble: str,
    command: str,
    baseline: Baseline | None,
    known: frozenset[str] = frozenset(),
    removed: frozenset[str] = frozenset(),
) -> CheckResult:
    """The verdict. Pure."""
    problem = _ended_badly(result) or trouble or _disagreement(result, report)
    if problem or report is None:
        return _failed(problem or "nothing was counted", result, command, report)
    counts = f"{report.passed} passed, {report.failed} failed, {report.skipped} skipped of {report.total}"
    new = _new_failures(report, baseline, known)
    worse = f"{new} new failures" if new else fewer(report, baseline, removed)
    if worse:
        return _failed(f"{worse}: {counts}", result, command, report)
    before = f"; {report.failed} failed before this task too" if report.failed else ""
    return _result(Status.PASSED, counts + before, result, command, report)


def new_failures(report: TestReport, baseline: Baseline | None) -> frozenset[str]:
    """Which tests fail that did not fail at the base; none where the report names none."""
    known = baseline.failing if baseline and baseline.usable else frozenset()
    return report.ids(CaseStatus.FAILED, CaseStatus.ERROR) - known


def _new_failures(report: TestReport, baseline: Baseline | None, known: frozenset[str]) -> int:
    """How many; by count where the report names none."""
    if report.cases:
        return len(new_failures(report, baseline) - known)
    before = baseline.report.failed if baseline and baseline.report else 0
    return max(0, report.failed - before)


def _report(box: Sandbox, plan: TestPlan, name: str, result: Result) -> tuple[TestReport | None, str]:
    path = box.scratch / "tmp" / name
    try:
        if plan.reports:
            return read_report(path), ""
        found = read_summary(result.output)
        return found, "" if found else _uncounted(result)
    except ReportMissing as missing:
        return None, str(missing)
    finally:
        path.unlink(missing_ok=True)


def _uncounted(result: Result) -> str:
    state = "ended with 0" if result.exit_code == 0 else f"ended with {result.exit_code}"
    return f"the test command {state}, but no count of tests was found in what it printed"


def _ended_badly(result: Result) -> str:
    if result.timed_out:
        return f"the tests did not end within {result.seconds:.0f} s and were killed"
    if result.cancelled:
        return "the tests were stopped"
    if result.limit:
        return f"the tests were ended at a limit: {result.limit}"
    return ""


def _disagreement(result: Result, report: TestReport | None) -> str:
    if report is None:
        return ""
    if report.total == 0 or report.total == report.skipped:
        return "no test was collected" if report.total == 0 else f"all {report.total} tests were skipped"
    if result.exit_code == 0 and report.failed:
        return f"the command ended with 0 although the report counts {report.failed} failures"
    if result.exit_code != 0 and not report.failed:
        return f"the command ended with {result.exit_code} although the report counts no failure"
    return ""


def fewer(report: TestReport, baseline: Baseline | None, removed: frozenset[str] = frozenset()) -> str:
    """In words, and which: fewer tests than at the base commit, those in `removed` files aside; empty where not."""
    if not baseline or not baseline.usable or baseline.report is None:
        return ""
    ran, before = report.total - report.skipped, baseline.report.total - baseline.report.skipped
    gone = _ran(baseline.report) - _ran(report)
    meant = {one for one in gone if one.partition("::")[0] in removed or _file_of(one) in removed}
    if ran >= before - len(meant):
        return ""
    missed = sorted(gone - meant)
    names = f" (gone: {', '.join(missed[:NAMED])}{' and more' if len(missed) > NAMED else ''})" if missed else ""
    return f"{ran} tests ran, {before} did at the base commit{names}"


def _ran(report: TestReport) -> frozenset[str]:
    return report.ids(CaseStatus.PASSED, CaseStatus.FAILED, CaseStatus.ERROR)


def _file_of(case: str) -> str:
    """The file of a test that unittest names: `tests.test_x.T.test_a`."""
    parts = case.split(".")
    return "/".join(parts[:-2]) + ".py" if len(parts) > 2 else ""


def needs_outside(report: TestReport | None) -> tuple[str, ...]:
    """Failed tests that wanted the network or a service."""
    cases = report.cases if report else ()
    return tuple(case.id for case in cases if case.bad and _OUTSIDE.search(case.message + case.detail))


def _failed(summary: str, result: Result, command: str, report: TestReport | None = None) -> CheckResult:
    sign = None if needs_outside(report) else _OUTSIDE.search(result.output)
    hint = f" (something wanted the network: {sign[0].lower()}; there is none here)" if sign else ""
    return _result(Status.FAILED, summary + hint, result, command, report)


def _result(status: Status, summary: str, result: Result, command: str, report: TestReport | None) -> CheckResult:
    outside = needs_outside(report)
    named = ", ".join(outside[:NAMED])
    said = f"; {len(outside)} wanted the network or a service, of which there is none: {named}" if outside else ""
    return CheckResult(
        NAME,
        Layer.CRITICAL,
        status,
        summary + said,
        command=command,
        exit_code=result.exit_code,
        seconds=result.seconds,
        tail=result.output[-TAIL:],
        tests=report,
        measured={"tests.outside": float(len(outside))} if outside else {},
    )
