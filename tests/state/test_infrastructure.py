import json
import logging
import os
import signal
import stat
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from state.clock import OFFSET_VARIABLE, clock, iso
from state.db.engine import db_now, make_engine, read, write
from state.failpoint import VARIABLE, FailpointError, failpoint, parse, reset
from state.ids import is_key, new_id, new_key, new_op_id
from state.logs import bound, get_log, start_logs
from state.redact import Redactor


def test_the_clock_is_utc_and_moves_by_the_offset(monkeypatch):
    assert abs(clock() - datetime.now(UTC)) < timedelta(seconds=1)
    monkeypatch.setenv(OFFSET_VARIABLE, "-3600")
    assert abs(clock() - datetime.now(UTC) + timedelta(hours=1)) < timedelta(seconds=1)
    assert iso(datetime(2026, 11, 21, 2, 3, 4, tzinfo=UTC)) == "2026-11-21T02:03:04Z"


def test_leases_use_the_database_s_own_time(engine, monkeypatch):
    monkeypatch.setenv(OFFSET_VARIABLE, "86400")
    with read(engine) as session:
        assert abs(db_now(session) - datetime.now(UTC)) < timedelta(seconds=5)


@pytest.mark.parametrize("spec", ["x", "x=explode", "x=kill@two", "=kill"])
def test_a_failpoint_that_cannot_be_read_says_so(spec):
    with pytest.raises(ValueError, match="name=kill@3"):
        parse(spec)


def test_a_failpoint_raises_at_the_hit_that_was_asked_for(monkeypatch):
    reset()
    monkeypatch.setenv(VARIABLE, "other=kill,push.after=raise@2,slow=delay:0.05")
    failpoint("push.after")
    failpoint("nobody")
    with pytest.raises(FailpointError):
        failpoint("push.after")
    failpoint("push.after")
    start = time.perf_counter()
    failpoint("slow")
    failpoint("slow")
    assert time.perf_counter() - start >= 0.1


def test_a_failpoint_kills_the_process_without_a_word():
    code = "from state.failpoint import failpoint\nfor n in range(9): failpoint('a'); print(n, flush=True)"
    run = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, VARIABLE: "a=kill@3"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (run.returncode, run.stdout.split()) == (-signal.SIGKILL, ["0", "1"])


def test_keys_are_eight_characters_and_ids_are_different():
    keys = {new_key() for _ in range(500)}
    assert len(keys) == 500
    assert all(is_key(key) for key in keys)
    assert len(new_id()) == 36
    assert len(new_op_id()) == 32
    assert not is_key("../../ab")


def lines(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_logs_are_json_with_ids_without_secrets_in_private_files(tmp_path):
    logs = start_logs(tmp_path, "INFO", Redactor({"key": "live-secret"}))
    log = get_log(task_key="k3x9q2ab")
    with bound(delivery_id=5):
        log.info("called", url="https://x/live-secret", nested={"list": ["live-secret", 1]})
        log.debug("not at this level")
        try:
            raise RuntimeError("live-secret\x1b[31m\nforged line")
        except RuntimeError:
            log.exception("failed")
    get_log().error("elsewhere", task_key="../../etc")
    logs.close()
    seen = lines(tmp_path / "orchestrator.log")
    assert [line["event"] for line in seen] == ["called", "failed", "elsewhere"]
    assert (seen[0]["task_key"], seen[0]["delivery_id"], seen[0]["at"][-1]) == ("k3x9q2ab", 5, "Z")
    assert seen[0]["nested"] == {"list": ["[redacted:key]", 1]}
    assert "RuntimeError" in seen[1]["exception"]
    assert [line["event"] for line in lines(tmp_path / "error.log")] == ["failed", "elsewhere"]
    assert [line["event"] for line in lines(tmp_path / "k3x9q2ab" / "execution.log")] == ["called", "failed"]
    assert [line["event"] for line in lines(tmp_path / "k3x9q2ab" / "errors.log")] == ["failed"]
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(files) == 4
    assert all("live-secret" not in path.read_text() for path in files)
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}


