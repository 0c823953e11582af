from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from state.clock import clock
from state.db.engine import read, write
from state.store import commands, deliveries, outbox

RAW = b'{"action": "created"}'


def accept(engine, guid="g1"):
    with write(engine) as session:
        return deliveries.accept(session, guid, "issue_comment", {"X-GitHub-Event": "issue_comment"}, RAW)


def test_an_accepted_delivery_and_its_bell_stand_together(engine):
    accepted = accept(engine)
    with read(engine) as session:
        stored = deliveries.get(session, accepted.id)
        bells = outbox.due(session, clock())
    assert (accepted.created, accepted.state, accepted.ring) == (True, "new", True)
    assert (stored.raw, stored.event, stored.attempts) == (RAW, "issue_comment", 0)
    assert [bell.body for bell in bells] == [{"queue": "chat", "func": "jobs.intake.run", "arg": accepted.id}]


def test_the_same_guid_in_parallel_is_one_delivery(engine):
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(lambda _: accept(engine), range(40)))
    assert sum(result.created for result in results) == 1
    assert len({result.id for result in results}) == 1


def test_only_one_of_several_takers_gets_a_delivery(engine):
    accepted = accept(engine)

    def take(number):
        with write(engine) as session:
            return deliveries.take(session, accepted.id, f"w{number}")

    with ThreadPoolExecutor(6) as pool:
        taken = [one for one in pool.map(take, range(6)) if one]
    assert [one.attempts for one in taken] == [1]
    with read(engine) as session:
        assert outbox.due(session, clock()) == []


def test_a_processed_duplicate_is_nothing_else(engine):
    accepted = accept(engine)
    with write(engine) as session:
        deliveries.take(session, accepted.id, "w")
        assert deliveries.done(session, accepted.id, "w")
    again = accept(engine)
    assert (again.id, again.created, again.state, again.ring) == (accepted.id, False, "done", False)


def test_a_failed_one_rings_again_when_it_comes_again(engine):
    accepted = accept(engine)
    later = clock() + timedelta(hours=1)
    with write(engine) as session:
        deliveries.take(session, accepted.id, "w")
        assert deliveries.failed(session, accepted.id, "boom", later, "w")
        assert deliveries.pending(session, clock()) == []
    assert accept(engine).ring
    with write(engine) as session:
        assert deliveries.pending(session, clock()) == [accepted.id]
        assert len(outbox.due(session, clock())) == 1
        assert deliveries.take(session, accepted.id, "w").attempts == 2


def test_what_a_dead_taker_left_is_pending_again(engine):
    accepted = accept(engine)
    with write(engine) as session:
        deliveries.take(session, accepted.id, "dead", lease=0)
    with write(engine) as session:
        assert deliveries.pending(session, clock()) == [accepted.id]
        assert deliveries.take(session, accepted.id, "alive") is not None
        assert not deliveries.done(session, accepted.id, "dead")
        assert deliveries.done(session, accepted.id, "alive")


def test_after_five_attempts_a_failing_delivery_is_left_to_people(engine):
    accepted = accept(engine)
    with write(engine) as session:
        for _ in range(deliveries.MAX_ATTEMPTS):
            assert deliveries.take(session, accepted.id, "w") is not None
            deliveries.failed(session, accepted.id, "boom", clock(), "w")
        assert deliveries.pending(session, clock()) == []


def test_one_that_came_too_early_is_looked_at_again_without_an_attempt_being_counted(engine):
    accepted = accept(engine)
    with write(engine) as session:
        for _ in range(deliveries.MAX_TAKES * 2):
            assert deliveries.take(session, accepted.id, "w").attempts == 1
            assert deliveries.wait(session, accepted.id, "early", clock(), "w")
        assert not deliveries.wait(session, accepted.id, "early", clock(), "w")
        assert deliveries.pending(session, clock()) == [accepted.id]
        assert deliveries.take(session, accepted.id, "w").error == "early"
        deliveries.wait(session, accepted.id, "early", clock() + timedelta(seconds=3), "w")
        assert deliveries.pending(session, clock()) == []


def test_quarantine_keeps_the_bytes(engine):
    accepted = accept(engine)
    with write(engine) as session:
        deliveries.take(session, accepted.id, "w")
        deliveries.quarantine(session, accepted.id, "not JSON")
    with read(engine) as session:
        stored = deliveries.get(session, accepted.id)
    assert (stored.state, stored.raw, stored.error) == ("quarantined", RAW, "not JSON")


def test_a_command_is_claimed_once_whatever_brings_it(engine):
    def claim(index):
        with write(engine) as session:
            return commands.claim(session, 7, "comment", "991", index)

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(claim, [0] * 12)) == 1
    assert claim(1)
