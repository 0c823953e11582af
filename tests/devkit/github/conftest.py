"""One stand-in for the whole folder; every test gets a repository of its own."""

from __future__ import annotations

import base64
import contextlib
import functools
import itertools
import json
import os
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from devkit.github.app import GitHub
from devkit.github.client import World
from devkit.github.config import Config
from devkit.rig import RunningServer

SECRET = "hook secret"
GIT_ENV = {
    "PATH": os.environ["PATH"],
    "HOME": "/nonexistent",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_AUTHOR_NAME": "Ana",
    "GIT_AUTHOR_EMAIL": "ana@example.test",
    "GIT_COMMITTER_NAME": "Ana",
    "GIT_COMMITTER_EMAIL": "ana@example.test",
}


@functools.cache
def signing_key(pem: str) -> Any:
    """Loading and checking an RSA key takes 40 ms: once is enough."""
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    return load_pem_private_key(pem.encode(), password=None)


@dataclass
class Mailbox:
    """What the webhook receiver got."""

    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    status: int = 202
    seconds: float = 0.0
    changed: threading.Condition = field(default_factory=threading.Condition)

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        body = environ["wsgi.input"].read()
        headers = {key[5:].replace("_", "-").lower(): str(environ[key]) for key in environ if key.startswith("HTTP_")}
        time.sleep(self.seconds)
        with self.changed:
            self.got.append((headers, body))
            self.changed.notify_all()
        start_response(f"{self.status} Said", [("Content-Length", "2"), ("X-Seen", "yes")])
        return [b"ok"]

    def of(self, event: str, action: str | None = None, repo: str | None = None) -> list[dict[str, Any]]:
        """Payloads of an event so far."""
        found = [json.loads(body) for headers, body in list(self.got) if headers["x-github-event"] == event]
        found = [row for row in found if action in (None, row.get("action"))]
        return [row for row in found if repo in (None, row.get("repository", {}).get("full_name"))]


@dataclass
class Stage:
    """A repository with an installation on it, and the ways to reach it."""

    world: World
    name: str
    installation: int
    mailbox: Mailbox
    opened: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)

    @property
    def repo_id(self) -> int:
        return int(self.world.look(self.name)["id"])

    def app_token(self) -> str:
        """A JWT of the App."""
        import jwt

        app, now = self.world.app(), int(time.time())
        claims = {"iat": now - 30, "exp": now + 500, "iss": str(app["id"])}
        return jwt.encode(claims, signing_key(app["private_key"]), algorithm="RS256")

    def as_app(self) -> httpx.Client:
        return self.http(self.app_token())

    def mint(self, **body: Any) -> str:
        answer = self.as_app().post(f"/app/installations/{self.installation}/access_tokens", json=body)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["token"])

    def http(self, token: str | None = None) -> httpx.Client:
        """Raw HTTP on the API with this token (default: an installation token for this repository)."""
        token = token or self.mint(repository_ids=[self.repo_id])
        headers = {"Authorization": f"Bearer {token}"}
        return self.opened.enter_context(
            httpx.Client(base_url=self.world.api_url, headers=headers, trust_env=False, verify=False)
        )

    def path(self, rest: str = "") -> str:
        return f"/repos/{self.name}{rest}"

    def pygithub(self, token: str | None = None) -> Any:
        """The repository through PyGithub."""
        from github import Auth, Github

        github = Github(
            auth=Auth.Token(token or self.mint(repository_ids=[self.repo_id])),
            base_url=self.world.api_url,
            seconds_between_requests=0,
            seconds_between_writes=0,
            retry=None,
        )
        self.opened.enter_context(github)
        return github.get_repo(self.name)

    def git(self, where: Path, *args: str, token: str | None = None, check: bool = True) -> Any:
        """A real git with the token in an extra header."""
        env = dict(GIT_ENV)
        if token:
            basic = base64.b64encode(f"x-access-token:{token}".encode()).decode()
            env |= {
                "GIT_CONFIG_COUNT": "1",
                "GIT_CONFIG_KEY_0": "http.extraHeader",
                "GIT_CONFIG_VALUE_0": f"Authorization: basic {basic}",
            }
        return subprocess.run(["git", *args], cwd=where, env=env, capture_output=True, text=True, check=check)

    def clone(self, where: Path, token: str | None = None) -> Path:
        self.git(where, "clone", "-q", self.world.clone_url(self.name), "clone", token=token or self.mint())
        return where / "clone"

    def commit(self, clone: Path, files: dict[str, str | bytes], message: str = "change") -> str:
        """Write and commit; the new commit."""
        for name, text in files.items():
            (clone / name).parent.mkdir(parents=True, exist_ok=True)
            (clone / name).write_bytes(text if isinstance(text, bytes) else text.encode())
        self.git(clone, "add", "-A")
        self.git(clone, "commit", "-q", "--cleanup=verbatim", "-m", message)
        return str(self.git(clone, "rev-parse", "HEAD").stdout.strip())

    def push(self, clone: Path, refs: str, token: str | None = None) -> Any:
        return self.git(clone, "push", "origin", *refs.split(), token=token or self.mint(), check=False)


@pytest.fixture(scope="session")
def mailbox() -> Iterator[tuple[Mailbox, str]]:
    box = Mailbox()
    with RunningServer(box, "receiver") as server:
        yield box, server.url


@pytest.fixture(scope="session")
def github(tmp_path_factory: pytest.TempPathFactory, mailbox: tuple[Mailbox, str]) -> Iterator[GitHub]:
    folder = tmp_path_factory.mktemp("github")
    config = Config(folder, webhook_url=mailbox[1] + "/hook", webhook_secret=SECRET)
    config.settings.creates_per_minute = config.settings.creates_per_hour = 100_000
    config.settings.requests_per_hour = 10_000_000
    with GitHub(config) as running:
        yield running


@pytest.fixture(scope="session")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with two branches to import."""
    path = tmp_path_factory.mktemp("source") / "shop"
    script = (
        "git init -q -b main . && mkdir src && printf 'def add(a, b):\\n    return a - b\\n' > src/calc.py"
        " && printf '# Shop\\n' > README.md && git add . && git commit -qm 'first commit'"
        " && git checkout -qb work && printf 'x = 1\\n' > src/new.py && git add . && git commit -qm 'on work'"
        " && git checkout -q main"
    )
    path.mkdir()
    subprocess.run(["sh", "-c", script], cwd=path, env=GIT_ENV, check=True)
    return path


@pytest.fixture(scope="session")
def world(github: GitHub) -> Iterator[World]:
    found = World(github.url)
    yield found
    found.close()


@pytest.fixture
def stage(world: World, source: Path, mailbox: tuple[Mailbox, str], counter: Iterator[int]) -> Iterator[Stage]:
    name = f"ana/shop-{next(counter)}"
    world.repo(name, from_bare=source)
    world.user("bea")
    world.role(name, "bea", "write")
    installation = world.install("ana", [name])
    world.wait(5)
    mailbox[0].got.clear()
    found = Stage(world, name, installation, mailbox[0])
    with found.opened:
        yield found
    world.wait(5)


@pytest.fixture(scope="session")
def counter() -> Iterator[int]:
    return itertools.count(1)
