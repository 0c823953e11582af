"""`.dev-tasks/` in the work tree: written by us just before a commit, from the database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from jobs.checks.result import CaseStatus, CheckResult
from jobs.checks.stored import check_json, counts_json
from jobs.dod import evidence
from jobs.execution.work import Bench, Taken
from jobs.facts import finished, setup_of
from jobs.git.changes import Change, changed_files
from state.clock import clock
from state.db.engine import read
from state.lifecycle import StepStatus, TaskStatus, TestCaseStatus
from state.plan.branch_facts import BranchFacts, Item, Tests
from state.plan.dod import PERSISTENCE, Evidence, done_items, proof
from state.plan.files import branch_files
from state.plan.runnable import runnable
from state.store import approvals, events, plans, records, tasks
from state.store.steps import StepRecord
from state.views import TaskView

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
TIMELINE, CASES = 30, 20
STATUSES = {
    CaseStatus.PASSED: TestCaseStatus.PASSED,
    CaseStatus.FAILED: TestCaseStatus.FAILED,
    CaseStatus.ERROR: TestCaseStatus.FAILED,
    CaseStatus.SKIPPED: TestCaseStatus.PENDING,
}


def write_files(bench: Bench, files: dict[str, str]) -> list[str]:
    """Write them into the tree, through no link that the repository may have planted; their paths."""
    for path, text in files.items():
        target = bench.workspace.tree / path
        _plain_folders(bench.workspace.tree, Path(path).parent)
        target.unlink(missing_ok=True)
        target.write_text(text, encoding="utf-8")
    return list(files)


def _plain_folders(root: Path, folder: Path) -> None:
    here = root
    for part in folder.parts:
        here = here / part
        if here.is_symlink() or (here.exists() and not here.is_dir()):
            here.unlink()
        here.mkdir(exist_ok=True)


def files_for(taken: Taken, bench: Bench, tree: str, *, last_error: str | None = None) -> dict[str, str]:
    """The files as they should stand in the commit of this step. `tree` is what the commit will hold besides them; what
    the checks said of it is their evidence, for the last word comes after the commit.
    """
    seen = bench.judge.seen.get(tree, ())
    with read(taken.runtime.engine) as session:
        task = _as_after(taken, session, ended=last_error is None)
        facts = branch_facts(session, taken, bench, changed_files(bench.repository.mirror, taken.base, tree))
        facts = replace(facts, last_error=last_error, **shown(session, taken, seen))
    return branch_files(task, facts)


def shown(session: Session, taken: Taken, seen: Sequence[CheckResult]) -> dict[str, Any]:
    """The evidence so far: of the finished steps, and of this step's tree where the checks have seen it."""
    records = finished(session, taken.task.id)
    own = [check_json(one) for one in seen]
    found = [evidence(one, "") for one in records] + ([Evidence(own)] if own else [])
    items = tuple(one for one in done_items(found) if one.group != PERSISTENCE)
    checks = own or (records[-1].validation_results if records else [])
    coverage = next((proof(one).command for one in checks if one["name"] == "coverage"), "")
    return {
        "done_items": items,
        "tests": _tests(counts_json(seen), clock()) if own else _earlier(taken, records),
        "items": {taken.view.id: cases(taken.step.tests, seen)},
        "coverage_command": coverage,
        "setup": setup_of(session, taken.task.id),
    }


def _earlier(taken: Taken, records: Sequence[StepRecord]) -> Tests:
    """The last run that a finished step left."""
    if not records:
        return Tests()
    ended = {step.id: step.completed_at for step in taken.task.steps}
    return _tests(records[-1].test_results, ended.get(records[-1].key))


def _tests(counted: Mapping[str, Any], when: datetime | None) -> Tests:
    if "total" not in counted:
        return Tests()
    return Tests(int(counted["passed"]), int(counted["failed"]), int(counted["skipped"]), when)


def cases(planned: Sequence[str], seen: Sequence[CheckResult]) -> tuple[Item, ...]:
    """The test cases that fail, and those that the plan names, as the last run had them."""
    report = next((one.tests for one in seen if one.tests is not None), None)
    if report is None:
        return tuple(Item(name, TestCaseStatus.PENDING) for name in planned)
    names = {name.rpartition("::")[2] for name in planned if name}
    mine = [one for one in report.cases if one.bad or one.id.rpartition("::")[2] in names]
    return tuple(Item(one.id, STATUSES.get(one.status, TestCaseStatus.FAILED)) for one in mine[:CASES])


def branch_facts(session: Session, taken: Taken, bench: Bench, changes: Sequence[Change]) -> BranchFacts:
    """Facts for the files, out of the database and the tree."""
    now = clock()
    approved = [version.number for version in plans.versions(session, taken.task.id) if version.approved]
    last = records.last_checkpoint(session, taken.task.id)
    log = [one for one in events.after(session, task_id=taken.task.id, limit=500) if one.event in SHOWN_EVENTS]
    started = taken.task.approved_at or now
    kinds = {kind: tuple(one.path for one in changes if one.what == kind and not ours(one.path)) for kind in KINDS}
    return BranchFacts(
        now=now,
        approved_by=approvals_login(session, taken),
        first_approved=min(approved, default=1),
        own_step=taken.view.id,
        created=kinds["created"],
        modified=kinds["modified"],
        deleted=kinds["deleted"],
        test_command=runnable(bench.tests.command),
        started_at=started,
        elapsed_seconds=int((now - started).total_seconds()),
        retries=sum(max(0, step.attempts - 1) for step in taken.task.steps),
        max_retries=taken.runtime.settings.max_retries,
        last_checkpoint=last.name if last else None,
        timeline=tuple((one.created_at, f"{one.event.lower()} {one.message}".strip()) for one in log[-TIMELINE:]),
    )


KINDS = ("created", "modified", "deleted")


def ours(path: str) -> bool:
    """Whether the path is one of our own files on the branch."""
    return path.startswith(".dev-tasks/")


def approvals_login(session: Session, taken: Taken) -> str:
    """Who approved."""
    found = approvals.live(session, taken.task.id)
    return found.login if found else taken.approval.login


def _as_after(taken: Taken, session: Session, *, ended: bool) -> TaskView:
    """The task as it stands once this commit is made: the step done, and the task too if it was the last one."""
    task = tasks.by_id(session, taken.task.id)
    mine = StepStatus.DONE if ended else StepStatus.FAILED
    steps = tuple(
        replace(step, status=mine, completed_at=clock(), commit_sha=None) if step.id == taken.view.id else step
        for step in task.steps
    )
    over = all(step.status in (StepStatus.DONE, StepStatus.SKIPPED, StepStatus.CANCELLED) for step in steps)
    status = TaskStatus.COMPLETED if over else task.status if ended else TaskStatus.FAILED
    return replace(task, steps=steps, status=status)