def test_a_folder_that_cannot_be_written_loses_lines_but_never_raises(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("")
    logs = start_logs(blocked / "logs")
    get_log().info("hello")
    logs.close()
    assert logs.files.lost == 1


def test_lines_of_other_libraries_do_not_reach_our_files(tmp_path):
    logs = start_logs(tmp_path)
    logging.getLogger("urllib3").error("noise")
    logs.close()
    assert not (tmp_path / "orchestrator.log").exists()


WRITER = """
import sys
from sqlalchemy import text
from state.db.engine import make_engine, write
engine = make_engine(sys.argv[1])
for _ in range(int(sys.argv[2])):
    with write(engine) as session:
        value = session.scalar(text("SELECT value FROM settings WHERE name = 'count' FOR UPDATE"
                                    if engine.dialect.name == 'postgresql' else
                                    "SELECT value FROM settings WHERE name = 'count'"))
        session.execute(text("UPDATE settings SET value = :v WHERE name = 'count'"), {"v": str(int(value) + 1)})
"""


def test_two_processes_that_read_and_then_write_lose_nothing(engine, database_url):
    with write(engine) as session:
        session.execute(text("INSERT INTO settings (name, value, created_at) VALUES ('count', '0', '2026-01-01')"))
    command = [sys.executable, "-c", WRITER, database_url, "60"]
    running = [subprocess.Popen(command) for _ in range(2)]
    assert [process.wait(60) for process in running] == [0, 0]
    with read(engine) as session:
        assert session.scalar(text("SELECT value FROM settings WHERE name = 'count'")) == "120"


def test_a_transaction_that_raises_leaves_nothing(engine):
    with pytest.raises(KeyError), write(engine) as session:
        session.execute(text("INSERT INTO settings (name, value, created_at) VALUES ('a', '0', '2026-01-01')"))
        raise KeyError
    with read(engine) as session:
        assert session.scalar(text("SELECT count(*) FROM settings")) == 0


def test_readers_do_not_wait_for_a_writer(engine):
    inside, leave = threading.Event(), threading.Event()

    def hold():
        with write(engine) as session:
            session.execute(text("INSERT INTO settings (name, value, created_at) VALUES ('a', '0', '2026-01-01')"))
            inside.set()
            leave.wait(10)

    holder = threading.Thread(target=hold)
    holder.start()
    inside.wait(10)
    start = time.perf_counter()
    with read(engine) as session:
        assert session.scalar(text("SELECT count(*) FROM settings")) == 0
    assert time.perf_counter() - start < 1
    leave.set()
    holder.join()


def test_a_forked_child_opens_connections_of_its_own(sqlite_url):
    engine = make_engine(sqlite_url)
    with read(engine) as session:
        session.scalar(text("SELECT 1"))
    child = os.fork()
    if child == 0:  # pragma: no cover
        try:
            with write(engine) as session:
                session.execute(text("INSERT INTO settings (name, value, created_at) VALUES ('c', '1', '2026-01-01')"))
            os._exit(0)
        finally:
            os._exit(1)
    assert os.waitpid(child, 0)[1] == 0
    with read(engine) as session:
        assert session.scalar(text("SELECT value FROM settings WHERE name = 'c'")) == "1"
    engine.dispose()


def test_importing_the_state_room_is_cheap_and_quiet():
    modules = (
        "state.clock, state.queue, state.settings, state.store.deliveries, state.logs, state.redact, state.failpoint"
    )
    code = (
        f"import sys, {modules}\nprint([name for name in ('rq', 'redis', 'alembic', 'psycopg') if name in sys.modules])"
    )
    run = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], env={"PATH": ""}, capture_output=True, text=True, check=False
    )
    assert (run.stdout.strip(), run.stderr) == ("[]", "")
