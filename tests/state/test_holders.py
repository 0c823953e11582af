from datetime import timedelta

from state.clock import clock
from state.db.engine import read, write
from state.store import deliveries, leases, outbox, steps, tasks
from state.store.holders import end_leases, holders
from tests.state.kit import executing, new_task


def test_the_leases_of_an_owner_end_at_once_and_the_fence_keeps_it_out(engine):
    with write(engine) as session:
        task = executing(session)
        step = steps.take_next(session, task.id, "gone")
        planning = tasks.take(session, new_task(session, 2).seq, "alive")
        accepted = deliveries.accept(session, "guid-1", "ping", {}, b"{}")
        assert deliveries.take(session, accepted.id, "gone") is not None
    with read(engine) as session:
        assert holders(session) == {"gone", "alive"}
    with write(engine) as session:
        assert end_leases(session, ["gone"]) == 2
    with write(engine) as session:
        assert holders(session) == {"alive"}
        again = steps.take_next(session, task.id, "next")
        assert again is not None and again.step.id == step.step.id
        assert deliveries.take(session, accepted.id, "next") is not None
        assert not leases.heartbeat(session, step.lease)
        assert leases.heartbeat(session, planning)


def test_an_effect_in_flight_of_an_ended_owner_becomes_uncertain(engine):
    with write(engine) as session:
        deliveries.accept(session, "guid-1", "ping", {}, b"{}")
        [row] = outbox.take_due(session, clock() + timedelta(seconds=60), 5, "gone")
    with write(engine) as session:
        assert outbox.recover(session) == 0
        assert end_leases(session, ["gone"]) == 1
        assert outbox.recover(session) == 1
        assert outbox.by_op(session, row.op_id).state == "uncertain"
