"""The gate's parts in one process: what it needs, what it does when the database or the disk refuses."""

import subprocess
import sys
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import delete, select, text

from ghapp.gate import Gate, create_gate
from ghapp.gate.bells import RING_SECONDS
from ghapp.gate.facts import Disk, ready
from ghapp.gate.inbox import Inbox
from ghapp.gate.signature import sign, verify
from ghapp.gate.turn import turn_of
from state.db.engine import WRITER, make_engine, read, write
from state.db.models import Delivery, Outbox
from state.effects import Effect, EffectKind
from state.errors import Told
from state.store import deliveries, outbox
from state.store.arrivals import Arrival, accept_many
from state.store.base import canonical, sha256
from state.store.express import express

RAW = b'{"action": "created"}'
PLENTY, NONE = 0, 2**62


def app(engine, tmp_path, **parts):
    return create_gate(Gate(**{"engine": engine, "secrets": ("s",), "folder": tmp_path, "reserve": PLENTY, **parts}))


def until(found):
    for _ in range(500):
        if found():
            return
        time.sleep(0.01)
    raise TimeoutError


def post(client, guid=None):
    headers = {"X-Hub-Signature-256": sign(RAW, "s"), "X-GitHub-Event": "push"}
    return client.post("/webhook", data=RAW, headers={**headers, "X-GitHub-Delivery": guid or str(uuid.uuid4())})


@pytest.mark.parametrize("secrets", [(), ("",), ("a", "")])
def test_without_a_secret_the_gate_refuses_to_start(engine, tmp_path, secrets):
    with pytest.raises(Told, match="webhook secret"):
        app(engine, tmp_path, secrets=secrets)


def test_the_published_example_of_a_signature_holds():
    # https://docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries#testing-the-webhook-payload-validation
    given = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
    assert verify(b"Hello, World!", given, ["It's a Secret to Everybody"])


def test_the_bell_rings_after_the_commit_and_its_failure_changes_nothing(engine, tmp_path):
    rung = []

    def ring(queue, func, arg):
        with read(engine) as session:
            stored = session.get(Delivery, arg) is not None
        rung.append((queue, func, stored))
        return False

    client = app(engine, tmp_path, ring=ring).test_client()
    assert post(client).status_code == 202
    until(lambda: rung)
    assert rung == [("chat", "jobs.intake.run", True)]


def test_a_processed_duplicate_is_a_2xx_and_nothing_else(engine, tmp_path):
    client, guid = app(engine, tmp_path).test_client(), str(uuid.uuid4())
    post(client, guid)
    with write(engine) as session:
        row = session.execute(select(Delivery)).scalar_one()
        deliveries.done(session, row.id)
        session.execute(delete(Outbox))
    assert post(client, guid).status_code == 202
    with read(engine) as session:
        assert session.execute(select(Outbox)).all() == []


def test_a_full_disk_is_503_and_stores_nothing(engine, tmp_path):
    client = app(engine, tmp_path, reserve=NONE).test_client()
    answer = post(client)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert client.get("/readyz").status_code == 503
    with read(engine) as session:
        assert session.execute(select(Delivery)).all() == []


def test_a_database_locked_too_long_is_503_well_before_github_gives_up(sqlite_url, tmp_path):
    engine = make_engine(sqlite_url)
    client, guid = app(engine, tmp_path, patience=0.3).test_client(), str(uuid.uuid4())
    with write(engine) as session:
        session.connection()
        began = time.monotonic()
        assert post(client, guid).status_code == 503
        assert time.monotonic() - began < 5
    assert post(app(engine, tmp_path).test_client(), guid).status_code == 202
    with read(engine) as session:
        assert len(session.execute(select(Delivery)).all()) == 1
    engine.dispose()


def drop_deliveries(engine):
    with write(engine) as session:
        session.execute(text("DROP TABLE deliveries"))


def test_a_database_that_is_gone_is_503_and_readyz_says_down(engine, tmp_path):
    client = app(engine, tmp_path).test_client()
    drop_deliveries(engine)
    assert post(client).status_code == 503
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json["status"], answer.json["database"]) == (503, "down", "down")


def test_readiness_knows_the_queue_and_the_far_ends_as_last_seen(engine, tmp_path):
    client = app(engine, tmp_path, telegram=True).test_client()
    assert (client.get("/readyz").json["github"], client.get("/readyz").json["telegram"]) == ("unknown", "unknown")
    post(client)
    assert client.get("/readyz").json["queue_age"] >= 0
    with write(engine) as session:
        outbox_row(session, "comment", "done")
        outbox_row(session, "telegram", "new")
    seen = client.get("/readyz").json
    assert (seen["status"], seen["github"], seen["telegram"]) == ("degraded", "ok", "failing")


def outbox_row(session, kind, state):
    (op_id,) = outbox.add(session, [Effect(EffectKind(kind), f"{kind}:{state}")])
    row = session.execute(select(Outbox).where(Outbox.op_id == op_id)).scalar_one()
    row.state, row.tries = state, 1


def test_the_batch_stores_exactly_what_a_single_accept_stores(engine):
    headers = {"Content-Type": "application/json"}
    with write(engine) as session:
        deliveries.accept(session, "one", "push", headers, RAW)
    with engine.execution_options(**{WRITER: True}).begin() as connection:
        accept_many(connection, [Arrival("two", "push", headers, RAW)])
    own = {"id", "guid", "received_at", "op_id", "dedupe", "body", "body_sha", "not_before", "created_at"}
    for model in (Delivery, Outbox):
        names = [column.name for column in model.__table__.columns if column.name not in own]
        with read(engine) as session:
            first, second = session.execute(select(model).order_by(model.id)).scalars()
            assert [getattr(first, name) for name in names] == [getattr(second, name) for name in names]


