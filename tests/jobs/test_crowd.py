"""ABU-35 through the reception: a thousand `/task`, so many accepted, one answer."""

import pytest

from ghapp.decision import Limits
from jobs.reception.apply import apply
from state.db.engine import make_engine, read, write
from state.store import outbox, quota, tasks
from state.store.base import Lost
from tests.ghapp.commands.kit import REPO, context, run
from tests.ghapp.commands.test_crowd import issue

MOST = 5


@pytest.fixture
def engine(sqlite_url):
    made = make_engine(sqlite_url)
    yield made
    made.dispose()


def asked(engine, number, seen=None):
    """One `/task` on an issue of its own; `seen` is what an overtaken reader saw."""
    with read(engine) as session:
        crowd = seen or quota.crowd(session, REPO, 2)
    given = issue(number)
    ctx = context(task=None, crowd=crowd, limits=Limits(tasks=MOST), issue=given.issue, source=given.source)
    with write(engine) as session:
        return apply(session, ctx, run("/task more", ctx), "https://github.test")


def test_abu_35_a_flood_of_tasks_is_cut_at_the_limit_with_one_answer(engine):
    for number in range(60):
        asked(engine, number)
    with read(engine) as session:
        assert len(tasks.recent(session)) == MOST
        due = [outbox.by_dedupe(session, f"told:quota:{REPO.id}:2:2026112112")]
    assert due[0].body["text"].startswith("No task was made")


def test_abu_35_who_saw_room_that_is_gone_is_asked_again(engine):
    for number in range(MOST):
        asked(engine, number)
    with pytest.raises(Lost):
        asked(engine, 99, quota.Crowd())
