"""What `.dev-tasks/` tells, gathered out of the database and the branch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from jobs.dod import evidence
from jobs.facts import finished, setup_of
from jobs.git.changes import Change
from state.plan.branch_facts import BranchFacts, Tests
from state.plan.dod import PERSISTENCE, Evidence, done_items, proof
from state.store import approvals, events, plans, records
from state.store.steps import StepRecord
from state.views import TaskView

KINDS = ("created", "modified", "deleted")
SHOWN_EVENTS = frozenset(
    [
        "PLAN_APPROVED",
        "STEP_STARTED",
        "STEP_COMPLETED",
        "STEP_FAILED",
        "STEP_RETRIED",
        "PAUSED",
        "RESUMED",
        "COMPLETED",
        "FAILED",
    ]
)
TIMELINE, LOOKED_AT = 30, 500


def branch_facts(session: Session, task: TaskView, changes: Sequence[Change], now: datetime, log: Log) -> BranchFacts:
    """Facts for the files, out of the database; `changes` is what the branch holds then, against the task's base."""
    approved = [version.number for version in plans.versions(session, task.id) if version.approved]
    last = records.last_checkpoint(session, task.id)
    started = task.approved_at or now
    kinds = {kind: tuple(one.path for one in changes if one.what == kind and not ours(one.path)) for kind in KINDS}
    return BranchFacts(
        now=now,
        approved_by=log.approved_by,
        first_approved=min(approved, default=1),
        created=kinds["created"],
        modified=kinds["modified"],
        deleted=kinds["deleted"],
        started_at=started,
        elapsed_seconds=int((now - started).total_seconds()),
        retries=sum(max(0, step.attempts - 1) for step in task.steps),
        last_checkpoint=last.name if last else None,
        timeline=log.timeline,
    )


@dataclass(frozen=True)
class Log:
    """Who approved, and what happened, oldest first."""

    approved_by: str
    timeline: tuple[tuple[datetime, str], ...]


def log_of(session: Session, task_id: str, approved_by: str, until: int | None = None) -> Log:
    """The newest rows of the task's log that are shown, up to the row `until`."""
    newest = events.latest(session, task_id, LOOKED_AT, until=until)
    shown = [one for one in newest if one.event in SHOWN_EVENTS][:TIMELINE]
    found = approvals.live(session, task_id)
    lines = tuple((one.created_at, f"{one.event.lower()} {one.message}".strip()) for one in reversed(shown))
    return Log(found.login if found else approved_by, lines)


def shown(
    session: Session, task: TaskView, own: Sequence[Mapping[str, Any]] = (), tests: Tests | None = None
) -> dict[str, Any]:
    """The evidence so far: of the finished steps, and `own` of a tree that the checks have seen, with its `tests`."""
    records = finished(session, task.id)
    found = [evidence(one, "") for one in records] + ([Evidence(own)] if own else [])
    items = tuple(one for one in done_items(found) if one.group != PERSISTENCE)
    checks = own or (records[-1].validation_results if records else [])
    coverage = next((proof(one).command for one in checks if one["name"] == "coverage"), "")
    return {
        "done_items": items,
        "tests": tests if own and tests else _earlier(task, records),
        "coverage_command": coverage,
        "setup": setup_of(session, task.id),
    }


def _earlier(task: TaskView, records: Sequence[StepRecord]) -> Tests:
    """The last run that a finished step left."""
    if not records:
        return Tests()
    ended = {step.id: step.completed_at for step in task.steps}
    return tests_of(records[-1].test_results, ended.get(records[-1].key))


def tests_of(counted: Mapping[str, Any], when: datetime | None) -> Tests:
    """Stored counts of one run of the suite, and when it was."""
    if "total" not in counted:
        return Tests()
    return Tests(int(counted["passed"]), int(counted["failed"]), int(counted["skipped"]), when)


def ours(path: str) -> bool:
    """Whether the path is one of our own files on the branch."""
    return path.startswith(".dev-tasks/")
