"""What the store counts for quotas, conflicts between plans and a `/ci` that waits."""

from datetime import timedelta

from state.clock import clock
from state.db.engine import read, write
from state.lifecycle import PauseReason, TaskEvent
from state.plan.model import FileChange
from state.plan.words import Change
from state.quota import Crowd
from state.store import quota, steps, tasks
from state.store.quota import crowd, room
from state.views import CI, RepoRef
from tests.state.kit import REPO, executing, new_task, plan, planned, step

OTHER = RepoRef(id=8, full_name="octo/other", installation_id=70)
ELSEWHERE = RepoRef(id=9, full_name="else/where", installation_id=71)


def test_abu_35_open_tasks_are_counted_by_person_repository_and_installation(engine):
    with write(engine) as session:
        for number in range(3):
            new_task(session, number)
        new_task(session, 1, OTHER)
        new_task(session, 1, ELSEWHERE)
        ended = new_task(session, 9)
        tasks.transition(session, ended, TaskEvent.ABORT)
        assert crowd(session, REPO, 42) == Crowd(person=4, repository=3, installation=4)
        assert crowd(session, REPO, 43) == Crowd(person=0, repository=3, installation=4)
        assert room(session, REPO, 42, 5) and not room(session, REPO, 42, 4)
        assert room(session, REPO, 43, 4) and not room(session, REPO, 43, 3)
        assert quota.room(session, ELSEWHERE, 43, 2)


def test_abu_35_two_that_ask_at_once_do_not_both_get_the_last_place(engine):
    with write(engine) as session:
        new_task(session, 1)
        assert room(session, REPO, 42, 2)
        new_task(session, 2)
        assert not room(session, REPO, 42, 2)


def files(*paths):
    return plan(step("s01").model_copy(update={"files": [FileChange(path=p, change=Change.MODIFY) for p in paths]}))


def test_approved_plans_that_are_not_over_are_looked_at_and_no_others(engine):
    with write(engine) as session:
        mine = planned(session, 1, files("a.py"))
        running = executing(session, 2, files("a.py", "b.py"))
        paused = executing(session, 3, files("c.py"))
        tasks.transition(session, paused, TaskEvent.PAUSE, pause=PauseReason.USER)
        planned(session, 4, files("a.py"))
        gone = executing(session, 5, files("a.py"))
        tasks.transition(session, gone, TaskEvent.ABORT)
        found = tasks.approved_beside(session, mine)
    assert [(one.key, one.issue_number, one.files) for one in found] == [
        (running.key, 2, frozenset({"a.py", "b.py"})),
        (paused.key, 3, frozenset({"c.py"})),
    ]


def test_a_ci_that_was_asked_for_is_found_until_it_is_carried_out(engine):
    with write(engine) as session:
        task = executing(session)
        tasks.set_fields(session, task.id, options={CI: {"state": "asked"}})
        assert tasks.asking_ci(session, clock()) == []
        steps.skip(session, task.id, "s01", "ana")
        steps.skip(session, task.id, "s02", "ana")
        tasks.transition(session, tasks.by_id(session, task.id), TaskEvent.ALL_DONE)
    with read(engine) as session:
        assert tasks.asking_ci(session, clock()) == [task.seq]
        assert tasks.asking_ci(session, clock() + timedelta(days=2)) == []
    with write(engine) as session:
        tasks.set_fields(session, task.id, options={CI: {"state": "done"}})
        assert tasks.asking_ci(session, clock()) == []
