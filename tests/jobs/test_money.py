"""Who is asked and who pays: stand-ins, shared places, what a repository may choose, budgets told once."""

import os
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime

import pytest

from ai.asking import Asker
from ai.port import Broken, Cancelled, Refused, Request, Retryable, Said, SpendCap, UnknownModel, Usage
from ghapp.say.facts import StandIn
from jobs.budgets import reached, tomorrow, warn
from jobs.choices import check_models
from jobs.facts import stand_ins, warnings
from jobs.meter import Payer, StoreMeter, service_of
from jobs.models import Relieved, Watched, allowed, asker, begun_with, model_now
from jobs.runtime import Runtime
from jobs.setup.config import ConfigError, parse_config
from state.db.engine import read, write
from state.db.migrate import migrate
from state.errors import BudgetReached
from state.lifecycle import PauseReason, TaskStatus
from state.settings import Process, load_settings
from state.store import budget, rates, tasks
from tests.state.kit import new_task

SONNET, FLASH, PRO = "claude:claude-sonnet-5-5", "gemini:gemini-3.8-flash", "gemini:gemini-3.1-pro-preview"
HELLO = Request(("You are a test.",), (Said("Begin."),), max_out=100)


@pytest.fixture
def installed(tmp_path):
    """A runtime on a database of its own, with the settings that are given."""
    made = []

    def install(**more):
        env = {"ANTHROPIC_API_KEY": "a", "GOOGLE_API_KEY": "g", "DATA_PATH": str(tmp_path), "GITHUB_APP_ID": "1"}
        runtime = Runtime(load_settings(Process.TOOL, {**env, "REDIS_URL": "redis://127.0.0.1:9/0", **more}))
        migrate(runtime.settings.db_url)
        made.append(runtime)
        return runtime

    yield install
    for runtime in made:
        runtime.engine.dispose()


def task_in(runtime, **fields):
    with write(runtime.engine) as session:
        return new_task(session, **fields)


def test_a_conversation_begins_with_the_stand_in_only_while_the_roles_own_model_is_out(installed):
    runtime = installed(MODELS_FALLBACK=f'{{"executor": "{SONNET}"}}')
    assert model_now(runtime, "executor") == FLASH
    assert model_now(runtime, "executor", {"executor": PRO}) == PRO
    assert model_now(runtime, "executor", begun=SONNET) == SONNET
    assert model_now(runtime, "executor", begun="claude:gone-from-the-table") == FLASH
    with write(runtime.engine) as session:
        rates.pause(session, f"out:{FLASH}", datetime(2100, 1, 1, tzinfo=UTC))
    assert model_now(runtime, "executor") == SONNET
    assert model_now(runtime, "executor", begun=FLASH) == SONNET
    assert model_now(runtime, "executor_high") == PRO
    with write(runtime.engine) as session:
        rates.pause(session, f"out:{SONNET}", datetime(2100, 1, 1, tzinfo=UTC))
    assert model_now(runtime, "executor", begun=FLASH) == FLASH


class Failing:
    """A model that cannot be asked."""

    provider, model = "claude", "claude-sonnet-5-5"

    def __init__(self, error):
        self.error = error

    def reply(self, request):
        raise self.error


TROUBLE = [SpendCap("used up"), Refused("key"), UnknownModel("gone"), Retryable("busy", 100.0)]


@pytest.mark.parametrize("error", TROUBLE, ids=[type(one).__name__ for one in TROUBLE])
def test_trouble_of_a_model_is_remembered_where_another_stands_ready(installed, error):
    runtime = installed(MODELS_FALLBACK=f'{{"planner": "{FLASH}"}}')
    with pytest.raises(type(error)) as alone:
        Watched(runtime, "debugger", Failing(error)).reply(HELLO)
    assert alone.value is error
    with pytest.raises(Relieved):
        Watched(runtime, "planner", Failing(error)).reply(HELLO)
    assert model_now(runtime, "planner") == FLASH
    with write(runtime.engine) as session:
        rates.pause(session, f"out:{FLASH}", datetime(2100, 1, 1, tzinfo=UTC))
    with pytest.raises(type(error)) as both:
        Watched(runtime, "planner", Failing(error)).reply(HELLO)
    assert both.value is error


def test_a_request_that_is_wrong_is_wrong_for_every_model(installed):
    runtime = installed(MODELS_FALLBACK=f'{{"planner": "{FLASH}"}}')
    with pytest.raises(Broken):
        Watched(runtime, "planner", Failing(Broken("our mistake"))).reply(HELLO)
    assert model_now(runtime, "planner") == SONNET


