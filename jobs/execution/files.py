"""`.dev-tasks/` in the work tree: written by us just before a commit, from the database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from sqlalchemy.orm import Session

from jobs.checks.result import CaseStatus, CheckResult
from jobs.checks.stored import check_json, counts_json
from jobs.execution.branch import branch_facts, log_of, shown, tests_of
from jobs.execution.work import Bench, Taken
from jobs.git.changes import changed_files
from state.clock import clock
from state.db.engine import read
from state.lifecycle import StepStatus, TaskStatus, TestCaseStatus
from state.plan.branch_facts import Item
from state.plan.files import branch_files
from state.plan.runnable import runnable
from state.store import tasks
from state.views import TaskView

CASES = 20
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
        changes = changed_files(bench.repository.mirror, taken.base, tree)
        log = log_of(session, taken.task.id, taken.approval.login)
        facts = replace(
            branch_facts(session, taken.task, changes, clock(), log),
            own_step=taken.view.id,
            test_command=runnable(bench.tests.command),
            max_retries=taken.runtime.settings.max_retries,
            last_error=last_error,
            **shown(session, taken.task, [check_json(one) for one in seen], tests_of(counts_json(seen), clock())),
            items={taken.view.id: cases(taken.step.tests, seen)},
        )
    return branch_files(task, facts)


def cases(planned: Sequence[str], seen: Sequence[CheckResult]) -> tuple[Item, ...]:
    """The test cases that fail, and those that the plan names, as the last run had them."""
    report = next((one.tests for one in seen if one.tests is not None), None)
    if report is None:
        return tuple(Item(name, TestCaseStatus.PENDING) for name in planned)
    names = {name.rpartition("::")[2] for name in planned if name}
    mine = [one for one in report.cases if one.bad or one.id.rpartition("::")[2] in names]
    return tuple(Item(one.id, STATUSES.get(one.status, TestCaseStatus.FAILED)) for one in mine[:CASES])


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