def test_a_batch_with_doubles_answers_each_in_its_place(engine):
    with engine.execution_options(**{WRITER: True}).begin() as connection:
        found = accept_many(connection, [Arrival(guid, "push", {}, RAW) for guid in ("a", "b", "a")])
        again = accept_many(connection, [Arrival(guid, "push", {}, RAW) for guid in ("b", "c")])
    assert [one.created for one in found] == [True, True, False] and found[0].id == found[2].id
    assert [one.created for one in again] == [False, True] and again[0].id == found[1].id


def named(name):
    return {thread for thread in threading.enumerate() if thread.name == name}


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_writer_that_dies_of_a_bug_tells_its_sender_and_is_replaced(engine):
    inbox = Inbox(engine)
    with ThreadPoolExecutor(1) as sender:
        with inbox.writing:
            before = set(threading.enumerate())
            sent = sender.submit(inbox.accept, Arrival("x", "push", {}, None), timeout=5)
            until(lambda: inbox.inside and named("inbox") - before)
            [writer] = named("inbox") - before
        with pytest.raises(TimeoutError):
            sent.result()
        writer.join()
    assert inbox.accept(Arrival("y", "push", {}, RAW), timeout=5).created


def test_those_who_come_while_one_writes_share_the_next_commit(engine):
    inbox = Inbox(engine)
    with ThreadPoolExecutor(8) as senders:
        with inbox.writing:
            sent = [senders.submit(inbox.accept, Arrival(f"g{n}", "push", {}, RAW), timeout=5) for n in range(8)]
            until(lambda: inbox.arrived.qsize() >= 7)
        assert sorted(one.result().id for one in sent) == list(range(1, 9))
    with read(engine) as session:
        assert len(set(session.scalars(select(Delivery.received_at)))) <= 2


def test_the_short_way_stores_exactly_what_a_single_accept_stores(sqlite_url):
    engine = make_engine(sqlite_url)
    headers = {"Content-Type": "application/json", "User-Agent": "ñ"}
    with write(engine) as session:
        deliveries.accept(session, "one", "push", headers, RAW)
    assert express(engine).store([Arrival("two", "push", headers, RAW), Arrival("three", "push", headers, RAW)])
    own = {"id", "guid", "received_at", "op_id", "dedupe", "body", "body_sha", "not_before", "created_at"}
    for model in (Delivery, Outbox):
        names = ", ".join(column.name for column in model.__table__.columns if column.name not in own)
        with read(engine) as session:
            assert len(set(session.execute(text(f"SELECT {names} FROM {model.__tablename__}")))) == 1
            ids = session.scalars(text(f"SELECT id FROM {model.__tablename__} ORDER BY id")).all()
            shapes = "typeof({0}), length({0})"
            kept = ", ".join(shapes.format(name) for name in own & {c.name for c in model.__table__.columns} - {"guid"})
            assert ids == [1, 2, 3]
            assert len(set(session.execute(text(f"SELECT {kept} FROM {model.__tablename__}")))) == 1
    with read(engine) as session:
        for bell in session.scalars(select(Outbox)):
            assert (bell.dedupe, bell.body_sha) == (f"ring:delivery:{bell.body['arg']}", sha256(canonical(bell.body)))
    engine.dispose()


def test_the_short_way_leaves_what_is_locked_or_known_to_the_long_one(sqlite_url):
    engine = make_engine(sqlite_url)
    short, first = express(engine), Arrival("one", "push", {}, RAW)
    with write(engine) as session:
        session.connection()
        assert short.store([first]) is None
    assert [one.id for one in short.store([first])] == [1]
    assert short.store([Arrival("two", "push", {}, RAW), first]) is None
    with read(engine) as session:
        assert session.scalars(select(Delivery.guid)).all() == ["one"]
    assert Inbox(engine).accept(first, timeout=5).created is False
    engine.dispose()


def test_bells_beyond_what_workers_can_hear_are_left_to_the_scan(engine):
    rung = []
    inbox = Inbox(engine, lambda queue, func, arg: not rung.append(arg))
    began = time.monotonic()
    for number in range(20):
        inbox.accept(Arrival(f"g{number}", "push", {}, RAW), timeout=5)
    until(lambda: len(rung) == 20)
    assert time.monotonic() - began >= 19 * RING_SECONDS


def test_ready_never_raises_without_a_database(engine, tmp_path):
    drop_deliveries(engine)
    assert ready(engine, lambda: False, Disk(tmp_path, PLENTY), telegram=False).status == "down"


def test_importing_the_web_process_is_cheap_and_reads_nothing():
    code = "import sys, ghapp.wsgi; assert not {'flask', 'rq', 'githubkit', 'anthropic', 'github'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], env={}, check=True)


def test_two_processes_take_turns_at_the_database(tmp_path):
    mine, theirs = turn_of(str(tmp_path / "db")), turn_of(str(tmp_path / "db"))
    with mine:
        assert not theirs.acquire(blocking=False)
    assert theirs.acquire(blocking=False)
    theirs.release()


def test_the_turn_of_a_killed_process_is_free(tmp_path):
    code = (
        f"from ghapp.gate.turn import turn_of; turn_of({str(tmp_path / 'db')!r}).acquire(); print(flush=True); input()"
    )
    argv = [sys.executable, "-c", code]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout.readline()
        turn = turn_of(str(tmp_path / "db"))
        assert not turn.acquire(blocking=False)
        child.kill()
        child.wait()
        with turn:
            pass


def test_without_a_file_only_threads_wait_for_each_other():
    turn = turn_of(None)
    with turn:
        assert not turn.acquire(blocking=False) and turn_of(None).acquire(blocking=False)
