from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from state.clock import clock
from state.db.engine import read, write
from state.lifecycle import IllegalTransition, PauseReason, TaskEvent, TaskStatus
from state.store import events, leases, steps, tasks
from state.store.base import Lost, Missing
from state.views import RepoRef
from tests.state.kit import executing, new_task, planned


def test_a_new_task_is_found_by_everything_that_names_it(engine):
    with write(engine) as session:
        made = new_task(session, budget=3.0, language="es")
        for found in (
            tasks.by_id(session, made.id),
            tasks.by_seq(session, made.seq),
            tasks.by_key(session, made.key.upper()),
            tasks.by_issue(session, 7, 1),
        ):
            assert found == made
        assert tasks.by_key(session, "nosuchky") is None
        with pytest.raises(Missing):
            tasks.by_seq(session, 999)
    assert (made.status, made.revision, made.budget, made.language) == (TaskStatus.PLANNING, 1, 3.0, "es")


def test_an_issue_has_one_open_task_even_when_two_are_asked_for_at_once(engine):
    def make(_):
        try:
            with write(engine) as session:
                return new_task(session).key
        except Lost:
            return None

    with ThreadPoolExecutor(4) as pool:
        made = [key for key in pool.map(make, range(8)) if key]
    assert len(made) == 1


def test_after_the_end_of_a_task_its_issue_may_have_another(engine):
    with write(engine) as session:
        first = new_task(session)
        tasks.transition(session, first, TaskEvent.ABORT)
        second = new_task(session)
        assert tasks.by_issue(session, 7, 1).id == second.id
        assert tasks.by_issue(session, 7, 1, only_open=True).id == second.id


def test_a_transition_moves_the_task_and_logs_it_with_its_revision(engine):
    with write(engine) as session:
        task = new_task(session)
        assert (
            tasks.transition(session, task, TaskEvent.PAUSE, pause=PauseReason.PROVIDER, actor="bot", message="down")
            == 2
        )
        paused = tasks.by_id(session, task.id)
        assert (paused.status, paused.came_from, paused.pause_reason) == (
            TaskStatus.PAUSED,
            TaskStatus.PLANNING,
            PauseReason.PROVIDER,
        )
        tasks.transition(session, paused, TaskEvent.RESUME)
        assert tasks.by_id(session, task.id).status is TaskStatus.PLANNING
        logged = events.after(session, task_id=task.id)
    assert [(e.event, e.previous_value, e.new_value, e.details["revision"]) for e in logged] == [
        ("CREATED", None, "PLANNING", 1),
        ("PAUSED", "PLANNING", "PAUSED", 2),
        ("RESUMED", "PAUSED", "PLANNING", 3),
    ]


def test_of_many_that_saw_the_same_revision_one_wins(engine):
    with write(engine) as session:
        task = planned(session)

    def abort(_):
        try:
            with write(engine) as session:
                return tasks.transition(session, task, TaskEvent.ABORT)
        except Lost:
            return None

    with ThreadPoolExecutor(6) as pool:
        won = [revision for revision in pool.map(abort, range(12)) if revision]
    assert won == [task.revision + 1]
    with read(engine) as session:
        assert [e.event for e in events.latest(session, task.id)].count("ABORTED") == 1


def test_what_the_lifecycle_does_not_know_is_refused_and_changes_nothing(engine):
    with write(engine) as session:
        task = new_task(session)
        with pytest.raises(IllegalTransition):
            tasks.transition(session, task, TaskEvent.APPROVE)
        assert tasks.by_id(session, task.id) == task


def test_a_failed_task_cannot_reopen_while_another_is_open_on_its_issue(engine):
    with write(engine) as session:
        first = new_task(session)
        tasks.transition(session, first, TaskEvent.CANNOT_PLAN, error_message="no")
        failed = tasks.by_id(session, first.id)
        new_task(session)
        with pytest.raises(Lost):
            tasks.transition(session, failed, TaskEvent.RETRY)


def test_planning_is_taken_by_one_and_by_another_after_its_death(engine):
    with write(engine) as session:
        task = new_task(session)
        first = tasks.take(session, task.seq, "a", seconds=0)
        second = tasks.take(session, task.seq, "b")
        assert tasks.take(session, task.seq, "c") is None
        assert tasks.to_plan(session) == []
        assert (first.fence, second.fence, second.takes) == (1, 2, 2)
        assert not leases.heartbeat(session, first)
        assert leases.heartbeat(session, second)
        with pytest.raises(Lost):
            leases.guard(session, first)
        assert leases.release(session, second)
        assert tasks.to_plan(session) == [task.seq]


def test_five_takes_without_progress_are_poison_until_somebody_forgives(engine):
    with write(engine) as session:
        task = new_task(session)
        for _ in range(leases.MAX_TAKES):
            assert tasks.take(session, task.seq, "w", seconds=0) is not None
        with pytest.raises(leases.Poisoned):
            tasks.take(session, task.seq, "w")
        leases.forgive(session, "task", task.id)
        lease = tasks.take(session, task.seq, "w", seconds=0)
        leases.progressed(session, lease)
        assert tasks.take(session, task.seq, "w").takes == 1


def test_repositories_take_turns(engine):
    other = RepoRef(8, "octo/other", 70)
    with write(engine) as session:
        mine = [new_task(session, issue).seq for issue in (1, 2, 3)]
        urgent = new_task(session, 4, priority="critical").seq
        theirs = new_task(session, 1, other).seq
        assert tasks.to_plan(session) == [urgent, theirs, *mine]
        assert tasks.to_plan(session, limit=2) == [urgent, theirs]


def test_a_task_that_backs_off_is_not_runnable_before_its_time(engine):
    with write(engine) as session:
        task = new_task(session)
        tasks.set_fields(session, task.id, resume_at=clock() + timedelta(minutes=5))
        assert tasks.to_plan(session) == []
        tasks.transition(session, tasks.by_id(session, task.id), TaskEvent.PAUSE, pause=PauseReason.PROVIDER)
        assert tasks.to_resume(session, clock()) == []
        assert tasks.to_resume(session, clock() + timedelta(minutes=6)) == [task.seq]


def test_an_executing_task_is_runnable_while_none_of_its_steps_is_held(engine):
    with write(engine) as session:
        task = executing(session)
        assert tasks.to_execute(session) == [task.seq]
        taken = steps.take_next(session, task.id, "w")
        assert tasks.to_execute(session) == []
        leases.release(session, taken.lease)
        assert tasks.to_execute(session) == [task.seq]
