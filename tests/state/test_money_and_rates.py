from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from state.clock import OFFSET_VARIABLE, clock
from state.db.engine import read, write
from state.errors import BudgetReached
from state.store import budget, llm_calls, rates, refusals, tasks
from state.store.budget import Limits
from state.store.llm_calls import Call
from tests.state.kit import new_task


def test_a_budget_is_never_overrun_however_many_reserve_at_once(engine):
    with write(engine) as session:
        task = new_task(session)

    def reserve(_):
        try:
            with write(engine) as session:
                return budget.reserve(session, task.id, 7, 0.3, Limits(task=1.0))
        except BudgetReached as reached:
            return reached

    with ThreadPoolExecutor(6) as pool:
        results = list(pool.map(reserve, range(12)))
    granted = [one for one in results if isinstance(one, budget.Reservation)]
    assert len(granted) == 3
    refused = next(one for one in results if isinstance(one, BudgetReached))
    assert (refused.scope, refused.limit, refused.spent, refused.needed) == ("task", 1.0, 0.9, 0.3)


def test_what_a_call_really_cost_is_charged_to_the_task(engine):
    with write(engine) as session:
        task = new_task(session)
        made = budget.reserve(session, task.id, 7, 0.5, Limits(task=1.0))
        assert budget.settle(session, made.id, 0.2)
        assert not budget.settle(session, made.id, 0.2)
        unsent = budget.reserve(session, task.id, 7, 0.5, Limits(task=1.0))
        assert budget.free(session, unsent.id)
        assert budget.usage(session, task.id, 7) == budget.Usage(0.2, 0.2, 0.2)
        assert tasks.by_id(session, task.id).spent == pytest.approx(0.2)


def test_a_call_whose_caller_died_counts_as_spent(engine):
    with write(engine) as session:
        task = new_task(session)
        made = budget.reserve(session, task.id, 7, 0.5, Limits(task=1.0), expires=0)
        assert budget.expire(session) == 1
        assert budget.expire(session) == 0
        assert tasks.by_id(session, task.id).spent == pytest.approx(0.5)
        assert budget.settle(session, made.id, 0.1)
        assert tasks.by_id(session, task.id).spent == pytest.approx(0.1)


@pytest.mark.parametrize(("limits", "scope"), [(Limits(repository=0.5), "repository"), (Limits(day=0.5), "day")])
def test_repository_and_day_have_budgets_of_their_own(engine, limits, scope):
    with write(engine) as session:
        budget.reserve(session, None, 7, 0.4, limits)
        with pytest.raises(BudgetReached) as reached:
            budget.reserve(session, None, 7, 0.2, limits)
        assert reached.value.scope == scope
        if scope == "repository":
            budget.reserve(session, None, 8, 0.2, limits)


def test_every_call_is_kept_and_its_tokens_reach_the_task(engine):
    with write(engine) as session:
        task = new_task(session)
        for _ in range(2):
            llm_calls.add(
                session,
                Call(
                    "planner", "claude", "m", task_id=task.id, tokens_in=100, tokens_cached=80, tokens_out=7, cost=0.01
                ),
            )
        seen = tasks.by_id(session, task.id)
        (cost,) = llm_calls.by_role(session, task.id)
    assert (seen.tokens, seen.cached_tokens, cost.calls, cost.dollars) == (214, 160, 2, pytest.approx(0.02))
    assert cost.cache_hit_rate == 0.8


def test_what_calls_came_to_is_summed_by_role_and_model_and_by_step(engine):
    with write(engine) as session:
        task = new_task(session)
        assert llm_calls.cost(session, task.id).total.calls == 0
        for role, model, cached in (
            ("planner", "m", 0),
            ("planner", "m", 90),
            ("executor", "n", 50),
            ("executor", "o", 0),
        ):
            call = Call(role, "claude", model, task_id=task.id, tokens_in=100, tokens_cached=cached, cost=0.01)
            llm_calls.add(session, call)
        found = llm_calls.cost(session, task.id)
        assert [(one.name, one.about, one.calls, one.cache_hit_rate) for one in found.roles] == [
            ("executor", "claude:n", 1, 0.5),
            ("executor", "claude:o", 1, 0.0),
            ("planner", "claude:m", 2, 0.45),
        ]
        assert (found.total.calls, found.total.dollars) == (4, pytest.approx(0.04))
        assert [(one.name, one.calls) for one in found.steps] == [("", 4)]
        assert llm_calls.cache_hit_rate(session, task.id) == 0.35
        assert llm_calls.cache_hit_rate(session, "nobody") == 0.0


