"""P4: from the acknowledgement to the job, beside plain RQ; and to the eyes on the comment, on the running system."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from redis import Redis
from rq import Queue

from benchmarks.figures import Figure, at_most, below
from benchmarks.load import Request, quantile, signature
from benchmarks.servers import until
from cli.stage import Stage
from tests.system.town import OWNER, READER, WRITER, Minds, Town, good_mind, scripts

TIMES = 25
WARM = 3
EYES = 10
PAUSE = 1.5  # people do not outrun the budget of GitHub writes (60 a minute); in a flood the eyes wait for it
LIMIT_MS = 300.0
PATIENCE = 20.0


def run(folder: Path) -> Iterator[Figure]:
    """The figures of P4, on one stage."""
    with small_town(folder) as town, plain_worker(town.stage.redis_url, folder):
        data = next((folder / "stage" / "data").glob("*.db"))
        ours, plain = [], []
        for number in range(WARM + TIMES):
            plain.append(plain_start(town.stage.redis_url, folder / f"plain{number}"))
            ours.append(job_start(town.stage, data))
        mine, theirs = quantile(ours[WARM:], 0.5), quantile(plain[WARM:], 0.5)
        what = f"ack to job start, p50, beside plain RQ ({mine * 1e3:.0f} ms of {theirs * 1e3:.0f} ms)"
        yield at_most("P4", what, mine / theirs, 1.5)
        seen = eyes(town)
        yield below("P4", "ack to eyes reaction at the stand-in, p50", quantile(seen, 0.5) * 1e3, LIMIT_MS, "ms")


@contextmanager
def small_town(folder: Path, steps: int = 1) -> Iterator[Town]:
    """The running system with a few people."""
    minds = Minds()
    with Stage(folder / "stage", *scripts(minds), steps=steps) as stage:
        for login in (OWNER, WRITER, READER):
            stage.world.user(login)
        stage.world.install(OWNER)
        stage.world.tune(creates_per_minute=100_000, creates_per_hour=1_000_000)
        yield Town(stage, minds, folder)


@contextmanager
def plain_worker(redis_url: str, folder: Path) -> Iterator[None]:
    """RQ's own worker, which forks for each job."""
    argv = [sys.executable, "-m", "rq.cli", "worker", "--url", redis_url, "--quiet", "plain"]
    with (folder / "plain.out").open("ab") as out:
        child = subprocess.Popen(argv, stdout=out, stderr=out)
    try:
        yield
    finally:
        child.terminate()
        child.wait()


def plain_start(redis_url: str, stamp: Path) -> float:
    """Seconds from enqueueing to the first line of a job that does nothing else."""
    queue = Queue("plain", connection=Redis.from_url(redis_url))
    began = time.time()
    queue.enqueue("benchmarks.plain.stamp", str(stamp), result_ttl=0)
    until(lambda: stamp.exists() and stamp.read_text() != "", "the plain job", PATIENCE)
    return float(stamp.read_text()) - began


def job_start(stage: Stage, data: Path) -> float:
    """Seconds from the 202 to the moment when the job has taken its delivery (the database says so)."""
    raw = b'{"action": "created", "zen": "an event that nobody waits for"}'
    request = headers_of(Request(raw, event="ping", secret=stage.secret)())
    acked = post(stage.gate_port, raw, request)
    connection = sqlite3.connect(data, isolation_level=None)
    try:
        query = "SELECT state FROM deliveries WHERE guid = ?"
        guid = (request["X-GitHub-Delivery"],)
        return watch(lambda: connection.execute(query, guid).fetchone()[0] != "new") - acked
    finally:
        connection.close()


def eyes(town: Town) -> list[float]:
    """Seconds from the 202 to the reaction's arrival at the stand-in, for `/status` on an issue that has a task.

    The stand-in's own webhooks go nowhere meanwhile: what it would have sent is sent from here, by the same bytes.
    """
    world, stage = town.world, town.stage
    thread = town.start(town.repo(), good_mind())
    thread.plan()
    hook = f"http://127.0.0.1:{stage.gate_port}/webhook"
    found = []
    for _ in range(EYES + 1):
        time.sleep(PAUSE)
        world.hook("http://127.0.0.1:9/webhook", stage.secret)
        comment = thread.says(WRITER, "/status")
        world.wait()
        world.hook(hook, stage.secret)
        sent = next(one for one in reversed(world.deliveries("issue_comment")) if is_of(one, comment))
        raw = payload_bytes(sent)
        acked = post(
            stage.gate_port, raw, {**sent["request"]["headers"], "X-Hub-Signature-256": signature(raw, stage.secret)}
        )
        path = f"/issues/comments/{comment}/reactions$"
        until(lambda path=path: bool(world.rig.ledger(path, "POST", status=201)), "eyes", PATIENCE)
        found.append(world.rig.ledger(path, "POST", status=201)[0].at - acked)
    return found[1:]


def is_of(delivery: Mapping[str, Any], comment: int) -> bool:
    """Whether this webhook tells of that comment."""
    return bool(delivery["request"]["payload"]["comment"]["id"] == comment)


def payload_bytes(delivery: Mapping[str, Any]) -> bytes:
    """The body of a logged webhook."""
    return json.dumps(delivery["request"]["payload"]).encode()


def headers_of(request: bytes) -> dict[str, str]:
    """The headers of a request as bytes."""
    lines = request.partition(b"\r\n\r\n")[0].decode().split("\r\n")[1:]
    return dict(line.split(": ", 1) for line in lines)


def post(port: int, raw: bytes, headers: Mapping[str, str]) -> float:
    """Send a webhook; the wall time of its 202."""
    request = urllib.request.Request(f"http://127.0.0.1:{port}/webhook", raw, dict(headers), method="POST")
    with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
        if answer.status != 202:
            raise RuntimeError(f"the gate said {answer.status}")
        return time.time()


def watch(found: Callable[[], bool]) -> float:
    """The wall time at which it became true, looked at every half millisecond."""
    deadline = time.monotonic() + PATIENCE
    while not found():
        if time.monotonic() > deadline:
            raise TimeoutError("nothing happened")
        time.sleep(0.0005)
    return time.time()
