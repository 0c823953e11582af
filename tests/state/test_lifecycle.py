"""The table of spec section 2, walked by hand, by property and as a picture."""

from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from state.lifecycle import (
    STEP_TABLE,
    TASK_TABLE,
    FailReason,
    IllegalTransition,
    MilestoneStatus,
    PauseReason,
    PhaseStatus,
    Standing,
    StepEvent,
    StepStatus,
    TaskEvent,
    TaskStatus,
    advance,
    allowed,
    milestone_status,
    next_status,
    next_step_status,
    phase_status,
    possible,
    step_allowed,
)

E = TaskEvent
SNAPSHOT = Path(__file__).parent / "snapshots" / "lifecycle.txt"


def walk(*events: TaskEvent | PauseReason) -> Standing:
    standing = Standing()
    for event in events:
        paused = isinstance(event, PauseReason)
        standing = advance(standing, E.PAUSE, event) if paused else advance(standing, event)
    return standing


def picture() -> str:
    lines = ["task"]
    for row in TASK_TABLE:
        when = "" if row.when == "always" else f" [{row.when}]"
        reason = f" ({row.reason})" if row.reason else ""
        lines.append(f"{row.source or '(new)'} --{row.event}{when}--> {row.to}{reason}")
    lines.append("step")
    lines += [f"{source} --{event}--> {to}" for source, event, to in STEP_TABLE]
    return "\n".join(lines) + "\n"


def test_the_table_is_the_one_that_was_reviewed():
    assert picture() == SNAPSHOT.read_text("utf-8")


STORIES = [
    ("a plain task", (E.ACCEPTED, E.PLAN_STORED, E.APPROVE, E.ALL_DONE), TaskStatus.COMPLETED),
    ("discovery", (E.ACCEPTED, E.QUESTIONS_OPEN, E.ANSWERED, E.PLAN_STORED), TaskStatus.PLANNED),
    ("revise", (E.ACCEPTED, E.PLAN_STORED, E.REVISE), TaskStatus.PLANNING),
    ("reject first", (E.ACCEPTED, E.PLAN_STORED, E.REJECT), TaskStatus.ABORTED),
    (
        "reject after completed",
        (E.DO_APPROVED, E.ALL_DONE, E.CHANGE, E.PLAN_STORED, E.REVISE, E.PLAN_STORED, E.EDIT, E.REJECT),
        TaskStatus.COMPLETED,
    ),
    ("reject after failed", (E.DO_APPROVED, E.STEP_FAILED, E.FIX_PLANNED, E.REJECT), TaskStatus.FAILED),
    (
        "reject after a pause",
        (E.DO_APPROVED, E.ALL_DONE, E.CHANGE, PauseReason.USER, E.RESUME, E.PLAN_STORED, E.REJECT),
        TaskStatus.COMPLETED,
    ),
    ("waits for another task", (E.ACCEPTED, E.PLAN_STORED, E.APPROVE_WAITING, E.UNBLOCKED), TaskStatus.EXECUTING),
    ("simulate", (E.DO_PROPOSED, E.SIMULATE, E.SIMULATED), TaskStatus.PLANNED),
    ("simulate, then reject", (E.DO_PROPOSED, E.SIMULATE, E.SIMULATED, E.REJECT), TaskStatus.ABORTED),
    ("pause and resume", (E.DO_APPROVED, PauseReason.BUDGET, E.RESUME), TaskStatus.EXECUTING),
    ("pause while planned", (E.DO_PROPOSED, PauseReason.ISSUE_CLOSED, E.RESUME), TaskStatus.PLANNED),
    ("change approved", (E.DO_APPROVED, PauseReason.CHANGE, E.CHANGE_APPROVED), TaskStatus.EXECUTING),
    ("change rejected", (E.DO_APPROVED, PauseReason.CHANGE, E.CHANGE_REJECTED), TaskStatus.EXECUTING),
    ("retry after a step", (E.DO_APPROVED, E.STEP_FAILED, E.RETRY), TaskStatus.EXECUTING),
    ("retry without a plan", (E.ACCEPTED, E.CANNOT_PLAN, E.RETRY), TaskStatus.PLANNING),
    ("revise after failure", (E.ACCEPTED, E.CANNOT_PLAN, E.REVISE), TaskStatus.PLANNING),
    ("abort while paused", (E.DO_APPROVED, PauseReason.USER, E.ABORT), TaskStatus.ABORTED),
]


@pytest.mark.parametrize(("events", "end"), [story[1:] for story in STORIES], ids=[story[0] for story in STORIES])
def test_a_story_ends_where_the_spec_says(events, end):
    assert walk(*events).status is end


REFUSED = [
    ("completed cannot be aborted", (E.DO_APPROVED, E.ALL_DONE), E.ABORT),
    ("aborted is final", (E.DO_APPROVED, E.ABORT), E.RESUME),
    ("a simulation never completes", (E.DO_PROPOSED, E.SIMULATE), E.ALL_DONE),
    ("only a simulation goes back", (E.DO_APPROVED,), E.SIMULATED),
    ("no change was asked for", (E.DO_APPROVED, PauseReason.USER), E.CHANGE_APPROVED),
    ("nothing to skip without a plan", (E.ACCEPTED, E.CANNOT_PLAN), E.SKIP),
    ("a plan is approved once", (E.DO_APPROVED,), E.APPROVE),
]


@pytest.mark.parametrize(("events", "event"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED])
def test_what_the_table_does_not_have_is_refused(events, event):
    with pytest.raises(IllegalTransition):
        advance(walk(*events), event)


def test_a_refusal_names_what_would_be_possible():
    with pytest.raises(
        IllegalTransition, match=r"approve is not possible in DISCOVERY; possible: answered, pause, abort"
    ):
        next_status(TaskStatus.DISCOVERY, E.APPROVE)