def test_a_service_that_answers_nobody_is_left_alone_for_a_minute(installed):
    runtime = installed()
    bucket = service_of(runtime.settings, SONNET).bucket
    meter = StoreMeter(runtime, Payer(), lambda: False)

    def fail(times):
        for _ in range(times):
            with pytest.raises(Retryable):
                Watched(runtime, "planner", Failing(Retryable("busy"))).reply(HELLO)
        with read(runtime.engine) as session:
            return rates.pause_left(session, bucket)

    assert fail(4) == 0
    meter.settle(meter.reserve("planner", SONNET, 10, 10), Usage(10, 0, 0, 1), 0.1, "")
    assert fail(4) == 0
    assert 50 < fail(1) <= 60
    with pytest.raises(Cancelled):
        StoreMeter(runtime, Payer(), lambda: True).reserve("planner", SONNET, 10, 10)


def test_a_stand_in_is_told_once(installed):
    runtime = installed(MODELS_FALLBACK=f'{{"planner": "{FLASH}"}}')
    task = task_in(runtime)
    for _ in range(2):
        asker(runtime, "planner", Payer(task.id), model=FLASH)
    with read(runtime.engine) as session:
        assert stand_ins(session, task.id) == (StandIn("planner", FLASH, SONNET),)


def test_the_model_that_began_a_conversation_is_read_from_its_first_line(tmp_path):
    file = tmp_path / "t.jsonl"
    assert begun_with(file) is None
    for text, model in (('{"kind":"start","model":"claude:m"}\n{"x":1}\n', "claude:m"), ("{cut", None), ("[]\n", None)):
        file.write_text(text)
        assert begun_with(file) == model


def test_a_call_waits_for_its_turn_uses_nothing_and_ends_with_a_stop(installed):
    runtime = installed(GEMINI_PARALLEL_CALLS="1")
    first = StoreMeter(runtime, Payer(), lambda: False)
    token = first.reserve("executor", FLASH, 1_000, 100)
    stopped = threading.Event()
    with pytest.raises(Cancelled):
        threading.Timer(0.3, stopped.set).start()
        StoreMeter(runtime, Payer(), stopped.is_set).reserve("executor", "gemini-legacy:gemini-3-flash-preview", 10, 10)
    with read(runtime.engine) as session:
        held = budget.usage(session, None, None).day
    assert held == pytest.approx((1_000 * 0.75 + 100 * 3.75) / 1e6), "who waits has set nothing aside"
    threading.Timer(0.3, lambda: first.settle(token, Usage(1_000, 0, 0, 10), 0.1, "")).start()
    began = time.monotonic()
    assert StoreMeter(runtime, Payer(), lambda: False).reserve("executor", FLASH, 1_000, 100)
    assert 0.2 < time.monotonic() - began < 5


def test_a_call_that_is_left_to_itself_counts_with_the_most_it_can_cost(installed):
    runtime = installed()
    sent, answered = threading.Event(), threading.Event()

    class Slow:
        provider, model = FLASH.split(":")

        def reply(self, _request):
            sent.set()
            answered.wait(5)
            raise Retryable("too late")

    meter = StoreMeter(runtime, Payer(), sent.is_set)
    with pytest.raises(Cancelled):
        Asker(Slow(), meter, "executor", sent.is_set).ask(HELLO)
    answered.set()
    with read(runtime.engine) as session:
        assert budget.usage(session, None, None).day >= HELLO.max_out * 3.75 / 1e6
    with pytest.raises(Cancelled):
        Asker(Failing(Broken("is not asked")), meter, "executor", lambda: True).ask(HELLO)


def test_tokens_a_minute_are_counted_without_what_came_from_the_cache(installed):
    runtime = installed(CLAUDE_TOKENS_PER_MINUTE="1000")
    meter = StoreMeter(runtime, Payer(), lambda: False)
    for _ in range(3):
        token = meter.reserve("planner", SONNET, 900, 10)
        meter.settle(token, Usage(900, 900, 0, 5), 0.1, "")
    service = service_of(runtime.settings, SONNET)
    with write(runtime.engine) as session:
        assert rates.take(session, service.bucket, service.windows, 950) == 0
        assert rates.take(session, service.bucket, service.windows, 950) > 30


