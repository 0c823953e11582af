from concurrent.futures import ThreadPoolExecutor

import pytest

from state.db.engine import read, write
from state.lifecycle import IllegalTransition, PauseReason, StepEvent, StepStatus, TaskEvent
from state.store import approvals, events, leases, steps, tasks
from state.store.base import Lost
from tests.state.kit import executing, plan, planned, step

DIAMOND = plan(step("s01"), step("s02", "s01"), step("s03", "s01"), step("s04", "s02"))


def statuses(session, task):
    return {view.id: view.status.value for view in steps.all_of(session, task.id)}


def work(session, task, *, passed=True):
    taken = steps.take_next(session, task.id, "w")
    steps.move(session, taken.lease, StepEvent.EDITED)
    steps.move(session, taken.lease, StepEvent.CHECKED)
    steps.add_attempt(session, taken.lease, kind="first", passed=passed, checks=[{"id": "tests", "ok": passed}])
    if passed:
        steps.done(
            session, taken.lease, f"sha-{taken.step.id}", handoff=f"left {taken.step.id}", output={"files": ["a.py"]}
        )
    else:
        steps.fail(session, taken.lease, "AssertionError")
    return taken.step.id


def test_steps_are_done_in_the_order_of_the_graph(engine):
    with write(engine) as session:
        task = executing(session, made=DIAMOND)
        done = [work(session, task) for _ in range(4)]
        assert done == ["s01", "s02", "s03", "s04"]
        assert steps.finished(session, task.id)
        assert steps.take_next(session, task.id, "w") is None
        assert steps.handoffs(session, task.id)[0] == ("s01", "left s01")
        view = tasks.by_id(session, task.id).steps[0]
    assert (view.status, view.commit_sha, view.files, view.attempts) == (StepStatus.DONE, "sha-s01", ("a.py",), 1)


def test_only_one_worker_gets_a_step_of_a_task(engine):
    with write(engine) as session:
        task = executing(session, made=plan(step("s01"), step("s02")))

    def take(number):
        with write(engine) as session:
            return steps.take_next(session, task.id, f"w{number}")

    with ThreadPoolExecutor(6) as pool:
        assert len([taken for taken in pool.map(take, range(6)) if taken]) == 1


def test_without_a_live_approval_of_exactly_this_plan_nothing_is_executed(engine):
    with write(engine) as session:
        task = executing(session)
        approvals.revoke(session, task.id)
        with pytest.raises(Lost):
            steps.take_next(session, task.id, "w")


def test_a_task_that_is_not_executing_has_no_step_to_take(engine):
    with write(engine) as session:
        assert steps.take_next(session, planned(session).id, "w") is None
        task = executing(session, issue=2)
        tasks.transition(session, task, TaskEvent.PAUSE, pause=PauseReason.USER)
        assert steps.take_next(session, task.id, "w") is None


def test_a_failure_blocks_what_needs_the_step_and_a_retry_starts_a_new_round(engine):
    with write(engine) as session:
        task = executing(session, made=DIAMOND)
        work(session, task)
        work(session, task, passed=False)
        assert statuses(session, task) == {"s01": "done", "s02": "failed", "s03": "pending", "s04": "blocked"}
        assert steps.retry(session, task.id, actor="ana") == ["s02"]
        assert statuses(session, task) == {"s01": "done", "s02": "pending", "s03": "pending", "s04": "pending"}
        retried = steps.get(session, task.id, "s02")
        work(session, task)
        rounds = [(a.round, a.number, a.result) for a in steps.attempts(session, retried.row_id)]
    assert rounds == [(0, 0, "failed"), (1, 0, "passed")]


def test_a_step_left_out_by_a_person_frees_what_needs_it(engine):
    with write(engine) as session:
        task = executing(session, made=DIAMOND)
        work(session, task)
        work(session, task, passed=False)
        steps.skip(session, task.id, "s02", "ana")
        assert statuses(session, task)["s04"] == "pending"
        assert [work(session, task), work(session, task)] == ["s03", "s04"]
        with pytest.raises(IllegalTransition):
            steps.skip(session, task.id, "s01", "ana")


def test_a_crash_uses_up_no_attempt_and_the_dead_worker_writes_nothing_more(engine):
    with write(engine) as session:
        task = executing(session)
        dead = steps.take_next(session, task.id, "dead", seconds=0)
        steps.move(session, dead.lease, StepEvent.EDITED)
    with write(engine) as session:
        again = steps.take_next(session, task.id, "alive")
        assert (again.step.id, again.retaken, again.step.attempts, again.lease.takes) == ("s01", True, 0, 2)
    for late in (
        lambda s: steps.move(s, dead.lease, StepEvent.CHECKED),
        lambda s: steps.add_attempt(s, dead.lease, kind="first", passed=True),
        lambda s: steps.note(s, dead.lease, handoff="late"),
    ):
        with pytest.raises(Lost), write(engine) as session:
            late(session)


def test_a_verdict_resets_the_takes(engine):
    with write(engine) as session:
        task = executing(session)
        for _ in range(4):
            taken = steps.take_next(session, task.id, "w", seconds=0)
        steps.add_attempt(session, taken.lease, kind="first", passed=False)
        assert steps.take_next(session, task.id, "w", seconds=0).lease.takes == 1


def test_a_step_that_kills_its_workers_is_poison(engine):
    with write(engine) as session:
        task = executing(session)
        for _ in range(leases.MAX_TAKES):
            steps.take_next(session, task.id, "w", seconds=0)
        with pytest.raises(leases.Poisoned):
            steps.take_next(session, task.id, "w")


def test_a_step_given_back_is_pending_without_a_verdict(engine):
    with write(engine) as session:
        task = executing(session)
        taken = steps.take_next(session, task.id, "w")
        steps.give_back(session, taken.lease)
        view = steps.get(session, task.id, "s01")
    assert (view.status, view.attempts) == (StepStatus.PENDING, 0)


def test_a_failed_precondition_blocks_the_step_without_an_attempt(engine):
    with write(engine) as session:
        task = executing(session, made=DIAMOND)
        taken = steps.take_next(session, task.id, "w")
        assert steps.block(session, taken.lease, "src/a.py is missing") == ["s02", "s03", "s04"]
        view = steps.get(session, task.id, "s01")
    assert (view.status, view.attempts, view.last_error) == (StepStatus.BLOCKED, 0, "src/a.py is missing")


def test_an_approval_of_some_steps_leaves_the_others_out(engine):
    with write(engine) as session:
        task = executing(session, made=DIAMOND)
        steps.set_scope(session, task.id, {"s01", "s02"})
        assert [work(session, task), work(session, task)] == ["s01", "s02"]
        assert steps.finished(session, task.id)
        steps.set_scope(session, task.id, None)
        assert statuses(session, task) == {"s01": "done", "s02": "done", "s03": "pending", "s04": "pending"}


def test_every_status_of_a_step_is_kept_with_its_time(engine):
    with write(engine) as session:
        task = executing(session)
        work(session, task)
    with read(engine) as session:
        from state.store.views import step_rows

        history = [entry["status"] for entry in step_rows(session, task.id)[0].status_history]
        logged = [event.event for event in events.after(session, task_id=task.id)]
    assert history == ["pending", "in_progress", "ready_for_test", "tested", "done"]
    assert logged[-2:] == ["STEP_STARTED", "STEP_COMPLETED"]