def test_failures_and_pauses_keep_their_reason():
    assert walk(E.ACCEPTED, E.CANNOT_PLAN).fail_reason is FailReason.PLAN_FAILED
    failed = walk(E.DO_APPROVED, E.STEP_FAILED)
    assert failed.fail_reason is FailReason.STEP_FAILED
    assert advance(advance(failed, E.FIX_PLANNED), E.REJECT) == failed
    paused = walk(E.DO_APPROVED, PauseReason.POISON)
    assert (paused.pause_reason, paused.came_from) == (PauseReason.POISON, TaskStatus.EXECUTING)


@pytest.mark.parametrize(("event", "reason"), [(E.PAUSE, None), (E.ABORT, PauseReason.USER)])
def test_a_pause_and_only_a_pause_has_a_reason(event, reason):
    with pytest.raises(ValueError, match="pause"):
        advance(Standing(TaskStatus.EXECUTING), event, reason)


def test_allowed_asks_the_same_table():
    assert allowed(None, TaskStatus.PLANNING)
    assert allowed(TaskStatus.PAUSED, TaskStatus.DISCOVERY)
    assert allowed(TaskStatus.PLANNED, TaskStatus.COMPLETED)
    assert not allowed(TaskStatus.ABORTED, TaskStatus.PLANNING)
    assert not allowed(TaskStatus.COMPLETED, TaskStatus.ABORTED)
    assert not allowed(TaskStatus.PLANNING, TaskStatus.EXECUTING)


class TaskLife(RuleBasedStateMachine):
    """Random events; the machine remembers on its own whether anybody approved."""

    def __init__(self) -> None:
        super().__init__()
        self.now = Standing()
        self.approved = False

    @rule(event=st.sampled_from(TaskEvent), reason=st.sampled_from(PauseReason))
    def happens(self, event: TaskEvent, reason: PauseReason) -> None:
        before, legal = self.now, event in possible(self.now)
        try:
            self.now = advance(self.now, event, reason if event is E.PAUSE else None)
        except IllegalTransition:
            assert not legal and self.now is before
            return
        assert legal and allowed(before.status, self.now.status)
        self.approved |= event in (E.APPROVE, E.APPROVE_WAITING, E.SIMULATE, E.DO_APPROVED)
        if event is E.PAUSE:
            assert advance(self.now, E.RESUME) == before

    @invariant()
    def reasons_stand_where_they_belong(self) -> None:
        now = self.now
        assert (now.status is TaskStatus.FAILED) == (now.fail_reason is not None)
        assert (now.status is TaskStatus.PAUSED) == (now.pause_reason is not None) == (now.came_from is not None)

    @invariant()
    def nothing_runs_without_an_approval(self) -> None:
        assert self.now.status is not TaskStatus.EXECUTING or self.approved

    @invariant()
    def only_aborted_is_a_dead_end(self) -> None:
        assert bool(possible(self.now)) != (self.now.status is TaskStatus.ABORTED)

    @invariant()
    def no_event_is_ambiguous(self) -> None:
        assert len(set(possible(self.now))) == len(possible(self.now))


TaskLife.TestCase.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
test_a_task_lives_by_the_table = TaskLife.TestCase


def test_a_step_walks_its_own_table():
    status = StepStatus.PENDING
    for event in (
        StepEvent.START,
        StepEvent.EDITED,
        StepEvent.CHECKED,
        StepEvent.FAIL,
        StepEvent.RETRY,
        StepEvent.START,
    ):
        status = next_step_status(status, event)
    assert status is StepStatus.IN_PROGRESS
    with pytest.raises(IllegalTransition, match="pass is not possible in in_progress"):
        next_step_status(status, StepEvent.PASS)


def test_a_step_is_done_only_after_its_checks():
    assert [row[0] for row in STEP_TABLE if row[2] is StepStatus.DONE] == [StepStatus.TESTED]
    assert step_allowed(StepStatus.TESTED, StepStatus.DONE)
    assert not step_allowed(StepStatus.CANCELLED, StepStatus.PENDING)


S = StepStatus
DERIVED = [
    ([], MilestoneStatus.PENDING, PhaseStatus.PENDING),
    ([S.PENDING, S.PENDING], MilestoneStatus.PENDING, PhaseStatus.PENDING),
    ([S.PENDING, S.CANCELLED], MilestoneStatus.PENDING, PhaseStatus.PENDING),
    ([S.DONE, S.PENDING], MilestoneStatus.IN_PROGRESS, PhaseStatus.IN_PROGRESS),
    ([S.PENDING, S.TESTED], MilestoneStatus.IN_PROGRESS, PhaseStatus.IN_PROGRESS),
    ([S.FAILED, S.IN_PROGRESS], MilestoneStatus.IN_PROGRESS, PhaseStatus.IN_PROGRESS),
    ([S.DONE, S.BLOCKED], MilestoneStatus.BLOCKED, PhaseStatus.BLOCKED),
    ([S.FAILED, S.PENDING], MilestoneStatus.BLOCKED, PhaseStatus.BLOCKED),
    ([S.DONE, S.SKIPPED, S.CANCELLED], MilestoneStatus.COMPLETED, PhaseStatus.COMPLETED),
    ([S.CANCELLED, S.CANCELLED], MilestoneStatus.BLOCKED, PhaseStatus.CANCELLED),
]


@pytest.mark.parametrize(("steps", "milestone", "phase"), DERIVED)
def test_milestones_and_phases_derive_from_their_steps(steps, milestone, phase):
    assert milestone_status(steps) is milestone
    assert phase_status(steps) is phase
