"""The lifecycle of tasks and steps: the one table that everything else asks (spec section 2)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from state.statuses import (
    FailReason,
    MilestoneStatus,
    PauseReason,
    PhaseStatus,
    StepEvent,
    StepStatus,
    SubstepStatus,
    TaskEvent,
    TaskStatus,
    TestCaseStatus,
)

__all__ = [
    "STEP_TABLE",
    "TASK_TABLE",
    "Back",
    "FailReason",
    "IllegalTransition",
    "MilestoneStatus",
    "PauseReason",
    "PhaseStatus",
    "Row",
    "Standing",
    "StepEvent",
    "StepStatus",
    "SubstepStatus",
    "TaskEvent",
    "TaskStatus",
    "TestCaseStatus",
    "When",
    "advance",
    "allowed",
    "milestone_status",
    "next_status",
    "next_step_status",
    "phase_status",
    "possible",
    "step_allowed",
]


class When(StrEnum):
    """What a row asks of the task besides its status."""

    ALWAYS = "always"
    FIRST = "never completed or failed"
    AGAIN = "after completed or failed"
    PLAN_FAILED = "plan_failed"
    STEP_FAILED = "step_failed"
    PAUSED_FOR_CHANGE = "paused for a change"
    SIMULATING = "simulating"
    FOR_REAL = "not simulating"


class Back(StrEnum):
    """Targets that only the task's own past names."""

    CAME_FROM = "the state it came from"
    AS_BEFORE = "as before"


@dataclass(frozen=True)
class Row:
    """One line of the table; `source` None is a new task, `reason` is kept with the target."""

    source: TaskStatus | None
    event: TaskEvent
    to: TaskStatus | Back
    when: When = When.ALWAYS
    reason: FailReason | None = None


@dataclass(frozen=True)
class Standing:
    """Where a task stands, with all of its past that the table may ask for.

    `came_from` is the state that PAUSED keeps; `before` (COMPLETED or FAILED, with `before_reason`) is what the
    rejection of a later plan goes back to; `simulating` is true while an approval of scope `simulate` runs.
    """

    status: TaskStatus | None = None
    fail_reason: FailReason | None = None
    pause_reason: PauseReason | None = None
    came_from: TaskStatus | None = None
    before: TaskStatus | None = None
    before_reason: FailReason | None = None
    simulating: bool = False


class IllegalTransition(Exception):
    """Somebody asked for a transition that the table does not have; says what would be possible."""

    def __init__(self, status: StrEnum | None, event: StrEnum, possible: Iterable[StrEnum]) -> None:
        self.status = status
        self.event = event
        self.possible = tuple(possible)
        names = ", ".join(self.possible) or "nothing"
        super().__init__(f"{event} is not possible in {status or '(new)'}; possible: {names}")


T, E = TaskStatus, TaskEvent
PAUSABLE = (T.PLANNING, T.DISCOVERY, T.PLANNED, T.BLOCKED, T.EXECUTING)
ABORTABLE = (*PAUSABLE, T.PAUSED, T.FAILED)

