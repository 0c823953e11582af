"""G14: repositories take turns; a place in the line is what it says."""

import heapq
import random
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from state.db.engine import read, write
from state.lifecycle import TaskEvent, TaskStatus
from state.store import approvals, plans, steps, tasks, turns
from state.store.turns import Waiting, in_turn
from state.views import Place, RepoRef
from tests.state.kit import TWO_STEPS, new_task

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
BIG, SMALL = 1, 2
REPOS = {BIG: RepoRef(1, "octo/big", 70), SMALL: RepoRef(2, "octo/small", 70)}


def test_each_repository_has_one_turn_before_any_has_its_second():
    waiting = [Waiting(seq, BIG, 2) for seq in range(1, 6)] + [Waiting(10, SMALL, 2), Waiting(11, 3, 3)]
    assert in_turn(waiting, {}, {}) == [1, 10, 11, 2, 3, 4, 5]


def test_whose_workers_are_busy_waits_and_so_does_whose_turn_was_last():
    waiting = [Waiting(1, BIG, 0), Waiting(2, SMALL, 3)]
    assert in_turn(waiting, {BIG: 1}, {}) == [2, 1]
    assert in_turn(waiting, {}, {BIG: NOON}) == [2, 1]
    assert in_turn(waiting, {}, {BIG: NOON, SMALL: NOON + timedelta(seconds=1)}) == [1, 2]
    assert in_turn(waiting, {}, {}) == [1, 2]


@given(
    st.lists(st.tuples(st.integers(1, 4), st.integers(0, 3)), max_size=30),
    st.dictionaries(st.integers(1, 4), st.integers(0, 3)),
)
def test_nobody_is_lost_and_no_repository_is_more_than_a_turn_ahead(repos, busy):
    waiting = [Waiting(seq, repo, rank) for seq, (repo, rank) in enumerate(repos, 1)]
    order = in_turn(waiting, busy, {})
    assert sorted(order) == [one.seq for one in waiting]
    had, of = dict(busy), {one.seq: one.repo_id for one in waiting}
    for number, seq in enumerate(order):
        still = {of[other] for other in order[number:]}
        assert all(had.get(of[seq], 0) <= had.get(repo, 0) for repo in still)
        had[of[seq]] = had.get(of[seq], 0) + 1


def wait_of(workers, crowd, rng):
    """Seconds from approval to the end of a three-step task of a small repository beside a crowd; steps take 1 s."""
    left = {(BIG, number): 3 for number in range(crowd)}
    arrives = rng.uniform(3, 20)
    ends, working, served = [(rng.random(), None) for _ in range(workers)], {}, {}
    heapq.heapify(ends)
    while True:
        now, task = heapq.heappop(ends)
        if task is not None:
            left[task] -= 1
            working.pop(task)
            if task[0] == SMALL and not left[task]:
                return now - arrives
        if now >= arrives:
            left.setdefault((SMALL, 0), 3)
        ready = [one for one, steps_left in left.items() if steps_left and one not in working]
        seqs = {hash(one): one for one in ready}
        busy = {repo: sum(one[0] == repo for one in working) for repo in (BIG, SMALL)}
        order = in_turn([Waiting(hash(one), one[0], 2) for one in ready], busy, served)
        if not order:
            heapq.heappush(ends, (max(now + 0.01, arrives), None))
            continue
        chosen = seqs[order[0]]
        working[chosen], served[chosen[0]] = now, NOON + timedelta(seconds=now)
        heapq.heappush(ends, (now + 1, chosen))


def test_g14_a_hundred_tasks_of_one_repository_make_no_other_wait_twice_as_long():
    rng = random.Random(14)
    alone = sorted(wait_of(2, 0, rng) for _ in range(200))
    beside = sorted(wait_of(2, 100, rng) for _ in range(200))
    p95 = int(200 * 0.95) - 1
    assert beside[p95] < 2 * alone[p95], (alone[p95], beside[p95])
    one_worker = sorted(wait_of(1, 100, rng) for _ in range(200))
    assert one_worker[p95] <= 2 * 3 + 1, one_worker[p95]


def approved(session, repo, issue):
    task = new_task(session, issue, REPOS[repo])
    plans.add_version(session, task, TWO_STEPS, "initial", "planner")
    tasks.transition(session, task, TaskEvent.PLAN_STORED)
    task = tasks.by_id(session, task.id)
    approvals.add(session, task.id, task.plan.plan_hash, 42, "ana", "write")
    tasks.transition(session, task, TaskEvent.APPROVE, actor="ana")
    return task


def test_g14_the_store_gives_the_turn_to_the_repository_that_has_none(engine):
    with write(engine) as session:
        big = [approved(session, BIG, number) for number in range(1, 5)]
        small = approved(session, SMALL, 9)
        planning = [new_task(session, 20 + number, REPOS[BIG]).seq for number in range(3)]
        other = new_task(session, 30, REPOS[SMALL]).seq
    with write(engine) as session:
        assert steps.take_next(session, big[0].id, "w1")
        assert tasks.take(session, planning[0], "w2")
    with read(engine) as session:
        line = tasks.to_execute(session)
        assert line == [small.seq, *(one.seq for one in big[1:])]
        assert tasks.to_plan(session) == [other, *planning[1:]]
        assert [turns.place(session, seq, TaskStatus.EXECUTING) for seq in line] == [
            Place(number, 4) for number in range(1, 5)
        ]
        assert turns.place(session, big[0].seq, TaskStatus.EXECUTING) is None
        assert turns.place(session, small.seq, TaskStatus.PLANNED) is None
        assert turns.place(session, other, TaskStatus.PLANNING) == Place(1, 3)


def test_the_last_turn_counts_while_nobody_works(engine):
    with write(engine) as session:
        big, small = approved(session, BIG, 1), approved(session, SMALL, 2)
        assert tasks.to_execute(session) == [big.seq, small.seq]
        taken = steps.take_next(session, big.id, "w1")
        steps.give_back(session, taken.lease)
        assert tasks.to_execute(session) == [small.seq, big.seq]
