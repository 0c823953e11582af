"""The gate over real HTTP under gunicorn: every signature variant of ABU-1, sizes, duplicates, health."""

import gzip
import http.client
import json
import os
import socket
import subprocess
import sys
import threading
import time
import uuid

import pytest
from sqlalchemy import func, select

from ghapp.gate.signature import sign
from state.db.engine import make_engine, read
from state.db.models import Delivery, Outbox

OLD, NEW = "old-secret", "new-secret"
RAW = json.dumps({"action": "created", "text": "ñ"}).encode()


class Served:
    """A running gate and its database."""

    def __init__(self, port, engine):
        self.port, self.engine = port, engine

    def raw(self, head, body=b""):
        """Send bytes as they are; the status code."""
        with socket.create_connection(("127.0.0.1", self.port), 5) as sock:
            sock.sendall(
                "\r\n".join(["POST /webhook HTTP/1.1", "Host: x", *head, "Connection: close", "", ""]).encode("latin-1")
            )
            sock.sendall(body)
            with sock.makefile("rb") as answer:
                return int(answer.readline().split()[1])

    def post(self, body=RAW, signature=None, guid=None, extra=()):
        signed = sign(body, NEW) if signature is None else signature
        head = [f"X-Hub-Signature-256: {signed}", f"X-GitHub-Delivery: {guid or uuid.uuid4()}"]
        return self.raw([*head, "X-GitHub-Event: issue_comment", f"Content-Length: {len(body)}", *extra], body)

    def get(self, path):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        connection.request("GET", path)
        answer = connection.getresponse()
        found = answer.status, answer.headers, answer.read()
        connection.close()
        return found

    def rows(self, table=Delivery):
        with read(self.engine) as session:
            return session.scalar(select(func.count()).select_from(table))


@pytest.fixture(scope="module")
def gate(sqlite_template, tmp_path_factory):
    folder = tmp_path_factory.mktemp("gate")
    database = folder / "orchestrator.db"
    database.write_bytes(sqlite_template.read_bytes())
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port = sock.getsockname()[1]
    env = {
        "PATH": os.environ["PATH"],
        "DATA_PATH": str(folder),
        "LOGS_PATH": str(folder / "logs"),
        "GITHUB_WEBHOOK_SECRET": f"{OLD},{NEW}",
        "REDIS_URL": "redis://127.0.0.1:1/0",
        "BIND": f"127.0.0.1:{port}",
        "WEB_CONCURRENCY": "1",
    }
    command = [sys.executable, "-m", "gunicorn", "--config", "python:ghapp.gunicorn_conf", "ghapp.wsgi:gate()"]
    engine = make_engine(f"sqlite:///{database}")
    with (folder / "errors").open("wb") as errors:
        process = subprocess.Popen(command, env=env, stderr=errors)
        try:
            _wait(port)
            yield Served(port, engine)
        finally:
            process.terminate()
            process.wait(10)
            engine.dispose()
    assert b"Traceback" not in (folder / "errors").read_bytes()


def _wait(port):
    until = time.monotonic() + 20
    while time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise AssertionError("the gate did not start")


GOOD = sign(RAW, NEW)
ZIPPED = gzip.compress(RAW)
UNSIGNED = {
    "empty": "",
    "sha1": "sha1=" + "a" * 40,
    "sha1 digest as sha256": "sha256=" + "a" * 40,
    "wrong digest": "sha256=" + "0" * 64,
    "another secret": sign(RAW, "guess"),
    "upper case": GOOD.upper(),
    "upper case digest": "sha256=" + GOOD[7:].upper(),
    "no prefix": GOOD[7:],
    "longer": GOOD + "0",
    "two in one": f"{GOOD},{GOOD}",
    "not ascii": "sha256=" + "\xe9" * 64,
    "blank within": GOOD[:20] + " " + GOOD[20:],
    "empty secret": sign(RAW, ""),
}


@pytest.mark.parametrize("name", UNSIGNED)
def test_abu_1_a_wrong_signature_is_401_and_stores_nothing(gate, name):
    before = gate.rows()
    assert gate.post(signature=UNSIGNED[name]) == 401
    assert gate.rows() == before


