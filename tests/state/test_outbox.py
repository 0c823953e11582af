from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from sqlalchemy import create_engine

from state.clock import clock
from state.db.base import Base
from state.db.engine import read, write
from state.effects import Effect, EffectKind, Priority
from state.store import outbox
from tests.state.kit import new_task


def comment(dedupe, issue=1, **fields):
    return Effect(EffectKind.COMMENT, dedupe, repo_id=7, target={"issue": issue}, body={"text": dedupe}, **fields)


def status(dedupe, **fields):
    return Effect(EffectKind.STATUS, dedupe, repo_id=7, target={"issue": 1}, coalesce="status:1", **fields)


def add(engine, *effects):
    with write(engine) as session:
        return outbox.add(session, effects)


def take(engine, owner="w", limit=10, now=None, **options):
    with write(engine) as session:
        return outbox.take_due(session, now or clock(), limit, owner, **options)


def names(rows):
    return [row.dedupe for row in rows]


def test_the_same_effect_stored_twice_is_one_row(engine):
    assert len(add(engine, comment("a"), comment("a"))) == 1
    assert add(engine, comment("a")) == []
    assert names(take(engine)) == ["a"]


def test_due_effects_come_by_priority_then_age(engine):
    add(engine, comment("quiet", 1, priority=Priority.QUIET), comment("milestone", 2, priority=Priority.MILESTONE))
    add(
        engine, comment("answer", 3), comment("second", 4), comment("later", 5, not_before=clock() + timedelta(hours=1))
    )
    assert names(take(engine)) == ["answer", "second", "milestone", "quiet"]


def test_one_target_is_worked_on_once_at_a_time_and_in_order(engine):
    add(engine, comment("first"), comment("second"), comment("elsewhere", 2))
    taken = take(engine)
    assert names(taken) == ["first", "elsewhere"]
    assert take(engine) == []
    with write(engine) as session:
        outbox.done(session, taken[0].op_id, 991)
    assert names(take(engine)) == ["second"]


def test_an_effect_that_is_backing_off_is_not_overtaken_by_a_younger_one_of_its_target(engine):
    add(engine, comment("first"), comment("second"))
    (first,) = take(engine)
    with write(engine) as session:
        assert outbox.retry(session, first.op_id, "w", clock() + timedelta(seconds=30), "502")
    assert take(engine) == []
    assert names(take(engine, now=clock() + timedelta(seconds=31))) == ["first"]


def test_a_newer_row_replaces_unsent_older_ones_and_inherits_their_time(engine):
    soon = clock() + timedelta(seconds=5)
    add(engine, status("v1", not_before=soon))
    add(engine, status("v2", not_before=soon + timedelta(seconds=15)))
    assert take(engine) == []
    assert names(take(engine, now=soon)) == ["v2"]
    with read(engine) as session:
        assert outbox.by_dedupe(session, "v1").state == "done"


def test_a_newer_row_waits_for_the_one_being_sent(engine):
    add(engine, status("v1"))
    (sending,) = take(engine)
    add(engine, status("v2"), status("v3"))
    assert take(engine) == []
    with write(engine) as session:
        outbox.done(session, sending.op_id, 5)
    assert names(take(engine)) == ["v3"]


def test_a_sender_that_died_leaves_an_uncertain_row_that_is_read_back_first(engine):
    (op_id,) = add(engine, comment("a"))
    take(engine, "dead", lease=0)
    with write(engine) as session:
        assert outbox.recover(session) == 1
        assert outbox.by_op(session, op_id).state == "uncertain"
    (again,) = take(engine, "alive")
    assert (again.verify, again.tries) == (True, 2)
    with write(engine) as session:
        assert outbox.uncertain(session, op_id, "alive", clock(), read=True)
    (third,) = take(engine, "alive")
    assert (third.verify, third.reads) == (True, 1)
    with write(engine) as session:
        assert outbox.retry(session, op_id, "alive", clock())
    (fourth,) = take(engine)
    assert not fourth.verify


def test_a_lease_that_is_alive_is_not_recovered(engine):
    add(engine, comment("a"))
    take(engine)
    with write(engine) as session:
        assert outbox.recover(session) == 0


def test_a_late_sender_cannot_put_back_what_another_has_taken_but_may_say_that_it_is_done(engine):
    (op_id,) = add(engine, comment("a"))
    take(engine, "late", lease=0)
    with write(engine) as session:
        outbox.recover(session)
    take(engine, "second")
    with write(engine) as session:
        assert not outbox.retry(session, op_id, "late", clock())
        assert not outbox.uncertain(session, op_id, "late", clock())
        assert outbox.done(session, op_id, 12)
        assert not outbox.done(session, op_id, 13)
        assert outbox.by_op(session, op_id).remote_id == "12"


def test_a_dead_effect_lets_the_next_one_go(engine):
    add(engine, comment("bad"), comment("good"))
    (bad,) = take(engine)
    with write(engine) as session:
        assert outbox.dead(session, bad.op_id, "422")
    assert names(take(engine)) == ["good"]


