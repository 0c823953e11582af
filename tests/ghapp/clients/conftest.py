"""One GitHub stand-in for the folder; every test gets a repository of its own and a client that counts and pauses."""

from __future__ import annotations

import itertools
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from devkit.github.app import GitHub
from devkit.github.client import World
from devkit.github.config import Config
from devkit.rig.ledger import Entry
from ghapp.clients.github import GitHubApp, Talk
from state.views import RepoRef

GIT = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1"}
WHO = {f"GIT_{role}_{what}": "ana@x.y" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}


@dataclass
class Counter:
    """A budget that remembers."""

    writes: int = 0
    reads: int = 0
    pauses: list[float] = field(default_factory=list)
    blocked: float = 0.0

    def wait(self, *, write: bool) -> float:
        self.writes += write
        self.reads += not write
        return self.blocked

    def paused(self, seconds: float) -> None:
        self.pauses.append(seconds)


@dataclass
class Scene:
    world: World
    app: GitHubApp
    repo: RepoRef
    budget: Counter
    tokens: list[str]
    talk: Talk
    issue: int

    def requests(self, path: str, method: str = "", since: int = 0) -> list[Entry]:
        return [row for row in self.world.rig.ledger(path=path, since=since) if method in ("", row.method)]

    def last(self) -> int:
        return self.world.rig.ledger()[-1].id


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    config = Config(tmp_path_factory.mktemp("github"))
    config.settings.creates_per_minute = config.settings.creates_per_hour = 100_000
    with GitHub(config) as running:
        found = World(running.url)
        yield found
        found.close()


@pytest.fixture(scope="session")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("source")
    script = "git init -q -b main . && echo x > a && git add a && git commit -qm a"
    subprocess.run(["sh", "-c", script], cwd=path, env=GIT | WHO, check=True)
    return path


@pytest.fixture(scope="session")
def numbers() -> Iterator[int]:
    return itertools.count(1)


@pytest.fixture
def scene(world: World, source: Path, numbers: Iterator[int]) -> Iterator[Scene]:
    owner = f"ana{next(numbers)}"
    name = f"{owner}/shop"
    world.user(owner)
    world.repo(name, from_bare=source)
    world.user("bea")
    world.role(name, "bea", "write")
    installation = world.install(owner, [name])
    known = world.app()
    budget, tokens = Counter(), []
    app = GitHubApp(
        known["id"],
        known["private_key"],
        world.api_url,
        budget=lambda _: budget,
        on_token=tokens.append,
        deadline=0.8,
    )
    repo = RepoRef(int(world.look(name)["id"]), name, installation)
    number = world.issue(name, "bea", "Stock", "Please")
    yield Scene(world, app, repo, budget, tokens, app.talk(repo), number)
    world.rig.clear()
    world.clear_limits()
    app.close()