def test_abu_1_more_ways_to_be_unsigned(gate):
    before = gate.rows()
    ids = ["X-GitHub-Delivery: 1-2", "X-GitHub-Event: push"]
    length = f"Content-Length: {len(RAW)}"
    signed = f"X-Hub-Signature-256: {GOOD}"
    chunks = b"%x\r\n%s\r\n0\r\n\r\n" % (len(RAW), RAW)
    assert gate.raw([*ids, length], RAW) == 401
    assert gate.raw([*ids, length, f"X-Hub-Signature: sha1={'a' * 40}"], RAW) == 401
    assert gate.raw([*ids, length, signed, f"X-Hub-Signature-256: {sign(RAW, 'x')}"], RAW) == 401
    assert gate.raw([*ids, signed, "Transfer-Encoding: chunked"], chunks) == 401
    assert gate.post(RAW + b" ", signature=GOOD) == 401
    assert gate.post(ZIPPED, signature=GOOD, extra=["Content-Encoding: gzip"]) == 401
    assert gate.rows() == before


def test_abu_4_sizes_encodings_and_missing_parts_are_refused(gate):
    before = gate.rows()
    signed = f"X-Hub-Signature-256: {GOOD}"
    ids = ["X-GitHub-Delivery: 1-3", "X-GitHub-Event: push"]
    assert gate.raw([*ids, signed, f"Content-Length: {26 * 1024 * 1024}"]) == 413
    assert gate.raw([*ids, signed]) == 400
    assert gate.post(ZIPPED, extra=["Content-Encoding: gzip"]) == 400
    assert gate.raw([signed, f"Content-Length: {len(RAW)}", "X-GitHub-Event: push"], RAW) == 400
    assert gate.raw([signed, f"Content-Length: {len(RAW)}", "X-GitHub-Delivery: 1-3"], RAW) == 400
    assert gate.post(guid="../../x") == 400
    assert gate.rows() == before


def test_either_secret_counts_while_it_is_rotated(gate):
    assert gate.post(signature=sign(RAW, OLD)) == 202
    assert gate.post(signature=sign(RAW, NEW)) == 202


def test_what_is_stored_is_exactly_what_came_even_if_it_is_no_json(gate):
    body, guid = b"\x00\xff not json", str(uuid.uuid4())
    assert gate.post(body, guid=guid) == 202
    with read(gate.engine) as session:
        row = session.execute(select(Delivery).where(Delivery.guid == guid)).scalar_one()
        assert (row.raw, row.event, row.state) == (body, "issue_comment", "new")
        assert session.scalar(select(Outbox.body).where(Outbox.dedupe == f"ring:delivery:{row.id}"))["arg"] == row.id


def test_abu_2_one_delivery_many_times_at_once_is_one_row_and_always_2xx(gate):
    before, guid, seen = (gate.rows(), gate.rows(Outbox)), str(uuid.uuid4()), []
    threads = [threading.Thread(target=lambda: seen.extend(gate.post(guid=guid) for _ in range(10))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == [202] * 80
    assert (gate.rows(), gate.rows(Outbox)) == (before[0] + 1, before[1] + 1)


def test_health_readiness_and_numbers_answer_without_redis(gate):
    assert gate.get("/healthz")[::2] == (200, b"ok\n")
    status, headers, body = gate.get("/readyz")
    seen = json.loads(body)
    assert status == 200 and set(seen) == {
        "status", "version", "database", "redis", "github", "telegram", "queue_age",
    }  # fmt: skip
    assert (seen["status"], seen["database"], seen["redis"], seen["telegram"]) == ("degraded", "ok", "down", "off")
    assert headers["X-Content-Type-Options"] == "nosniff" and headers["Cache-Control"] == "no-store"
    assert b'devtask_deliveries_total{result="unsigned"}' in gate.get("/metrics")[2]
    assert gate.get("/webhook")[0] == 405 and gate.get("/nothing")[0] == 404
