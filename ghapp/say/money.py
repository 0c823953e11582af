"""What people read about money: a budget that is nearly or wholly spent, and `/cost`.

### ⏸️ Paused: Reject orders without stock
**Your turn:** the budget is used up. `/approve budget=2.00` allows $2.00 in all and goes on, `/abort` ends it.
Left to do: step 2 of 3, begun, and 1 more after it.
- [ ] **Allow $2.00 and go on**  `/approve budget=2.00`
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from ghapp.emit.inert import Md, code
from ghapp.say import buttons
from ghapp.say.facts import BudgetShare, StandIn
from ghapp.say.layout import FINISHED, blocks, link, money_of, section, short, table
from ghapp.say.links import Links
from ghapp.say.messages import say
from ghapp.say.turn import asked, headline
from state.errors import BudgetReached
from state.lifecycle import PauseReason, StepStatus, TaskStatus
from state.views import CostLine, CostView, TaskView

RUNNING = (StepStatus.IN_PROGRESS, StepStatus.READY_FOR_TEST, StepStatus.TESTED)


def reached_key(scope: str) -> str:
    """The sentence for a reached budget of this scope."""
    return f"paused.by_budget.{scope}"


def reached_params(budget: BudgetReached) -> dict[str, float]:
    """What fills that sentence."""
    return {"spent": budget.spent, "limit": budget.limit, "needed": budget.needed}


def paused(view: TaskView, resume_at: datetime | None) -> TaskView:
    """The task as it is about to be."""
    return replace(view, status=TaskStatus.PAUSED, pause_reason=PauseReason.BUDGET, resume_at=resume_at)


def budget_reached(view: TaskView, budget: BudgetReached, links: Links) -> str:
    """The comment: why it stands, what is left, what is kept, and what continues it."""
    lang = view.language
    more = [] if view.resume_at is not None else [allow(lang, enough(view, budget))]
    return blocks(
        [
            headline(view),
            asked(view),
            say(lang, "status.reason", reason=Md(say(lang, reached_key(budget.scope), **reached_params(budget)))),
            left(view),
            say(lang, "budget.kept", branch=link(view.branch, links.branch(view.branch)))
            if view.branch and view.head_sha
            else "",
            buttons.render_all([*more, buttons.button(lang, "abort", "/abort")]),
        ]
    )


def allow(lang: str, budget: float) -> buttons.Button:
    """The button that allows so much in all."""
    return buttons.Button(say(lang, "button.allow", budget=budget), f"/approve budget={budget:.2f}")


def enough(view: TaskView, budget: BudgetReached) -> float:
    """What is offered: twice the budget, and in any case room for the request that did not fit; whole cents."""
    return float(round(max(2 * budget.limit, 2 * (view.spent + budget.needed)) + 0.004, 2))


def left(view: TaskView) -> str:
    """What is still to be done."""
    lang = view.language
    if not view.steps:
        return say(lang, "budget.left_plan")
    open_steps = [step for step in view.steps if step.status not in FINISHED]
    if not open_steps:
        return ""
    first = next((step for step in open_steps if step.status in RUNNING), open_steps[0])
    key = "budget.left_begun" if first.status in RUNNING else "budget.left_next"
    said = say(lang, key, number=first.number, of=len(view.steps), title=short(first.title, 120))
    more = len(open_steps) - 1
    return f"{said} {say(lang, 'budget.left_more', n=more)}" if more else said


def warning(lang: str, share: BudgetShare) -> str:
    """One line of the status comment and of the report."""
    return f"⚠️ {say(lang, f'budget.warning.{share.scope}', limit=share.limit, spent=share.spent)}"


def warnings(view: TaskView, shares: Sequence[BudgetShare]) -> list[str]:
    """The lines of a task; a warning about a budget that was raised since is past."""
    past = {"task": view.budget}
    known = {share.scope: share for share in shares if past.get(share.scope, share.limit) == share.limit}
    return [warning(view.language, share) for share in known.values()]


def stood_in(lang: str, found: Sequence[StandIn]) -> list[str]:
    """A line for each model that stood in for another."""
    return [
        f"🔁 {say(lang, 'models.stand_in', role=code(one.role), model=code(one.model), wanted=code(one.wanted))}"
        for one in found
    ]


def cost_answer(view: TaskView, cost: CostView) -> str:
    """The answer to `/cost`: the sums against the budget, by role and by step."""
    lang = view.language
    if not cost.total.calls:
        return say(lang, "cost.nothing", budget=money_of(lang, view.spent, view.budget))
    return blocks(
        [
            say(lang, "cost.total", spent=Md(_against(view)), n=cost.total.calls),
            say(lang, "cost.tokens", **_tokens(cost.total)),
            _lost(view, cost.total),
            section(say(lang, "cost.roles"), table(_head(lang, "role"), [_role(lang, one) for one in cost.roles])),
            section(say(lang, "cost.steps"), table(_head(lang, "step"), [_step(lang, one) for one in cost.steps])),
        ]
    )


def _against(view: TaskView) -> str:
    said = money_of(view.language, view.spent, view.budget)
    if not view.budget:
        return said
    return f"{said} ({say(view.language, 'cost.share', share=view.spent / view.budget)})"


def _tokens(line: CostLine) -> dict[str, object]:
    return {"tokens_in": line.tokens_in, "cached": line.cached, "hits": line.cache_hit_rate, "out": line.out}


def _lost(view: TaskView, total: CostLine) -> str:
    """Calls that died with their worker count at their maximum: then more is charged than the calls came to."""
    lost = view.spent - total.dollars
    return say(view.language, "cost.reserved", money=lost) if lost > 0.000_05 else ""


def _head(lang: str, first: str) -> list[str]:
    return [say(lang, f"cost.head.{name}") for name in (first, "calls", "in", "cached", "out", "money")]


def _role(lang: str, line: CostLine) -> list[str]:
    return [f"{line.name} · {line.about}", *_figures(lang, line)]


def _step(lang: str, line: CostLine) -> list[str]:
    named = f"{line.name}. {line.about}" if line.name else say(lang, "cost.no_step")
    return [short(named, 90), *_figures(lang, line)]


def _figures(lang: str, line: CostLine) -> list[Md]:
    calls, tokens_in, out = (say(lang, "cost.number", n=n) for n in (line.calls, line.tokens_in, line.out))
    cached = say(lang, "cost.cached", n=line.cached, hits=line.cache_hit_rate)
    return [Md(one) for one in (calls, tokens_in, cached, out, say(lang, "common.spent", spent=line.dollars))]
