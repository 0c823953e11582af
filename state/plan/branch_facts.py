"""What the files on the branch say besides the task's views: facts that the jobs gather. No conversation, no cost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from state.plan.dod import DoneItem
from state.statuses import StepStatus, SubstepStatus, TestCaseStatus
from state.views import StepView, TaskView

FOLDER = ".dev-tasks"
OPEN = frozenset({StepStatus.PENDING, StepStatus.BLOCKED, StepStatus.FAILED})
FINISHED = frozenset({StepStatus.DONE, StepStatus.SKIPPED, StepStatus.CANCELLED})


@dataclass(frozen=True)
class Item:
    """A substep or a single test case of a step."""

    name: str
    status: SubstepStatus | TestCaseStatus


@dataclass(frozen=True)
class Tests:
    """The last run of the suite; counts of test cases."""

    __test__ = False

    passed: int = 0
    failed: int = 0
    pending: int = 0
    last_run: datetime | None = None

    @property
    def total(self) -> int:
        return self.passed + self.failed + self.pending


@dataclass(frozen=True)
class NextAction:
    """Where a person goes on: a file, the line (from 1) if known, and the names that are missing there."""

    text: str
    file: str = ""
    line: int | None = None
    missing: tuple[str, ...] = ()


@dataclass(frozen=True)
class BranchFacts:
    """Everything else. `items` is keyed by step id; files are paths changed against the base; times are UTC.

    `own_step` is the id of the step whose commit carries these files: that commit cannot name itself. `first_approved`
    is the number of the task's first approved version. `next_action` None = derived from the first open step. `setup`
    are commands that make a clone ready; `done_items` and `tests` are what the checks said before this commit.
    """

    now: datetime
    approved_by: str
    first_approved: int
    own_step: str | None = None
    items: Mapping[str, tuple[Item, ...]] = field(default_factory=dict)
    created: tuple[str, ...] = ()
    modified: tuple[str, ...] = ()
    deleted: tuple[str, ...] = ()
    tests: Tests = field(default_factory=Tests)
    test_command: str = ""
    coverage_command: str = ""
    started_at: datetime | None = None
    elapsed_seconds: int = 0
    retries: int = 0
    max_retries: int = 3
    last_error: str | None = None
    last_checkpoint: str | None = None
    can_continue: bool = True
    next_action: NextAction | None = None
    timeline: tuple[tuple[datetime, str], ...] = ()
    done_items: tuple[DoneItem, ...] = ()
    setup: tuple[str, ...] = ()


def folder(task: TaskView) -> str:
    """The task's folder on the branch."""
    return f"{FOLDER}/{task.key}"


def shown_steps(task: TaskView) -> list[StepView]:
    """The steps that are carried out, in plan order: extras that nobody ticked are left out."""
    off = {step.id for step in task.plan.plan.steps() if step.extra} if task.plan else set()
    return sorted((step for step in task.steps if step.id not in off), key=lambda step: step.number)


def current(steps: list[StepView]) -> StepView | None:
    """The step that runs, else the first open one, else None."""
    running = [step for step in steps if step.status not in OPEN | FINISHED]
    return next(iter([*running, *(step for step in steps if step.status in OPEN)]), None)


def percent(steps: list[StepView]) -> int:
    """Share of finished steps, 0-100, never 100 before the last one."""
    return len([step for step in steps if step.status in FINISHED]) * 100 // len(steps) if steps else 0


def instant(moment: datetime | None) -> str | None:
    """ISO 8601 to the second with `Z`; the moment is UTC."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ") if moment else None


def duration(step: StepView) -> int | None:
    """Seconds from start to end of a step, None while it is not over."""
    if step.started_at is None or step.completed_at is None:
        return None
    return max(0, round((step.completed_at - step.started_at).total_seconds()))