def test_a_reached_budget_takes_no_place_and_no_tokens(installed):
    runtime = installed(CLAUDE_PARALLEL_CALLS="1")
    task = task_in(runtime)
    for _ in range(3):
        with pytest.raises(BudgetReached) as told:
            StoreMeter(runtime, Payer(task.id, 7, None, 0.0001), lambda: False).reserve("planner", SONNET, 900, 10)
    assert told.value.needed > 0.0001


def test_eighty_percent_are_told_once_for_each_scope_and_limit(installed):
    runtime = installed()
    task = task_in(runtime, budget=1.0)
    found = (budget.Share("task", 0.81, 1.0), budget.Share("day", 79.0, 100.0))
    with write(runtime.engine) as session:
        assert [one.kind for one in warn(session, runtime, task.id, found)] == ["telegram", "status"]
        assert warn(session, runtime, task.id, found) == []
        assert warn(session, runtime, None, found) == []
        assert warn(session, runtime, task.id, (budget.Share("task", 1.7, 2.0),))
        assert warn(session, runtime, task.id, (budget.Share("day", 81.0, 100.0),))
    other = task_in(runtime, issue=8)
    with write(runtime.engine) as session:
        assert warn(session, runtime, other.id, (budget.Share("day", 90.0, 100.0),)) == []
        assert [(one.scope, one.limit) for one in warnings(session, task.id)] == [
            ("task", 1.0),
            ("task", 2.0),
            ("day", 100.0),
        ]


@pytest.mark.parametrize(("scope", "waits"), [("task", False), ("repository", True), ("day", True)])
def test_a_reached_budget_of_a_day_goes_on_with_the_next_one(installed, scope, waits):
    runtime = installed()
    task = task_in(runtime)
    with write(runtime.engine) as session:
        effects = reached(session, task, BudgetReached(scope, 1.0, 0.9, 0.2), "https://github.com")
        now = tasks.by_id(session, task.id)
    assert (now.status, now.pause_reason) == (TaskStatus.PAUSED, PauseReason.BUDGET)
    assert (now.resume_at is not None) is waits
    assert {"comment", "telegram", "status"} <= {str(one.kind) for one in effects}


def test_the_next_day_begins_at_midnight_utc():
    assert tomorrow(datetime(2026, 12, 31, 23, 59, tzinfo=UTC)) == datetime(2027, 1, 1, tzinfo=UTC)


def test_a_repository_may_choose_what_has_a_price_and_a_key_or_what_is_listed(installed):
    assert FLASH in allowed(installed().settings) and SONNET in allowed(installed().settings)
    assert not any(name.startswith("gemini") for name in allowed(installed(GOOGLE_API_KEY="").settings))
    assert allowed(installed(MODELS_ALLOWED=f"{PRO}, claude:no-price").settings) == (PRO,)


CHOICES = [
    (b"models:\n  executor: gemini:gemini-3-flash-preview\n", None),
    (b"ci: hold\n\nmodels:\n  planner: claude:claude-opus-5-5\n  executor: gemini:nobody\n", (5, "gemini:nobody")),
    (b"models: {cook: claude:claude-opus-5-5}\n", (1, "no role 'cook'")),
]


@pytest.mark.parametrize(("data", "wrong"), CHOICES)
def test_a_choice_that_is_not_allowed_is_told_with_its_line(installed, data, wrong):
    known = installed().settings
    if wrong is None:
        check_models(known, parse_config(data), data)
        return
    with pytest.raises(ConfigError) as told:
        check_models(known, parse_config(data), data)
    assert told.value.params["line"] == wrong[0] and wrong[1] in told.value.params["message"]


@pytest.mark.parametrize("variable", ["MODELS", "MODELS_FALLBACK"])
def test_a_worker_with_a_model_without_a_price_does_not_start_and_names_the_file(tmp_path, variable):
    key = tmp_path / "app.pem"
    key.touch(mode=0o600)
    key.write_text("-----BEGIN RSA PRIVATE KEY-----")
    known = {"GITHUB_APP_ID": "1", "GITHUB_PRIVATE_KEY_PATH": str(key), "ANTHROPIC_API_KEY": "a", "GOOGLE_API_KEY": "g"}
    env = {**os.environ, **known, "DATA_PATH": str(tmp_path), variable: '{"executor": "gemini:gemini-99"}'}
    done = subprocess.run(
        [sys.executable, "-m", "cli.main", "worker", "step"], env=env, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 1
    assert "no price for the model gemini:gemini-99" in done.stderr and "prices.yaml" in done.stderr
