"""The rig: ledger, faults and raw connections, over real sockets."""

import socket
import subprocess
import sys
import time

import httpx
import pytest
from flask import Flask, Response, request

from devkit.rig import Ledger, RigClient, RunningServer, fingerprint, loopback_client


def make_app():
    app = Flask("rig-test")
    app.applied = []

    @app.route("/things/<name>", methods=["GET", "POST", "HEAD"])
    def things(name):
        app.applied.append(name)
        return {"name": name, "size": len(request.get_data()), "pad": "x" * 400}

    @app.get("/stream")
    def stream():
        return Response((f"line {n}\n" for n in range(3)), content_type="text/plain")

    return app


@pytest.fixture
def app():
    return make_app()


@pytest.fixture
def server(app):
    with RunningServer(app, "thing") as running:
        yield running


@pytest.fixture
def http(server):
    with loopback_client(server.url, timeout=5) as client:
        yield client


def test_every_request_is_in_the_ledger_with_credentials_as_fingerprints(server, http):
    http.post("/things/a%20b?x=1", content=b"\xff\x00", headers={"Authorization": "Bearer s3cret"})
    (entry,) = server.client.ledger()
    assert (entry.id, entry.service, entry.method, entry.path, entry.query) == (
        1,
        "thing",
        "POST",
        "/things/a b",
        "x=1",
    )
    assert entry.headers["authorization"] == f"Bearer sha256:{fingerprint('s3cret')}"
    assert (entry.body, entry.status, entry.fault) == (b"\xff\x00", 200, None)
    assert entry.response_json()["size"] == 2
    assert entry.duration_ms < 1000 and abs(entry.at - time.time()) < 10


def test_the_ledger_is_filtered_by_path_method_status_and_number(server, http):
    for path in ("/things/a", "/things/b", "/nothing"):
        http.get(path)
    http.post("/things/a")
    ask = server.client.ledger
    assert [entry.id for entry in ask(path="^/things/a$")] == [1, 4]
    assert [entry.id for entry in ask(method="POST")] == [4]
    assert [entry.id for entry in ask(status=404)] == [3]
    assert [entry.id for entry in ask(since=2)] == [3, 4]


def test_one_connection_carries_many_requests_and_streams_arrive_whole(server, http):
    ports = set()
    for _ in range(3):
        answer = http.get("/things/a")
        ports.add(answer.extensions["network_stream"].get_extra_info("client_addr"))
    assert len(ports) == 1
    assert http.get("/stream").text == "line 0\nline 1\nline 2\n"
    assert http.head("/things/a").content == b""
    assert http.post("/things/c", content=iter([b"ab", b"cd"])).json()["size"] == 4
    assert server.rig.ledger.read(path="stream")[0].response == b"line 0\nline 1\nline 2\n"


FAULTS = [
    ("drop_before", {}, httpx.RemoteProtocolError, False),
    ("reset", {}, httpx.ReadError, False),
    ("apply_then_drop", {}, httpx.RemoteProtocolError, True),
    ("truncate", {}, httpx.RemoteProtocolError, True),
    ("delay", {"seconds": 2}, httpx.ReadTimeout, None),
    ("slow_drip", {"seconds": 12}, httpx.ReadTimeout, True),
]


@pytest.mark.parametrize(("kind", "options", "error", "applied"), FAULTS, ids=[row[0] for row in FAULTS])
def test_a_fault_breaks_the_connection_once(server, app, kind, options, error, applied):
    server.client.fault(kind, "^/things", **options)
    with loopback_client(server.url, timeout=0.3) as client:
        with pytest.raises(error):
            client.post("/things/a")
        if applied is not None:
            assert app.applied == (["a"] if applied else [])
        assert client.post("/things/b").status_code == 200
    assert server.client.ledger(path="/things/b")[0].fault is None


def test_a_fault_that_only_delays_gives_the_true_answer(server, http):
    server.client.fault("delay", seconds=0.05)
    server.client.fault("slow_drip", seconds=0.05)
    for _ in range(2):
        answer = http.get("/things/a")
        assert answer.json()["name"] == "a"
        assert answer.elapsed.total_seconds() >= 0.045


def test_a_status_fault_answers_instead_of_the_service(server, http, app):
    server.client.fault("status", status=429, headers={"retry-after": "7"}, body='{"message": "slow down"}')
    answer = http.get("/things/a")
    assert (answer.status_code, answer.headers["retry-after"], answer.json()) == (429, "7", {"message": "slow down"})
    assert app.applied == []
    assert server.client.ledger()[0].fault == "status"


