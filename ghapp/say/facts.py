"""What the texts are made from besides the views of `state.views`: stored facts, gathered by the jobs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from state.plan.dod import NO_PROOF, DoneItem, Proof, Verdict


@dataclass(frozen=True)
class Estimate:
    """A range: seconds of wall time and US dollars."""

    seconds_low: float
    seconds_high: float
    money_low: float
    money_high: float


class Standing(StrEnum):
    """Where a plan version stands; only an open one has buttons."""

    OPEN = "open"
    APPROVED = "approved"
    SUPERSEDED = "superseded"
    REJECTED = "rejected"


@dataclass(frozen=True)
class PlanFacts:
    """What is said beside the plan.

    `round` of `max_rounds` counts revisions, `hidden_parts` were taken out of the request, `prefix` is what a command
    begins with here (`/` or `/devtask `), `difference` has the keys of `changes_detail` (details.md 5) with titles.
    """

    estimate: Estimate | None = None
    budget: float | None = None
    round: int = 0
    max_rounds: int = 10
    lfs: bool = False
    submodules: bool = False
    signatures_required: bool = False
    no_tests: bool = False
    hidden_parts: int = 0
    conventions: tuple[str, ...] = ()
    approvers: tuple[str, ...] = ()
    standing: Standing = Standing.OPEN
    approved_by: str = ""
    prefix: str = "/"
    difference: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class TestCounts:
    """Of one run of the suite."""

    __test__ = False

    total: int
    passed: int
    failed: int
    skipped: int = 0


@dataclass(frozen=True)
class CriterionResult:
    """One criterion of the plan: `measurable` as the plan says it, `found` what was measured, `proof` what shows it."""

    criterion: str
    verdict: Verdict
    measurable: str = ""
    found: str = ""
    proof: Proof = NO_PROOF


@dataclass(frozen=True)
class Finding:
    """One new problem that a check found; `level` notice, warning or failure, `title` the check and its rule.

    `line` counts from 1, 0 for a file as a whole.
    """

    path: str
    line: int
    level: str
    message: str
    title: str = ""


@dataclass(frozen=True)
class CommitFact:
    """One commit of the branch."""

    sha: str
    subject: str


@dataclass(frozen=True)
class StandIn:
    """A model that answered in a role in place of the one that was chosen for it; both are `provider:model`."""

    role: str
    model: str
    wanted: str


@dataclass(frozen=True)
class BudgetShare:
    """How much of the limit of a scope (task, repository, day) was spent when that was told; US dollars."""

    scope: str
    spent: float
    limit: float


@dataclass(frozen=True)
class SkippedStep:
    """A step that a person left out after it had failed; `number` counts from 1."""

    number: int
    title: str
    login: str


@dataclass(frozen=True)
class FinalFacts:
    """What the task left behind. `seconds` is wall time, `coverage` percent, None = not measured.

    `suspicions` are what should be looked at before green tests are trusted, `notes` what else is new without stopping
    anything, `fixed` counts problems of the base that are gone, by the item's word; `flaky` tests failed once and
    passed when they were run again. `setup` and `verify` are commands for a clone.
    """

    branch: str
    base: str
    created: tuple[str, ...] = ()
    modified: tuple[str, ...] = ()
    deleted: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    extra: Mapping[str, str] = field(default_factory=dict)
    tests_before: TestCounts | None = None
    tests_after: TestCounts | None = None
    coverage: float | None = None
    done_items: tuple[DoneItem, ...] = ()
    criteria: tuple[CriterionResult, ...] = ()
    seconds: float = 0.0
    spent: float = 0.0
    estimate: Estimate | None = None
    commits: tuple[CommitFact, ...] = ()
    setup: tuple[str, ...] = ()
    verify: tuple[str, ...] = ()
    flaky: tuple[str, ...] = ()
    fixed: tuple[tuple[str, int], ...] = ()
    suspicions: tuple[Finding, ...] = ()
    notes: tuple[Finding, ...] = ()
    held_ci: bool = True
    warnings: tuple[BudgetShare, ...] = ()
    stand_ins: tuple[StandIn, ...] = ()
    skipped: tuple[SkippedStep, ...] = ()


@dataclass(frozen=True)
class StepDone:
    """A finished step's evidence, for the check run on its commit while the task goes on."""

    number: int
    done_items: tuple[DoneItem, ...] = ()


@dataclass(frozen=True)
class Proposal:
    """A way out that the debug agent found; `/fix <n>` takes it. `success_probability` is from 0 to 1.

    `action` as in details.md 6: create_dependency_step, modify_step_scope or modify_step_context.
    """

    n: int
    title: str
    description: str
    action: str
    success_probability: float
    minutes: float
    note: str = ""


@dataclass(frozen=True)
class FailureFacts:
    """What failed: a command, its exit code and the end of its output, or a brake that ended the attempt.

    `reason` is a key `failure.reason.<reason>`; `claimed` is what the executor said of its own work, which nothing
    has confirmed; `root_cause`, `symptoms` and `proposals` (at most three, likeliest first) are the debug agent's.
    `unanalysed` says why there is no analysis: provider, budget or model.
    `done_items` is how the last attempt stood, `setup` are the commands that make a clone ready for `command`, `wip`
    is the commit on the branch that keeps the unfinished work.
    """

    reason: str
    step_number: int | None = None
    step_title: str = ""
    attempts: int = 0
    command: str = ""
    exit_code: int | None = None
    tail: str = ""
    branch: str = ""
    safe: tuple[CommitFact, ...] = ()
    blocked: tuple[int, ...] = ()
    log: str = ""
    claimed: str = ""
    root_cause: str = ""
    symptoms: tuple[str, ...] = ()
    proposals: tuple[Proposal, ...] = ()
    unanalysed: str = ""
    seconds: float = 0.0
    done_items: tuple[DoneItem, ...] = ()
    setup: tuple[str, ...] = ()
    wip: str = ""