def test_eighty_percent_of_a_scope_warn(engine):
    with write(engine) as session:
        task = new_task(session)
        made = budget.reserve(session, task.id, 7, 0.8, Limits(task=1.0, repository=10.0))
        budget.settle(session, made.id, 0.8)
        found = budget.shares(session, task.id, 7, Limits(task=1.0, repository=10.0))
        assert [(one.scope, one.spent, one.warns) for one in found] == [("task", 0.8, True), ("repository", 0.8, False)]
        assert budget.shares(session, None, 7, Limits(task=1.0)) == ()


def test_places_are_shared_and_one_whose_holder_died_is_free_again_later(engine, monkeypatch):
    with write(engine) as session:
        first, second = rates.enter(session, "model:x", 2), rates.enter(session, "model:x", 2)
        assert first and second and rates.enter(session, "model:x", 2) is None
        assert rates.enter(session, "model:y", 1)
        rates.leave(session, "model:x", first)
        third = rates.enter(session, "model:x", 2)
        assert third and third != first
        rates.leave(session, "model:x", first)
        assert rates.enter(session, "model:x", 2) is None
        monkeypatch.setenv(OFFSET_VARIABLE, str(rates.SLOT_SECONDS + 1))
        assert rates.enter(session, "model:x", 2)


def test_tokens_that_were_not_used_go_back_and_more_than_taken_are_owed(engine):
    window = (rates.Window("tokens", 100, 0.0001),)
    with write(engine) as session:
        assert rates.take(session, "model:x", window, 80) == 0
        assert rates.take(session, "model:x", window, 80) > 0
        rates.give_back(session, "model:x", window, 70)
        assert rates.take(session, "model:x", window, 80) == 0
        rates.give_back(session, "model:x", window, -50)
        assert rates.take(session, "model:x", window, 1) > 0
        rates.give_back(session, "model:x", window, 1_000)
        assert rates.take(session, "model:x", window, 101) > 0


def test_pauses_are_lifted_by_the_beginning_of_their_names(engine):
    with write(engine) as session:
        for bucket in ("out:claude:m", "github:7"):
            rates.pause(session, bucket, clock() + timedelta(seconds=60))
        rates.lift(session, "out:")
        assert rates.pause_left(session, "out:claude:m") == 0
        assert rates.pause_left(session, "github:7") > 0


def test_writes_to_github_stay_under_its_limits_in_every_minute_and_hour(sqlite_url, monkeypatch):
    from state.db.engine import make_engine

    engine = make_engine(sqlite_url)
    made, second = [], 0.0
    with write(engine) as session:
        while second < 3600:
            monkeypatch.setenv(OFFSET_VARIABLE, str(second))
            wait = rates.take(session, "github:70")
            if wait == 0:
                made.append(second)
            second += max(wait, 0.02)
    engine.dispose()
    assert max(sum(start <= moment < start + 60 for moment in made) for start in made) <= 80
    assert 400 <= len(made) <= 500


def test_a_pause_holds_for_everybody_and_the_longest_one_counts(engine):
    with write(engine) as session:
        assert rates.take(session, "github:70") == 0
        rates.pause(session, "github:70", clock() + timedelta(seconds=60))
        rates.pause(session, "github:70", clock() + timedelta(seconds=5))
        assert 50 < rates.take(session, "github:70") <= 60
        assert rates.take(session, "github:71") == 0
    with read(engine) as session:
        assert rates.pause_left(session, "github:70") > 50


def test_many_takers_of_one_bucket_get_no_more_than_it_holds(engine):
    window = (rates.Window("w", 5, 0.0001),)

    def take(_):
        with write(engine) as session:
            return rates.take(session, "b", window)

    with ThreadPoolExecutor(6) as pool:
        assert sum(wait == 0 for wait in pool.map(take, range(20))) == 5


def test_a_stranger_gets_one_refusal_reaction_an_hour(engine, monkeypatch):
    with write(engine) as session:
        assert refusals.may_react(session, 7, 666)
        assert not refusals.may_react(session, 7, 666)
        assert refusals.may_react(session, 7, 667)
        monkeypatch.setenv(OFFSET_VARIABLE, "3700")
        assert refusals.may_react(session, 7, 666)


def test_a_no_of_the_permission_api_is_remembered_for_a_minute(engine, monkeypatch):
    with write(engine) as session:
        assert not refusals.recent(session, 7, 666)
        refusals.remember(session, 7, 666)
        assert refusals.recent(session, 7, 666)
        assert not refusals.recent(session, 8, 666)
        monkeypatch.setenv(OFFSET_VARIABLE, "61")
        assert not refusals.recent(session, 7, 666)
