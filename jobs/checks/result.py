"""What a check found."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
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
class Finding:
    """One problem at one place. `line` counts from 1, 0 for a file as a whole; `code` is the name of the rule."""

    path: str
    line: int
    code: str
    message: str

    @property
    def identity(self) -> tuple[str, str, str]:
        """What stays the same while lines move."""
        return self.path, self.code, self.message

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.message} [{self.code}]"


@dataclass(frozen=True)
class Found:
    """What a look at one tree found, old and new problems together. `not_run` says why nothing could be found out;
    `measured` holds numbers under the names that criteria may ask for (spec 5).
    """

    findings: tuple[Finding, ...] = ()
    command: str = ""
    exit_code: int | None = None
    seconds: float = 0.0
    tail: str = ""
    not_run: str = ""
    measured: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class CheckResult:
    """One check's verdict with its evidence. `tail` is a bounded piece of output, `summary` one line for people and
    models. `findings` are new problems, `fixed` counts those of the base commit that are gone; `reason` is the code
    that a failure report gives, `measured` as in Found. `flaky` are tests that failed and then passed on the same tree.
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
    findings: tuple[Finding, ...] = ()
    fixed: int = 0
    reason: str = "checks"
    measured: Mapping[str, float] = field(default_factory=dict)
    flaky: tuple[str, ...] = ()

    @property
    def red(self) -> bool:
        """Whether no further check is asked."""
        return self.status is Status.FAILED and self.layer is Layer.CRITICAL

    @property
    def stops(self) -> bool:
        """Whether the step cannot be done with it: critical and important checks have to pass."""
        return self.status is Status.FAILED and self.layer is not Layer.NICE


def all_green(results: Iterable[CheckResult]) -> bool:
    """Whether no critical check failed and no important one did."""
    return not any(result.stops for result in results)
