"""The words of the lifecycle (spec section 2): statuses, events, reasons. The table is `state.lifecycle`."""

from __future__ import annotations

from enum import StrEnum


class TaskStatus(StrEnum):
    """Where a task stands. EXECUTING without a lease is queued."""

    PLANNING = "PLANNING"
    DISCOVERY = "DISCOVERY"
    PLANNED = "PLANNED"
    BLOCKED = "BLOCKED"
    EXECUTING = "EXECUTING"
    PAUSED = "PAUSED"
    FAILED = "FAILED"
    COMPLETED = "COMPLETED"
    ABORTED = "ABORTED"


class StepStatus(StrEnum):
    """Where a step stands. `ready_for_test` = edits done; `tested` = checks ran, passed or not."""

    PENDING = "pending"
    IN_PROGRESS = "in_progress"
    READY_FOR_TEST = "ready_for_test"
    TESTED = "tested"
    DONE = "done"
    FAILED = "failed"
    BLOCKED = "blocked"
    SKIPPED = "skipped"
    CANCELLED = "cancelled"


class PhaseStatus(StrEnum):
    """Derived from the phase's steps, never stored as a decision."""

    PENDING = "pending"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    BLOCKED = "blocked"
    CANCELLED = "cancelled"


class MilestoneStatus(StrEnum):
    """Derived from the milestone's steps."""

    PENDING = "pending"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    BLOCKED = "blocked"


class SubstepStatus(StrEnum):
    """An optional part of a step."""

    PENDING = "pending"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


class TestCaseStatus(StrEnum):
    """A single test case, shown beside the substeps."""

    __test__ = False

    PASSED = "passed"
    FAILED = "failed"
    PENDING = "pending"


class PauseReason(StrEnum):
    """Why a task is PAUSED; the reason decides what may resume it."""

    USER = "user"
    CHANGE = "change"
    BUDGET = "budget"
    LIMIT = "limit"
    DECISION = "decision"
    PROVIDER = "provider"
    APPROVER_LOST = "approver_lost"
    ISSUE_CLOSED = "issue_closed"
    REPO_GONE = "repo_gone"
    INSTALLATION_SUSPENDED = "installation_suspended"
    POISON = "poison"


class FailReason(StrEnum):
    """Why a task is FAILED."""

    PLAN_FAILED = "plan_failed"
    STEP_FAILED = "step_failed"


class TaskEvent(StrEnum):
    """What may happen to a task."""

    ACCEPTED = "accepted"
    DO_APPROVED = "do_approved"
    DO_PROPOSED = "do_proposed"
    QUESTIONS_OPEN = "questions_open"
    PLAN_STORED = "plan_stored"
    CANNOT_PLAN = "cannot_plan"
    ANSWERED = "answered"
    REVISE = "revise"
    EDIT = "edit"
    REJECT = "reject"
    APPROVE = "approve"
    APPROVE_WAITING = "approve_waiting"
    SIMULATE = "simulate"
    SIMULATED = "simulated"
    UNBLOCKED = "unblocked"
    ALL_DONE = "all_done"
    STEP_FAILED = "step_failed"
    PAUSE = "pause"
    RESUME = "resume"
    CHANGE_APPROVED = "change_approved"
    CHANGE_REJECTED = "change_rejected"
    RETRY = "retry"
    SKIP = "skip"
    CONTINUE = "continue"
    FIX = "fix"
    FIX_PLANNED = "fix_planned"
    CHANGE = "change"
    ABORT = "abort"


class StepEvent(StrEnum):
    """What may happen to a step."""

    START = "start"
    EDITED = "edited"
    CHECKED = "checked"
    PASS = "pass"
    FAIL = "fail"
    RETRY = "retry"
    BLOCK = "block"
    UNBLOCK = "unblock"
    SKIP = "skip"
    CANCEL = "cancel"
    RELEASE = "release"
    REOPEN = "reopen"
