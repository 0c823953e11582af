"""What `/retry`, `/skip`, `/fix` and a refused repair leave in the database."""

from __future__ import annotations

from dataclasses import asdict

import pytest
from sqlalchemy import Engine

from ai.debug.box import Analysis, Proposed
from ghapp.changes import FixPlan, RetrySteps, SkipSteps
from ghapp.say.facts import FailureFacts
from jobs.execution.findings import Found, analysis_name, keep_analysis, kept_analysis, kept_guidance, shown
from jobs.facts import FAILURE, keep
from jobs.reception import aftermath
from state.db.engine import write
from state.lifecycle import StepEvent, StepStatus, TaskEvent, TaskStatus
from state.plan.amend import amended
from state.store import approvals, plans, steps, tasks
from state.store.base import Lost
from tests.state.kit import TWO_STEPS, executing

WEB = "https://github.example"
NEW = {"title": "Lock first", "files": [{"path": "src/lock.py", "change": "create"}], "insert_before": "s02"}
AMENDED = amended(TWO_STEPS, [NEW], "s02", ("s01",), ("s01", "s02")).plan


def broken(session, kept=True):
    """The first step done, the second failed, with an analysis and a report."""
    task = executing(session)
    for commit in ("a" * 40, None):
        taken = steps.take_next(session, task.id, "w")
        steps.move(session, taken.lease, StepEvent.EDITED)
        steps.move(session, taken.lease, StepEvent.CHECKED)
        steps.add_attempt(session, taken.lease, kind="step", passed=commit is not None)
        if commit:
            steps.done(session, taken.lease, commit)
        else:
            steps.fail(session, taken.lease, "1 failed")
    analysis = Analysis(
        "No lock.",
        ("two orders",),
        proposals=(
            Proposed("Say how", "Lock before you read.", "modify_step_context", 0.9, 2.0, "short"),
            Proposed("Lock first", "A step.", "create_dependency_step", 0.5, 5.0, plan=AMENDED),
        ),
    )
    row = steps.get(session, task.id, "s02")
    if kept:
        found = Found("s02", task.plan.plan_hash, analysis)
        keep_analysis(session, task.id, row.row_id, analysis_name("s02", 0), found)
    facts = FailureFacts("checks", 2, "Step s02", tail="1 failed", proposals=shown(analysis))
    keep(session, task.id, FAILURE, asdict(facts))
    tasks.transition(session, task, TaskEvent.STEP_FAILED)
    return tasks.by_id(session, task.id)


def moved(session, task, event):
    tasks.transition(session, task, event)
    return tasks.by_id(session, task.id)


def statuses(task):
    return {step.id: step.status.value for step in task.steps}


def test_an_analysis_is_kept_whole_with_the_plans_it_makes(engine: Engine) -> None:
    with write(engine) as session:
        task = broken(session)
        found = kept_analysis(session, task.id)
        assert found is not None and found.proposal(2).plan == AMENDED
        assert (found.proposal(0), found.proposal(3)) == (None, None)
        assert [one.n for one in aftermath.proposals_now(session, task)] == [1, 2]


def test_retry_with_a_proposal_tells_the_next_round_how(engine: Engine) -> None:
    with write(engine) as session:
        task = moved(session, broken(session), TaskEvent.FIX)
        aftermath.retry(session, task, RetrySteps(("s02",), proposal=1), "ben")
        row = steps.get(session, task.id, "s02")
        assert (row.status, row.round, row.attempts) == (StepStatus.PENDING, 1, 0)
        told = kept_guidance(session, task.id, analysis_name("s02", 1))
        assert told == "Cause: No lock.\nSay how\nLock before you read.\nshort"
        assert kept_guidance(session, task.id, analysis_name("s02", 0)) == ""
        assert steps.take_next(session, task.id, "w").step.id == "s02"


def test_skip_leaves_the_step_out_and_the_task_may_end(engine: Engine) -> None:
    with write(engine) as session:
        task = moved(session, broken(session), TaskEvent.SKIP)
        aftermath.skip(session, task, SkipSteps(("s02",)), "ben")
        assert statuses(tasks.by_id(session, task.id)) == {"s01": "done", "s02": "skipped"}
        assert steps.finished(session, task.id)


def test_a_proposal_with_a_step_makes_a_version_that_nobody_has_approved(engine: Engine) -> None:
    with write(engine) as session:
        task = moved(session, broken(session), TaskEvent.FIX_PLANNED)
        effects = aftermath.fix_plan(session, task, FixPlan(2), "ben", WEB)
        now = tasks.by_id(session, task.id)
        assert (now.status, now.plan.number, now.plan.kind, now.plan.approved) == (
            TaskStatus.PLANNED,
            2,
            "modification",
            False,
        )
        assert statuses(now) == {"s01": "done", "s03": "pending", "s02": "pending"}
        assert [one.body["text"] for one in effects if "plan v2" in str(one.body.get("text"))]
        assert approvals.live(session, now.id, now.plan.plan_hash) is None
        assert aftermath.proposals_now(session, now) == ()


def test_refusing_it_puts_back_what_was_approved_with_what_had_failed(engine: Engine) -> None:
    with write(engine) as session:
        task = moved(session, broken(session), TaskEvent.FIX_PLANNED)
        before = task.plan.plan_hash
        aftermath.fix_plan(session, task, FixPlan(2), "ben", WEB)
        aftermath.restore(session, moved(session, tasks.by_id(session, task.id), TaskEvent.REJECT))
        now = tasks.by_id(session, task.id)
        assert (now.status, now.plan.plan_hash, now.plan.approved) == (TaskStatus.FAILED, before, True)
        assert statuses(now) == {"s01": "done", "s02": "failed"}
        assert len(aftermath.proposals_now(session, now)) == 2
        aftermath.retry(session, moved(session, now, TaskEvent.RETRY), RetrySteps(("s02",)), "ben")
        assert steps.take_next(session, now.id, "w").step.id == "s02"


def test_a_proposal_for_another_plan_is_never_carried_out(engine: Engine) -> None:
    with write(engine) as session:
        task = broken(session)
        plans.add_version(session, task, TWO_STEPS.model_copy(update={"title": "Other"}), "revision", "planner")
        now = tasks.by_id(session, task.id)
        assert aftermath.proposals_now(session, now) == ()
        with pytest.raises(Lost):
            aftermath.fix_plan(session, now, FixPlan(2), "ben", WEB)


def test_a_failure_without_an_analysis_has_no_proposals_of_an_older_one(engine: Engine) -> None:
    with write(engine) as session:
        task = broken(session, kept=False)
        assert aftermath.proposals_now(session, task) == ()
        with pytest.raises(Lost):
            aftermath.retry(session, task, RetrySteps(("s02",), proposal=1), "ben")