TASK_TABLE: tuple[Row, ...] = (
    Row(None, E.ACCEPTED, T.PLANNING),
    Row(None, E.DO_APPROVED, T.EXECUTING),
    Row(None, E.DO_PROPOSED, T.PLANNED),
    Row(T.PLANNING, E.QUESTIONS_OPEN, T.DISCOVERY),
    Row(T.PLANNING, E.PLAN_STORED, T.PLANNED),
    Row(T.PLANNING, E.CANNOT_PLAN, T.FAILED, reason=FailReason.PLAN_FAILED),
    Row(T.DISCOVERY, E.ANSWERED, T.PLANNING),
    Row(T.PLANNED, E.REVISE, T.PLANNING),
    Row(T.PLANNED, E.EDIT, T.PLANNED),
    Row(T.PLANNED, E.REJECT, T.ABORTED, When.FIRST),
    Row(T.PLANNED, E.REJECT, Back.AS_BEFORE, When.AGAIN),
    Row(T.PLANNED, E.APPROVE, T.EXECUTING),
    Row(T.PLANNED, E.APPROVE_WAITING, T.BLOCKED),
    Row(T.PLANNED, E.SIMULATE, T.EXECUTING),
    Row(T.BLOCKED, E.UNBLOCKED, T.EXECUTING),
    Row(T.EXECUTING, E.SIMULATED, T.PLANNED, When.SIMULATING),
    Row(T.EXECUTING, E.ALL_DONE, T.COMPLETED, When.FOR_REAL),
    Row(T.EXECUTING, E.STEP_FAILED, T.FAILED, When.FOR_REAL, FailReason.STEP_FAILED),
    *(Row(source, E.PAUSE, T.PAUSED) for source in PAUSABLE),
    Row(T.PAUSED, E.RESUME, Back.CAME_FROM),
    Row(T.PAUSED, E.CHANGE_APPROVED, Back.CAME_FROM, When.PAUSED_FOR_CHANGE),
    Row(T.PAUSED, E.CHANGE_REJECTED, Back.CAME_FROM, When.PAUSED_FOR_CHANGE),
    # A task that never had a plan has no step to go back to, so its retry plans again.
    Row(T.FAILED, E.RETRY, T.PLANNING, When.PLAN_FAILED),
    Row(T.FAILED, E.RETRY, T.EXECUTING, When.STEP_FAILED),
    Row(T.FAILED, E.SKIP, T.EXECUTING, When.STEP_FAILED),
    Row(T.FAILED, E.CONTINUE, T.EXECUTING, When.STEP_FAILED),
    Row(T.FAILED, E.FIX, T.EXECUTING, When.STEP_FAILED),
    Row(T.FAILED, E.FIX_PLANNED, T.PLANNED, When.STEP_FAILED),
    Row(T.FAILED, E.REVISE, T.PLANNING),
    Row(T.COMPLETED, E.CHANGE, T.PLANNING),
    *(Row(source, E.ABORT, T.ABORTED) for source in ABORTABLE),
)

S, W = StepStatus, StepEvent
RUNNING = (S.IN_PROGRESS, S.READY_FOR_TEST, S.TESTED)

STEP_TABLE: tuple[tuple[StepStatus, StepEvent, StepStatus], ...] = (
    (S.PENDING, W.START, S.IN_PROGRESS),
    (S.IN_PROGRESS, W.EDITED, S.READY_FOR_TEST),
    (S.READY_FOR_TEST, W.CHECKED, S.TESTED),
    (S.TESTED, W.PASS, S.DONE),
    *((source, W.FAIL, S.FAILED) for source in RUNNING),
    (S.FAILED, W.RETRY, S.PENDING),
    *((source, W.BLOCK, S.BLOCKED) for source in (S.PENDING, S.IN_PROGRESS)),
    (S.BLOCKED, W.UNBLOCK, S.PENDING),
    *((source, W.SKIP, S.SKIPPED) for source in (S.PENDING, S.FAILED, S.BLOCKED)),
    *((source, W.CANCEL, S.CANCELLED) for source in (S.PENDING, *RUNNING, S.FAILED, S.BLOCKED)),
    # A lost host or an outage gives the step back without a verdict: no attempt is used up.
    *((source, W.RELEASE, S.PENDING) for source in RUNNING),
    *((source, W.REOPEN, S.PENDING) for source in (S.DONE, S.SKIPPED)),
)


def _holds(when: When, standing: Standing) -> bool:
    facts = {
        When.ALWAYS: True,
        When.FIRST: standing.before is None,
        When.AGAIN: standing.before is not None,
        When.PLAN_FAILED: standing.fail_reason is FailReason.PLAN_FAILED,
        When.STEP_FAILED: standing.fail_reason is FailReason.STEP_FAILED,
        When.PAUSED_FOR_CHANGE: standing.pause_reason is PauseReason.CHANGE,
        When.SIMULATING: standing.simulating,
        When.FOR_REAL: not standing.simulating,
    }
    return facts[when]


def possible(standing: Standing) -> tuple[TaskEvent, ...]:
    """Every event that the table allows now, in the table's order."""
    return tuple(row.event for row in TASK_TABLE if row.source is standing.status and _holds(row.when, standing))


