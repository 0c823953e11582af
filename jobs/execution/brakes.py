"""When more of the same does not help: failures by their fingerprints, and which feedback an attempt gets. Pure.

docs/decisions/0012 says why a brake leads to the last feedback at once instead of ending a step that never had it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Protocol

from jobs.checks.result import Case, CaseStatus, CheckResult, Status, TestReport

SAME_FAILURE: Final = "same_failure"
NO_PROGRESS: Final = "no_progress"
CHECKS: Final = "checks"
"""The reason of whatever the checks found and nothing names better."""
LAST: Final = 3
"""The rung of feedback with the diff and the debug agent's suggestions."""
MOST, LONGEST = 200, 200
SEPARATOR: Final = re.compile(r"^={10,}$", re.MULTILINE)
ERROR: Final = re.compile(r"^[A-Za-z_][\w.]*(?:Error|Exception|Warning|Exit|Interrupt)\b.*$", re.MULTILINE)
NOISE: Final = (
    (re.compile(r"\x1b\[[0-9;]*[A-Za-z]"), ""),
    (re.compile(r"\b0x[0-9a-fA-F]+\b|\b[0-9a-f]{7,64}\b(?=[^a-z]|$)"), "<id>"),
    (re.compile(r"(?<![\w.])(?:[A-Za-z]:)?(?:\.{0,2}[/\\])[\w.@+~-]+(?:[/\\][\w.@+~-]+)*[/\\]?"), "<path>"),
    (re.compile(r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?"), "<time>"),
    (re.compile(r"\b\d\d?:\d\d(?::\d\d(?:\.\d+)?)?\b"), "<time>"),
    (re.compile(r"\d+(?:[._]\d+)*"), "<n>"),
    (re.compile(r"\s+"), " "),
)


class Verdict(Protocol):
    """What the brakes look at in an attempt that failed (`state.store.verdicts.AttemptView`)."""

    @property
    def fingerprints(self) -> Sequence[str]:
        """Its failures."""

    @property
    def green(self) -> Sequence[str]:
        """Tests that pass now and did not at the base commit."""

    @property
    def checks(self) -> Sequence[Mapping[str, object]]:
        """The checks as they are stored."""


@dataclass(frozen=True)
class Judged:
    """A verdict that is not stored yet; `reason` is the code that the report gives."""

    reason: str
    fingerprints: tuple[str, ...] = ()
    green: tuple[str, ...] = ()
    checks: tuple[Mapping[str, object], ...] = ()


@dataclass(frozen=True)
class Rung:
    """The feedback that the next attempt gets: 0 nothing, 1 errors, 2 with examples, 3 with diff and suggestions.

    `last` = no attempt follows it; `brake` names the brake that led there.
    """

    level: int
    last: bool
    brake: str = ""


def normalised(message: str) -> str:
    """The message without what differs between two runs: numbers, addresses, paths, times."""
    for pattern, instead in NOISE:
        message = pattern.sub(instead, message)
    return message.strip()[:LONGEST]


def fingerprints(results: Iterable[CheckResult]) -> tuple[str, ...]:
    """The failures of an attempt, sorted: test id and normalised message, or what another check found where."""
    found = {one for result in results if result.stops for one in _of(result)}
    return tuple(sorted(found))[:MOST]


def _of(result: CheckResult) -> list[str]:
    bad = [case for case in result.tests.cases if case.bad] if result.tests else []
    if bad:
        return [f"{case.id}: {normalised(_said(case, result.tail))}" for case in bad]
    if result.findings:
        return [f"{result.name} {one.path} {one.code}: {normalised(one.message)}" for one in result.findings]
    return [f"{result.name}: {normalised(result.summary)}"]


def _said(case: Case, tail: str) -> str:
    """What the test said; of a runner that names only the test, the error that its output shows under that name."""
    if case.message or case.detail:
        return case.message or case.detail[-LONGEST:]
    name = case.id.replace("::", ".").rsplit(".", 1)[-1]
    parts = [part for part in SEPARATOR.split(tail) if name in part.strip().split("\n", 1)[0]]
    found = ERROR.search(parts[-1]) if parts else None
    return found[0] if found else ""


def green(results: Iterable[CheckResult], base: TestReport | None) -> tuple[str, ...]:
    """The tests that pass now and did not at the base commit; a runner without names counts them."""
    report = next((one.tests for one in results if one.tests is not None), None)
    if report is None:
        return ()
    if not report.cases:
        before = base.passed if base else 0
        return tuple(f"passed test {number}" for number in range(before + 1, min(report.passed, before + MOST) + 1))
    before_ids = base.ids(CaseStatus.PASSED) if base else frozenset()
    return tuple(sorted(report.ids(CaseStatus.PASSED) - before_ids))[:MOST]


def judged(reason: str, results: Sequence[CheckResult], base: TestReport | None, before: Sequence[Verdict]) -> Judged:
    """The verdict on an attempt after those `before`; a brake that it meets is its reason, where none says more."""
    checks = tuple({"name": one.name, "status": one.status.value} for one in results)
    now = Judged(reason, fingerprints(results), green(results, base), checks)
    met = brake([*before, now]) if reason == CHECKS else ""
    return replace(now, reason=met or reason)


def brake(failed: Sequence[Verdict]) -> str:
    """Which brake the newest of these attempts met; empty if none."""
    if len(failed) < 2:
        return ""
    before, now = failed[-2], failed[-1]
    if now.fingerprints and list(now.fingerprints) == list(before.fingerprints):
        return SAME_FAILURE
    if _stood_still(failed, len(failed) - 1) and _stood_still(failed, len(failed) - 2):
        return NO_PROGRESS
    return ""


def rung(failed: Sequence[Verdict], retries: int) -> Rung | None:
    """What comes after these attempts of a round; None when no attempt is left."""
    count = len(failed)
    met = next(((n, name) for n in range(2, count + 1) if (name := brake(failed[:n]))), None)
    if count > retries or (met is not None and count > met[0]):
        return None
    if met is not None:
        return Rung(LAST, True, met[1])
    return Rung(min(count, LAST), count == retries)


def _stood_still(failed: Sequence[Verdict], number: int) -> bool:
    """Whether tests ran red in that attempt, and none was green that was not green in an earlier one."""
    earlier = {test for one in failed[:number] for test in one.green}
    return _tests_failed(failed[number]) and not set(failed[number].green) - earlier


def _tests_failed(one: Verdict) -> bool:
    return any(check["name"] == "tests" and check["status"] == Status.FAILED for check in one.checks)
