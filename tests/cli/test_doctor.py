"""Every probe of `devtask doctor` against the stand-ins: as it should be, and each thing that can be wrong."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from cli.findings import Finding, Health
from cli.main import app
from cli.probes import chat, github, machine, models, repository, stores
from devkit.claude import make_app as claude_app
from devkit.gemini import make_app as gemini_app
from devkit.github.app import create_app
from devkit.github.client import World
from devkit.github.config import Config
from devkit.github.hub import Hub
from devkit.rig import RunningServer
from devkit.rig.script import Script
from devkit.telegram import make_app as telegram_app
from ghapp.clients.github.tokens import permissions_needed
from ghapp.clients.wire import Reply
from ghapp.events import EVENTS, EVENTS_LATER
from jobs.runtime import Runtime
from state.errors import Told
from state.settings import Process, Settings, load_settings

PUBLIC = "https://bot.example.org"
TOKEN = "123456789:AA" + "x" * 33


@dataclass
class Installation:
    """Settings for the stand-ins; `with_` gives the same with other values."""

    env: dict[str, str]
    folder: Path

    def with_(self, **changes: str) -> Settings:
        env = {**self.env, **changes}
        return load_settings(Process.TOOL, {name: value for name, value in env.items() if value})


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    folder = tmp_path_factory.mktemp("doctor")
    hub = Hub(Config(folder / "hub", 7, "devtask", "Dev Task", "owner", f"{PUBLIC}/webhook", "s" * 20))
    with (
        RunningServer(create_app(hub), "github") as hub_server,
        RunningServer(claude_app(Script([])), "claude") as claude,
        RunningServer(gemini_app(Script([])), "gemini") as gemini,
        RunningServer(telegram_app(), "telegram") as telegram,
    ):
        world = World(hub_server.url)
        key = folder / "app.pem"
        key.touch(mode=0o600)
        key.write_text(world.app_key())
        yield {
            "PUBLIC_URL": PUBLIC,
            "GITHUB_APP_ID": "7",
            "GITHUB_PRIVATE_KEY_PATH": str(key),
            "GITHUB_WEBHOOK_SECRET": "s" * 20,
            "GITHUB_API_URL": world.api_url,
            "ANTHROPIC_API_KEY": "sk-doctor-1234567890",
            "ANTHROPIC_BASE_URL": claude.url,
            "GOOGLE_API_KEY": "google-doctor-1234567890",
            "GOOGLE_GEMINI_BASE_URL": gemini.url,
            "TELEGRAM_BOT_TOKEN": TOKEN,
            "TELEGRAM_CHAT_ID": "1",
            "TELEGRAM_API_URL": telegram.url,
            "world": hub_server.url,
        }
        world.close()
        hub.close()


@pytest.fixture
def install(services: dict[str, str], tmp_path: Path, sqlite_template: Path) -> Installation:
    (tmp_path / "data").mkdir()
    shutil.copyfile(sqlite_template, tmp_path / "data" / "orchestrator.db")
    folders = {f"{name}_PATH": str(tmp_path / name.lower()) for name in ("DATA", "REPOS", "LOGS")}
    return Installation({**services, **folders}, tmp_path)


def bad(findings: list[Finding]) -> list[Finding]:
    return [one for one in findings if one.health is not Health.OK]


def test_all_is_well_on_a_whole_installation(install: Installation):
    known = install.with_()
    for probe in (machine.folders, machine.git, stores.database, models.models, chat.telegram):
        assert bad(probe(known)) == [], probe
    assert [one.text for one in bad(github.github(known))] == ["the App is installed nowhere"]


def test_every_finding_that_is_not_well_says_how_to_mend_it(install: Installation):
    broken = install.with_(
        DATA_PATH="/proc/nothing",
        REDIS_URL="redis://127.0.0.1:1/0",
        GITHUB_API_URL="http://127.0.0.1:1",
        ANTHROPIC_BASE_URL="http://127.0.0.1:1",
        GOOGLE_GEMINI_BASE_URL="http://127.0.0.1:1",
        TELEGRAM_API_URL="http://127.0.0.1:1",
        SANDBOX="none",
    )
    probes = (
        machine.folders,
        machine.sandbox,
        stores.database,
        stores.redis,
        github.github,
        models.models,
        chat.telegram,
    )
    for probe in probes:
        found = bad(probe(broken))
        assert found, probe
        assert all(one.mend for one in found), found


def test_a_database_that_is_missing_or_old_says_migrate(install: Installation, tmp_path: Path):
    missing = stores.database(install.with_(DATABASE_URL=f"sqlite:///{tmp_path / 'none.db'}"))
    (tmp_path / "empty.db").touch()
    empty = stores.database(install.with_(DATABASE_URL=f"sqlite:///{tmp_path / 'empty.db'}"))
    for found in (missing, empty):
        assert found[0].health is Health.WRONG
        assert "devtask migrate" in found[0].mend
    assert not (tmp_path / "none.db").exists(), "looking must not create a database"


def test_a_database_password_is_not_shown(install: Installation):
    found = stores.database(install.with_(DATABASE_URL="postgresql://bot:hunter22secret@127.0.0.1:1/devtask"))
    assert found[0].health is Health.WRONG
    assert "hunter22secret" not in found[0].text


@pytest.mark.parametrize(
    ("granted", "health", "word"),
    [
        (permissions_needed(), Health.OK, "app.yml"),
        ({**permissions_needed(), "contents": "read"}, Health.WRONG, "contents: write"),
        ({**permissions_needed(), "workflows": "write"}, Health.WARNING, "workflows: write"),
        ({}, Health.WRONG, "issues: write"),
    ],
)
def test_permissions_are_compared_with_what_the_code_uses(granted: dict[str, str], health: Health, word: str):
    found = list(github.permissions(granted))
    assert [one.health for one in found] == [health]
    assert word in found[0].text


@pytest.mark.parametrize(
    ("subscribed", "health"),
    [
        (EVENTS | EVENTS_LATER, Health.OK),
        (EVENTS, Health.WARNING),
        (EVENTS_LATER, Health.WRONG),
    ],
)
def test_events_are_compared_with_what_the_code_reads(subscribed: frozenset[str], health: Health):
    assert [one.health for one in github.events(sorted(subscribed))] == [health]


@pytest.mark.parametrize(
    ("hook", "public", "health"),
    [
        ({"url": f"{PUBLIC}/webhook", "content_type": "json"}, PUBLIC, Health.OK),
        ({"url": f"{PUBLIC}/webhook", "content_type": "json"}, f"{PUBLIC}/", Health.OK),
        ({"url": f"{PUBLIC}/webhook", "content_type": "json"}, None, Health.WARNING),
        ({"url": "https://other.example/webhook"}, PUBLIC, Health.WRONG),
        ({"url": f"{PUBLIC}/webhook", "content_type": "form"}, PUBLIC, Health.WRONG),
        ({"url": f"{PUBLIC}/webhook", "insecure_ssl": "1"}, PUBLIC, Health.WARNING),
    ],
)
def test_the_webhook_address_is_compared(hook: dict[str, str], public: str | None, health: Health):
    assert next(github.webhook(hook, public)).health is health


class OldClock:
    """A service whose Date is far from ours."""

    base_url = "https://api.example"

    def send(self, *_: object) -> Reply:
        return Reply(200, {"date": "Wed, 21 Oct 2015 07:28:00 GMT"}, b"")


def test_a_clock_that_is_off_is_told():
    found = github.clock_skew(OldClock())  # type: ignore[arg-type]
    assert found[0].health is Health.WRONG
    assert "timedatectl" in found[0].mend


def test_a_key_of_another_app_is_told(install: Installation, tmp_path: Path):
    other = github.github(install.with_(GITHUB_APP_ID="8"))
    (tmp_path / "bad.pem").write_text("-----BEGIN RSA PRIVATE KEY-----\nnonsense\n-----END RSA PRIVATE KEY-----\n")
    nonsense = github.github(install.with_(GITHUB_PRIVATE_KEY_PATH=str(tmp_path / "bad.pem")))
    assert any("refuses the App's key" in one.text for one in other), other
    assert any("cannot sign" in one.text for one in nonsense), nonsense


def test_without_a_key_the_settings_say_so_and_the_probe_goes_on(install: Installation, tmp_path: Path):
    for path in ("", str(tmp_path / "none.pem")):
        found = github.github(install.with_(GITHUB_PRIVATE_KEY_PATH=path))
        assert [one.area for one in found] == ["clock"]


def test_a_person_with_the_bots_name_is_told(install: Installation, services: dict[str, str]):
    world = World(services["world"])
    world.user("devtask")
    found = github.github(install.with_())
    world.close()
    assert any("ping that person" in one.text for one in found)


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"MODELS": '{"planner": "claude:claude-none-1"}'}, "no price"),
        ({"ANTHROPIC_API_KEY": ""}, "ANTHROPIC_API_KEY is not set"),
    ],
)
def test_models_that_cannot_be_asked_are_told(install: Installation, changes: dict[str, str], word: str):
    assert any(word in one.text for one in bad(models.models(install.with_(**changes))))


def test_asking_for_models_costs_nothing(install: Installation):
    assert all("costs nothing" in one.text for one in models.models(install.with_()))


def test_secrets_that_a_service_repeats_are_removed(install: Installation):
    known = install.with_()
    said = Finding("models", Health.WRONG, "your key sk-doctor-1234567890 is no good")
    assert "sk-doctor" not in said.without(known.redactor()).text


def test_a_silent_redis_is_told_within_its_time(install: Installation):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        found = stores.redis(install.with_(REDIS_URL=f"redis://127.0.0.1:{port}/0"))
    assert found[0].health is Health.WRONG


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    folder = tmp_path / "shop"
    (folder / ".github").mkdir(parents=True)
    (folder / "requirements.txt").write_text("six\n")
    (folder / "test_shop.py").write_text("def test_one():\n    assert True\n")
    (folder / ".github" / "devtask.yml").write_text(
        "lint: make lint\nblocking: format\nprotected: [db/]\nnetwork: files.example.org\n"
    )
    return folder


def commit(folder: Path, branch: str = "main") -> None:
    who = [word for name in ("user.name", "user.email") for word in ("-c", f"{name}=x@example.org")]
    for words in (["init", "-q", "-b", branch], ["add", "-A"], [*who, "commit", "-q", "-m", "first"]):
        subprocess.run(["git", *words], cwd=folder, check=True)


def told_of(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["doctor", *arguments])


def test_what_would_be_run_for_a_folder_is_said(shop: Path):
    found = json.loads(told_of(str(shop), "--json").output)
    assert found["base"] is None and found["configuration"] == ".github/devtask.yml"
    assert found["setup"]["kind"] == "pip" and "requirements.txt" in found["setup"]["why"]
    assert found["setup"]["commands"][0] == "python3 -m venv /env" and found["setup"]["seconds"] == 1200
    assert found["tests"] == {
        "kind": "pytest",
        "why": "seen from the files of the repository",
        "command": "python3 -m pytest -q",
        "seconds": 900,
    }
    assert (found["lint"], found["types"], found["blocking"]) == ("make lint", None, ["format"])
    assert "db/" in found["protected"] and ".github/workflows/" in found["protected"]
    assert found["network"]["repository"] == ["files.example.org"]


def test_the_base_branch_of_a_repository_is_read_and_not_what_lies_in_its_tree(shop: Path):
    commit(shop, "development")
    (shop / ".github" / "devtask.yml").write_text("base: other\n")
    said = told_of(str(shop)).output
    assert "base       development at " in said and "lint       make lint" in said
    assert "$ python3 -m pytest -q" in said and "repository: files.example.org" in said


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("lint: x\ntset: y\n", "line 2: unknown key 'tset'; did you mean 'test'?"),
        ("base: nowhere\n", "There is no branch nowhere to start from."),
    ],
)
def test_what_is_wrong_with_a_configuration_is_said_with_its_line(shop: Path, text: str, part: str):
    (shop / ".github" / "devtask.yml").write_text(text)
    commit(shop)
    found = told_of(str(shop))
    assert found.exit_code == 1 and part in found.output


def test_a_repository_of_the_app_is_read_by_the_app(install: Installation, services: dict[str, str], shop: Path):
    commit(shop)
    world = World(services["world"])
    world.user("ana")
    world.repo("ana/mall", from_bare=shop / ".git")
    world.install("ana")
    world.close()
    found = repository.examined("ana/mall", lambda: Runtime(install.with_()))
    assert (found["repository"], found["base"], found["lint"]) == ("ana/mall", "main", "make lint")
    with pytest.raises(Told, match="not installed on ana/none"):
        repository.examined("ana/none", lambda: Runtime(install.with_()))


def test_what_is_neither_a_folder_nor_a_repository_is_told():
    assert "neither a folder nor owner/name" in told_of("nothing").output


def test_the_probe_of_the_sandbox_is_a_real_one(install: Installation):
    expected = {Health.OK, Health.WARNING} if shutil.which("bwrap") else {Health.WRONG}
    assert {one.health for one in machine.sandbox(install.with_())} <= expected