def advance(standing: Standing, event: TaskEvent, pause: PauseReason | None = None) -> Standing:
    """The standing after `event`; `pause` is the reason and is required for PAUSE, and only for it.

    Raises IllegalTransition if the table has no such row, ValueError if a pause has no reason.
    """
    if (event is E.PAUSE) != (pause is not None):
        raise ValueError("a pause needs a reason, and only a pause has one")
    for row in TASK_TABLE:
        if row.source is standing.status and row.event is event and _holds(row.when, standing):
            return _after(standing, row, pause)
    raise IllegalTransition(standing.status, event, possible(standing))


def _after(now: Standing, row: Row, pause: PauseReason | None) -> Standing:
    if row.to is Back.AS_BEFORE:
        return Standing(now.before, fail_reason=now.before_reason)
    if row.to is T.PAUSED:
        return replace(now, status=T.PAUSED, pause_reason=pause, came_from=now.status)
    if row.to is Back.CAME_FROM:
        return replace(now, status=now.came_from, pause_reason=None, came_from=None)
    to = TaskStatus(row.to)
    if to in (T.COMPLETED, T.ABORTED, T.FAILED):
        return Standing(to, fail_reason=row.reason)
    if row.event in (E.APPROVE, E.APPROVE_WAITING) or now.status in (None, T.BLOCKED):
        return Standing(to)
    if now.status in (T.COMPLETED, T.FAILED):
        return Standing(to) if to is T.EXECUTING else Standing(to, before=now.status, before_reason=now.fail_reason)
    return replace(now, status=to, simulating=row.event is E.SIMULATE)


def next_status(
    current: Standing | TaskStatus | None, event: TaskEvent, pause: PauseReason | None = None
) -> TaskStatus:
    """Only the status after `event`; rows that ask for the past need a Standing. Raises like `advance`."""
    standing = current if isinstance(current, Standing) else Standing(current)
    return TaskStatus(advance(standing, event, pause).status or "")


def allowed(source: TaskStatus | None, to: TaskStatus) -> bool:
    """Whether any row leads from `source` to `to`, whatever the event (the store's last guard)."""
    return to in _targets(source)


def _targets(source: TaskStatus | None) -> set[TaskStatus]:
    back = {Back.CAME_FROM: set(PAUSABLE), Back.AS_BEFORE: {T.COMPLETED, T.FAILED}}
    targets: set[TaskStatus] = set()
    for row in TASK_TABLE:
        if row.source is source:
            targets |= back[row.to] if isinstance(row.to, Back) else {row.to}
    return targets


def next_step_status(current: StepStatus, event: StepEvent) -> StepStatus:
    """The step's status after `event`; raises IllegalTransition."""
    for source, happened, to in STEP_TABLE:
        if source is current and happened is event:
            return to
    raise IllegalTransition(current, event, [happened for source, happened, _ in STEP_TABLE if source is current])


def step_allowed(source: StepStatus, to: StepStatus) -> bool:
    """Whether any row leads a step from `source` to `to`."""
    return any(row[0] is source and row[2] is to for row in STEP_TABLE)


def phase_status(steps: Iterable[StepStatus]) -> PhaseStatus:
    """A phase's status from those of its steps (extras that are off left out by the caller)."""
    found = set(steps)
    if found == {S.CANCELLED}:
        return PhaseStatus.CANCELLED
    return PhaseStatus(milestone_status(found))


def milestone_status(steps: Iterable[StepStatus]) -> MilestoneStatus:
    """A milestone's status from those of its steps."""
    found = set(steps)
    if found & set(RUNNING):
        return MilestoneStatus.IN_PROGRESS
    if found & {S.FAILED, S.BLOCKED} or found == {S.CANCELLED}:
        # Milestones know no `cancelled`: one that will never be reached must not look completed.
        return MilestoneStatus.BLOCKED
    if not found & {S.DONE, S.SKIPPED}:
        return MilestoneStatus.PENDING
    return MilestoneStatus.IN_PROGRESS if S.PENDING in found else MilestoneStatus.COMPLETED
