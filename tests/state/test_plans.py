import pytest
from sqlalchemy import text

from state.db.engine import write
from state.lifecycle import StepEvent, StepStatus, TaskEvent
from state.plan.hashing import plan_hash
from state.store import approvals, plans, steps, tasks
from state.store.base import Missing
from tests.state.kit import TWO_STEPS, executing, new_task, plan, planned, step


def finish_first(session, task):
    taken = steps.take_next(session, task.id, "w")
    for event in (StepEvent.EDITED, StepEvent.CHECKED):
        steps.move(session, taken.lease, event)
    steps.done(session, taken.lease, "c0ffee")
    return taken


def test_a_version_is_stored_as_it_is_and_becomes_the_rows(engine):
    with write(engine) as session:
        task = planned(session)
    view = task.plan
    assert (view.number, view.kind, view.plan, view.plan_hash) == (1, "initial", TWO_STEPS, plan_hash(TWO_STEPS))
    assert [(s.id, s.number, s.status) for s in task.steps] == [
        ("s01", 1, StepStatus.PENDING),
        ("s02", 2, StepStatus.PENDING),
    ]
    assert (task.title, view.approved) == ("Stock validation", False)


def test_extras_that_are_off_have_no_row(engine):
    with write(engine) as session:
        task = planned(session, made=plan(step("s01"), step("s02", extra=True)))
        assert [s.id for s in task.steps] == ["s01"]
        plans.add_version(session, task, plan(step("s01"), step("s02")), "modification", "ana")
        assert [s.id for s in tasks.by_id(session, task.id).steps] == ["s01", "s02"]


def test_a_later_version_keeps_what_was_done_by_stable_id(engine):
    with write(engine) as session:
        task = executing(session)
        finish_first(session, task)
        taken = steps.take_next(session, task.id, "w")
        later = plan(step("s03"), step("s01"), title="Other")
        second = plans.add_version(session, tasks.by_id(session, task.id), later, "modification", "ana", reason="less")
        now = tasks.by_id(session, task.id)
    assert [(s.id, s.status) for s in now.steps] == [("s03", StepStatus.PENDING), ("s01", StepStatus.DONE)]
    assert now.steps[1].commit_sha == "c0ffee"
    assert (second.number, second.parent_plan, now.title) == (2, TWO_STEPS, "Other")
    with write(engine) as session:
        changes = session.scalar(text("SELECT changes_detail FROM plan_versions WHERE number = 2"))
        assert "steps_removed" in str(changes)
        assert taken.step.id == "s02"
        with pytest.raises(Exception, match="past"):
            steps.move(session, taken.lease, StepEvent.EDITED)


def test_a_change_may_reopen_a_done_step(engine):
    with write(engine) as session:
        task = executing(session)
        finish_first(session, task)
        plans.add_version(session, tasks.by_id(session, task.id), TWO_STEPS, "modification", "ana", reopen=["s01"])
        assert steps.get(session, task.id, "s01").status is StepStatus.PENDING


def test_a_proposed_version_is_not_in_force_before_it_is_put_in_force(engine):
    with write(engine) as session:
        task = planned(session)
        plans.add_version(session, task, plan(step("s09")), "modification", "ana", activate=False)
        assert tasks.by_id(session, task.id).plan.number == 1
        plans.put_in_force(session, task.id, 2)
        assert [s.id for s in tasks.by_id(session, task.id).steps] == ["s09"]
        assert [v.number for v in plans.versions(session, task.id)] == [1, 2]
        with pytest.raises(Missing):
            plans.put_in_force(session, task.id, 9)


def test_where_a_version_was_posted_is_remembered(engine):
    with write(engine) as session:
        task = planned(session)
        plans.mark_posted(session, task.id, 1, 991, "ab" * 32)
        view = plans.current(session, task.id)
    assert (view.comment_id, view.comment_hash, view.posted_at is not None) == (991, "ab" * 32, True)


def test_a_task_without_a_plan_has_none(engine):
    with write(engine) as session:
        task = new_task(session)
        assert (task.plan, task.steps, plans.current(session, task.id)) == (None, (), None)


def test_one_live_approval_per_plan_and_scope_and_a_new_one_after_it_was_revoked(engine):
    with write(engine) as session:
        task = planned(session)
        made = task.plan.plan_hash
        first = approvals.add(session, task.id, made, 1, "ana", "write", budget=3.0, issue_hash="i", base_sha="b")
        assert approvals.add(session, task.id, made, 2, "bob", "admin") is None
        assert approvals.live(session, task.id, made) == first
        assert plans.current(session, task.id).approved
        assert approvals.revoke(session, task.id) == 1
        assert approvals.live(session, task.id) is None
        assert approvals.add(session, task.id, made, 2, "bob", "admin").login == "bob"


def test_the_progress_views_count_milestones_and_steps(engine):
    with write(engine) as session:
        task = executing(session)
        finish_first(session, task)
        phase = session.execute(text("SELECT * FROM phase_progress")).mappings().one()
        milestone = session.execute(text("SELECT * FROM milestone_progress")).mappings().one()
        ready = session.execute(text("SELECT step_key FROM executable_steps")).scalars().all()
        assert (phase["total_steps"], phase["completed_steps"], float(phase["progress_percent"])) == (2, 1, 50.0)
        assert (phase["total_milestones"], phase["completed_milestones"]) == (1, 0)
        assert (milestone["total_story_points"], milestone["completed_story_points"]) == (2, 1)
        assert ready == ["s02"]
        assert plans.progress(session, task.id) == 50.0
        tasks.transition(session, tasks.by_id(session, task.id), TaskEvent.ABORT)
