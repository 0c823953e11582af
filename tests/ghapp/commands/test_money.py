"""`/cost`, and `budget=` after `/approve`: what a plan may cost, and more of it when it is used up."""

from dataclasses import replace
from datetime import timedelta

import pytest

from ghapp.decision import CommandComment, Source, SourceKind
from state.lifecycle import PauseReason, TaskEvent, TaskStatus
from state.views import CostLine, CostView
from tests.ghapp.commands.kit import LIVE, NOW, context, kinds, reactions, run, task, texts

COST = CostView(
    CostLine("", "", 3, 12_000, 9_000, 0, 800, 0.05),
    (CostLine("planner", "claude:m", 1, 4_000, 0, 0, 300, 0.02), CostLine("executor", "gemini:n", 2, 8_000, 9_000)),
    (CostLine("", "", 1, 4_000), CostLine("1", "one", 2, 8_000, 9_000)),
)


def paused(**fields):
    """A task that stands for its budget of 3 dollars, 2.90 of which are spent."""
    given = {"pause_reason": PauseReason.BUDGET, "came_from": TaskStatus.EXECUTING, "spent": 2.9}
    return task(TaskStatus.PAUSED, **{**given, **fields})


def test_cost_shows_the_sums_against_the_budget_by_role_and_by_step():
    (text,) = texts(run("/cost", context(task=task(spent=0.08), cost=COST)))
    for said in ("**$0.08 of $3.00 (2.6%)**, 3 requests", "9,000 from the cache (75%)", "| planner · claude:m | 1 |"):
        assert said in text
    assert "| 1\\. one | 2 |" in text and "| planning and questions | 1 |" in text
    assert "$0.03 of this is the most" in text


def test_cost_before_any_request_says_so_and_without_a_task_too():
    assert "No model has been asked yet" in texts(run("/cost", context()))[0]
    decision = run("/cost", context(task=None))
    assert decision.failed and "/task" in texts(decision)[0]
    assert run("/coste", context(cost=COST)).changes == ()


def test_more_money_for_a_task_that_used_up_its_budget_lets_it_go_on():
    decision = run("/approve budget=5", context(task=paused()))
    raised, goes_on = decision.changes
    assert kinds(decision) == ["RaiseBudget", "Transition"]
    assert (raised.budget, raised.login, goes_on.event) == (5.0, "writer", TaskEvent.RESUME)
    assert reactions(decision) == ["eyes", "rocket"]


@pytest.mark.parametrize("plan", ["with its plan", None])
def test_it_goes_on_in_planning_too(plan):
    ctx = context(task=paused(came_from=TaskStatus.PLANNING, **({} if plan else {"plan": None, "steps": ()})))
    assert kinds(run("/aprobar presupuesto=5,50$", ctx)) == ["RaiseBudget", "Transition"]


STOPPED = [
    ("/approve", "Say how much"),
    ("/approve 7f3a", "`/approve budget=6.00`"),
    ("/approve budget=3", "leaves no room"),
    ("/approve budget=2.95", "leaves no room"),
    ("/approve budget=much", "no amount"),
    ("/approve budget=-5", "no amount"),
    ("/approve budget=", "no amount"),
]


@pytest.mark.parametrize(("body", "said"), STOPPED)
def test_what_is_no_higher_budget_is_told(body, said):
    decision = run(body, context(task=paused()))
    assert decision.failed and decision.changes == () and said in texts(decision)[0]


def test_a_limit_of_the_day_is_not_changed_by_an_approval():
    decision = run("/approve budget=50", context(task=paused(resume_at=NOW + timedelta(hours=3))))
    assert decision.failed and "by itself at 15:00 UTC" in texts(decision)[0]


@pytest.mark.parametrize("seen", [one for one in CommandComment if one is not CommandComment.SAME])
def test_a_comment_that_does_not_stand_allows_no_money(seen):
    ctx = context(task=paused(), live=replace(LIVE, command_comment=seen))
    assert run("/approve budget=5", ctx).changes == ()
    tick = replace(ctx, source=Source(SourceKind.TICK, "1", NOW))
    assert kinds(run("/approve budget=5", tick)) == ["RaiseBudget", "Transition"]


def test_other_pauses_are_no_question_of_money():
    decision = run("/approve budget=5", context(task=paused(pause_reason=PauseReason.DECISION)))
    assert decision.failed and decision.changes == ()


@pytest.mark.parametrize(
    ("body", "budget"), [("/approve 7f3a", 3.0), ("/approve 7f3a budget=8", 8.0), ("/approve budget=0.5 1", 0.5)]
)
def test_a_plan_is_approved_with_its_budget_or_the_one_that_is_typed(body, budget):
    approval = run(body, context(task=task(spent=0.2))).changes[0]
    assert approval.budget == budget


def test_a_plan_is_not_approved_with_less_than_is_spent():
    decision = run("/approve budget=0.1", context(task=task(spent=0.2)))
    assert decision.failed and "$0.20 is spent already" in texts(decision)[0]