def test_bells_do_not_wait_for_each_other(engine):
    bells = [Effect(EffectKind.RING, f"r{n}", body={"queue": "plan", "func": "f", "arg": n}) for n in range(3)]
    add(engine, *bells, comment("a"))
    assert len(take(engine, kinds=[EffectKind.RING])) == 3


def test_many_senders_share_the_work_without_overlap(engine):
    add(engine, *(comment(f"{issue}-{n}", issue) for issue in range(5) for n in range(4)))

    def work(number):
        mine = []
        while rows := take(engine, f"w{number}", limit=2):
            with write(engine) as session:
                mine += [row.dedupe for row in rows if outbox.done(session, row.op_id)]
        return mine

    sent = []
    for _ in range(6):  # a sender may find every lane busy and leave; the next scan goes on
        with ThreadPoolExecutor(4) as pool:
            sent += [name for mine in pool.map(work, range(4)) for name in mine]
        if len(sent) == 20:
            break
    assert sorted(sent) == sorted(f"{issue}-{n}" for issue in range(5) for n in range(4))


def test_what_may_no_longer_be_said_for_a_task_is_dropped_and_the_rest_stays(engine):
    with write(engine) as session:
        task = new_task(session)
    later = clock() + timedelta(hours=1)
    add(engine, comment("a", task_id=task.id), comment("b", 2, task_id=task.id, not_before=later), comment("c", 3))
    take(engine, limit=1)
    with write(engine) as session:
        assert outbox.next_due(session) < clock()
        assert outbox.drop_open(session, task.id, "installation suspended") == 1
        states = {name: outbox.by_dedupe(session, name).state for name in "abc"}
    assert states == {"a": "inflight", "b": "dead", "c": "new"}


class OutboxMachine(RuleBasedStateMachine):
    """Any order of adding, taking, dying and finishing: nothing is lost, and no lane is worked on twice at a time."""

    def __init__(self):
        super().__init__()
        self.engine = create_engine("sqlite://")
        Base.metadata.create_all(self.engine)
        self.now = clock()
        self.count = 0
        self.held = []

    def teardown(self):
        self.engine.dispose()

    @rule(lane=st.integers(0, 2), coalesce=st.booleans())
    def add(self, lane, coalesce):
        self.count += 1
        value = f"c{lane}" if coalesce else None
        with write(self.engine) as session:
            outbox.add(session, [comment(f"d{self.count}", lane, coalesce=value)])

    @rule(limit=st.integers(1, 4), dies=st.booleans())
    def take(self, limit, dies):
        with write(self.engine) as session:
            taken = outbox.take_due(session, self.now, limit, f"w{self.count}", lease=0 if dies else 3600)
        self.held += [(row, f"w{self.count}") for row in taken]

    @rule()
    def recover(self):
        with write(self.engine) as session:
            outbox.recover(session)

    @precondition(lambda self: self.held)
    @rule(how=st.sampled_from(["done", "retry", "uncertain", "dead"]), data=st.data())
    def end(self, how, data):
        row, owner = self.held.pop(data.draw(st.integers(0, len(self.held) - 1)))
        with write(self.engine) as session:
            if how == "done":
                outbox.done(session, row.op_id)
            elif how == "dead":
                outbox.dead(session, row.op_id, "gone")
            else:
                getattr(outbox, how)(session, row.op_id, owner, self.now)

    @invariant()
    def nothing_is_lost_and_lanes_are_single(self):
        with read(self.engine) as session:
            rows = [outbox.by_dedupe(session, f"d{n}") for n in range(1, self.count + 1)]
        assert all(row is not None for row in rows)
        inflight = [(row.coalesce, str(row.target)) for row in rows if row.state == "inflight"]
        assert len(inflight) == len(set(inflight))
        waiting = [row.coalesce for row in rows if row.state == "new" and row.coalesce and row.tries == 0]
        assert len(waiting) == len(set(waiting))


OutboxMachine.TestCase.settings = settings(max_examples=12, stateful_step_count=20, deadline=None)
TestOutboxMachine = OutboxMachine.TestCase


def test_a_plan_is_on_its_way_until_its_comment_is_written_down(engine):
    with write(engine) as session:
        task = new_task(session)
    said = Effect(EffectKind.COMMENT, "p", repo_id=7, target={"issue": 1}, task_id=task.id, body={"text": "x"})
    (op_id,) = add(engine, said)
    with read(engine) as session:
        assert not outbox.plan_on_its_way(session, task.id), "an answer is no plan"
    with write(engine) as session:
        assert outbox.done(session, op_id)
    (op_id,) = add(engine, replace(said, dedupe="plan", body={"text": "x", "version": 1}))
    for at_hand in (lambda: None, lambda: take(engine)):
        at_hand()
        with read(engine) as session:
            assert outbox.plan_on_its_way(session, task.id)
    with write(engine) as session:
        assert outbox.done(session, op_id) and not outbox.plan_on_its_way(session, task.id)
