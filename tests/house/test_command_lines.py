"""Every command line of Procfile, image, compose file and units is run once as it stands, in a folder of its own.

Each must end with 0, or stay up and end within 25 s of SIGTERM, as systemd and containers expect.
"""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from redis import Redis

from cli.stage import RedisServer, free_port
from tests.house.files import argv, compose, dockerfile, procfile, units

pytestmark = pytest.mark.slow
UP_SECONDS = 2.0
STOP_SECONDS = 25.0
START_SECONDS = 20.0
HEALTH = ("python", "-c")


def command_lines() -> dict[str, tuple[str, ...]]:
    """Every distinct command line, by the first place where it stands."""
    found: dict[str, tuple[str, ...]] = {}
    places = {f"Procfile {name}": argv(command) for name, command in procfile().items()}
    places |= {f"unit {name}": argv(one["Service"]["ExecStart"][0]) for name, one in units().items()}
    places |= {f"compose {name}": argv(one["command"]) for name, one in compose()["services"].items()}
    image = next(one.value for one in dockerfile() if one.name == "CMD")
    places["image"] = tuple(json_list(image))
    for place, words in places.items():
        if words not in found.values():
            found[place] = words
    return found


def json_list(text: str) -> list[str]:
    return [str(word) for word in json.loads(text)]


@dataclass(frozen=True)
class Installation:
    """A folder with a .env, and the environment of a login that found the programs; nothing else is set."""

    folder: Path
    env: dict[str, str]
    gate: int

    def start(self, words: tuple[str, ...]) -> subprocess.Popen[bytes]:
        line = shlex.join(words)
        out = (self.folder / "out").open("ab")
        with out:
            return subprocess.Popen(
                ["sh", "-c", f"exec {line}"],
                cwd=self.folder,
                env=self.env,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def said(self) -> str:
        logs = [path.read_text() for path in sorted(self.folder.rglob("*.out"))]
        return "\n".join([(self.folder / "out").read_text(), *logs])[-4000:]


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    with RedisServer(tmp_path_factory.mktemp("redis"), free_port()) as server:
        yield server


@pytest.fixture
def installation(tmp_path: Path, redis: RedisServer) -> Installation:
    key = tmp_path / "app.pem"
    key.touch(mode=0o600)
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    key.write_bytes(private.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()))
    values = {
        "GITHUB_APP_ID": "1",
        "GITHUB_PRIVATE_KEY_PATH": str(key),
        "GITHUB_WEBHOOK_SECRET": "a-webhook-secret-of-this-test",
        "GITHUB_API_URL": "http://127.0.0.1:9",
        "ANTHROPIC_API_KEY": "a-key-of-this-test",
        "ANTHROPIC_BASE_URL": "http://127.0.0.1:9",
        "GOOGLE_API_KEY": "another-key-of-this-test",
        "GOOGLE_GEMINI_BASE_URL": "http://127.0.0.1:9",
        "REDIS_URL": f"redis://127.0.0.1:{redis.port}/0",
        **{f"{name}_PATH": str(tmp_path / name.lower()) for name in ("DATA", "REPOS", "LOGS")},
    }
    (tmp_path / ".env").write_text("".join(f"{name}={value}\n" for name, value in values.items()))
    gate = free_port()
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    made = Installation(tmp_path, {"PATH": path, "BIND": f"127.0.0.1:{gate}", "HOME": str(tmp_path)}, gate)
    assert made.start(("devtask", "migrate")).wait(60) == 0, made.said()
    return made


def healthy(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=1) as answer:
            return answer.status == 200
    except (urllib.error.URLError, OSError):
        return False


def wait_until_healthy(child: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and child.poll() is None:
        if healthy(port):
            return
        time.sleep(0.1)
    raise AssertionError("the gate never answered")


def wait_until_serving(child: subprocess.Popen[bytes], redis: RedisServer, queue: str) -> None:
    """Until the worker has announced itself."""
    deadline = time.monotonic() + START_SECONDS
    with Redis(port=redis.port) as client:
        while time.monotonic() < deadline and child.poll() is None:
            if client.smembers(f"rq:workers:{queue}"):
                return
            time.sleep(0.1)
    raise AssertionError("the worker never served its queue")


def stop(child: subprocess.Popen[bytes]) -> float:
    """Seconds from SIGTERM to the end; a child that does not end is killed and counts as too slow."""
    began = time.monotonic()
    child.send_signal(signal.SIGTERM)
    try:
        child.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()
    return time.monotonic() - began


@pytest.mark.parametrize(("place", "words"), command_lines().items(), ids=command_lines())
def test_a_command_line_runs_as_it_stands(
    place: str, words: tuple[str, ...], installation: Installation, redis: RedisServer
):
    if words[0] == "redis-server":  # the port is the network's own in a container
        words = (*words, "--port", str(free_port()), "--bind", "127.0.0.1")
    child = installation.start(words)
    try:
        if words[0] == "gunicorn" or words == ("devtask", "serve"):
            wait_until_healthy(child, installation.gate)
        if words[:2] == ("devtask", "worker"):
            wait_until_serving(child, redis, words[2])
        try:
            assert child.wait(UP_SECONDS) == 0, installation.said()
        except subprocess.TimeoutExpired:
            took = stop(child)
            assert took < STOP_SECONDS, f"{place} did not end: {installation.said()}"
            assert child.returncode in (0, -signal.SIGTERM), installation.said()
    finally:
        if child.poll() is None:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()
    assert "Traceback" not in installation.said()


def test_the_health_checks_tell_a_gate_that_answers_from_one_that_does_not(installation: Installation):
    image = next(one.value for one in dockerfile() if one.name == "HEALTHCHECK")
    composed = compose()["services"]["gate"]["healthcheck"]["test"]
    checks = {tuple(json_list(image[image.index("[") :])), tuple(composed[1:])}
    assert all(check[:2] == HEALTH for check in checks)
    lines = [tuple(word.replace(":8000/", f":{installation.gate}/") for word in check) for check in checks]
    assert all(installation.start(line).wait(20) != 0 for line in lines), "nobody listens yet"
    gate = installation.start(argv(procfile()["gate"]))
    try:
        wait_until_healthy(gate, installation.gate)
        assert all(installation.start(line).wait(20) == 0 for line in lines), installation.said()
    finally:
        stop(gate)
