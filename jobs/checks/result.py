"""What a check found."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Layer(StrEnum):
    """How much a check weighs (spec 6)."""

    CRITICAL = "critical"
    IMPORTANT = "important"
    NICE = "nice_to_have"


class Status(StrEnum):
    """NOT_RUN: there was nothing to run, or it could not be run here; never a pass, never a failure, always said."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_RUN = "not_run"


class CaseStatus(StrEnum):
    """How a single test ended."""

    PASSED = "passed"
    FAILED = "failed"
    ERROR = "error"
    SKIPPED = "skipped"


@dataclass(frozen=True)
class Case:
    """One test. `id` is what a selection takes where the runner allows it; `message` is the assertion, `detail` the
    trace.
    """

    id: str
    status: CaseStatus
    message: str = ""
    detail: str = ""
    seconds: float = 0.0

    @property
    def bad(self) -> bool:
        return self.status in {CaseStatus.FAILED, CaseStatus.ERROR}


@dataclass(frozen=True)
class TestReport:
    """What a test run counted. `cases` may be fewer than `total` where the runner tells only counts."""

    __test__ = False

    total: int
    passed: int
    failed: int
    skipped: int
    cases: tuple[Case, ...] = ()

    def ids(self, *statuses: CaseStatus) -> frozenset[str]:
        """Ids of the cases with one of these statuses."""
        return frozenset(case.id for case in self.cases if case.status in statuses)


@dataclass(frozen=True)
class CheckResult:
    """One check's verdict with its evidence. `tail` is a bounded piece of output, `summary` one line for people and
    models.
    """

    name: str
    layer: Layer
    status: Status
    summary: str
    command: str = ""
    exit_code: int | None = None
    seconds: float = 0.0
    tail: str = ""
    tests: TestReport | None = None

    @property
    def red(self) -> bool:
        """Whether it stops a step."""
        return self.status is Status.FAILED and self.layer is Layer.CRITICAL


def all_green(results: Iterable[CheckResult]) -> bool:
    """Whether no critical check failed and no important one did."""
    return not any(result.status is Status.FAILED and result.layer is not Layer.NICE for result in results)