def test_apply_then_500_has_done_it_and_garbage_has_not(server, http, app):
    server.client.fault("apply_then_500")
    server.client.fault("garbage")
    assert http.post("/things/a").status_code == 500
    garbage = http.post("/things/b")
    assert garbage.status_code == 200
    with pytest.raises(ValueError):
        garbage.json()
    assert app.applied == ["a"]


def test_rules_skip_count_and_match_by_method_and_body(server, http):
    server.client.fault("status", "things", method="POST", body_matches="poison", skip=1, times=2)
    statuses = [http.post("/things/a", content=b"poison").status_code for _ in range(4)]
    assert statuses == [200, 500, 500, 200]
    assert http.get("/things/a").status_code == 200
    (rule,) = server.client.faults()
    assert (rule["seen"], rule["fired"]) == (3, 2)


def test_zero_times_means_until_cleared(server, http):
    rule_id = server.client.fault("status", times=0)
    assert [http.get("/things/a").status_code for _ in range(3)] == [500] * 3
    server.client.clear(rule_id)
    assert http.get("/things/a").status_code == 200


BAD_RULES = [
    ({"kind": "explode"}, "unknown fault kind"),
    ({"kind": "status", "path": "("}, "no regular expression"),
    ({"kind": "status", "colour": "red"}, "unknown fields"),
]


@pytest.mark.parametrize(("rule", "reason"), BAD_RULES)
def test_a_rule_that_cannot_be_meant_is_refused_with_the_reason(server, rule, reason):
    with pytest.raises(ValueError, match=reason):
        server.client.fault(**rule)


def test_stopping_ends_open_connections(app):
    server = RunningServer(app, "thing").start()
    with loopback_client(server.url, timeout=2) as client:
        client.get("/things/a")
        server.stop()
        with pytest.raises(httpx.TransportError):
            client.get("/things/a")
    server.stop()


def test_the_ledger_goes_on_counting_after_a_restart(app, tmp_path):
    for _ in range(2):
        with RunningServer(app, "thing", tmp_path) as server:
            httpx.get(f"{server.url}/things/a")
    ledger = Ledger(tmp_path)
    assert [entry.id for entry in ledger.read()] == [1, 2]
    ledger.close()


def test_waiting_for_a_service_that_never_comes_ends():
    with pytest.raises(TimeoutError):
        RigClient("http://127.0.0.1:9").wait_ready(0.2)


def test_an_answer_costs_little(server, http):
    http.get("/things/a")
    started = time.perf_counter()
    for _ in range(200):
        http.get("/things/a")
    assert (time.perf_counter() - started) / 200 < 0.02


@pytest.mark.parametrize("name", ["claude", "gemini", "telegram"])
def test_each_stand_in_runs_alone_and_says_how(name):
    done = subprocess.run(
        [sys.executable, "-m", f"devkit.{name}", "--help"], capture_output=True, text=True, timeout=20
    )
    assert done.returncode == 0
    assert "--port" in done.stdout and "--data" in done.stdout


def raw_connection(server):
    host, port = server.url.removeprefix("http://").split(":")
    return socket.create_connection((host, int(port)), timeout=5)


def test_half_a_request_is_not_applied(server, app):
    with raw_connection(server) as connection:
        connection.sendall(b"POST /things/a HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf")
        connection.shutdown(socket.SHUT_WR)
        assert connection.recv(100) == b""
    assert app.applied == []


def test_a_client_that_asks_first_is_told_to_go_on(server):
    head = b"POST /things/a HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n"
    with raw_connection(server) as connection:
        connection.sendall(head)
        assert connection.recv(100).startswith(b"HTTP/1.1 100 Continue")
        connection.sendall(b"ab")
        assert connection.recv(4000).startswith(b"HTTP/1.1 200 OK")


def test_an_old_client_without_chunks_gets_a_stream_until_the_end(server):
    with raw_connection(server) as connection:
        connection.sendall(b"GET /stream HTTP/1.0\r\n\r\n")
        answer = b"".join(iter(lambda: connection.recv(4000), b""))
    assert answer.endswith(b"\r\n\r\nline 0\nline 1\nline 2\n")


def test_large_bodies_pass_whole(server, http):
    assert http.post("/things/a", content=b"x" * 3_000_000).json()["size"] == 3_000_000
    assert len(server.rig.ledger.read()[0].body) == 3_000_000
