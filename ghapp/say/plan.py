"""The comment of one plan version.

### 📋 Plan ready: Reject orders without stock
**Your turn:** approve this plan, or say in a comment what should change.
- three lines: what will be done
4 steps · 5 files · 25 min to 40 min · $0.30 to $0.80, budget $5.00
- [ ] **Approve and run**  `/approve 7f3a`
- [ ] **Reject**  `/reject`
(steps, files, criteria, ..., the other buttons)
plan v3 · 7f3a
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ghapp.emit.gate import KEEP
from ghapp.emit.inert import code
from ghapp.say import buttons
from ghapp.say.facts import Estimate, PlanFacts, Standing
from ghapp.say.layout import blocks, bullets, details, short
from ghapp.say.messages import say
from ghapp.say.plan_parts import change_summary, file_changes, parts
from state.plan.model import Plan
from state.views import PlanView, TaskView

SHORT_HASH = 4
LINES = 3
LINE = 150
ICONS = {Standing.OPEN: "📋", Standing.APPROVED: "✅", Standing.SUPERSEDED: "🗂️", Standing.REJECTED: "🚫"}


def plan_comment(view: TaskView, version: PlanView, facts: PlanFacts) -> str:
    """The whole comment; only an open version has buttons."""
    lang = view.language
    is_open = facts.standing is Standing.OPEN
    first = [
        _headline(lang, version.plan, facts),
        _asked(view, version, facts),
        _changed(lang, version, facts),
        bullets(what(version.plan)),
        figures(lang, version.plan, facts),
        buttons.render_all(_likeliest(lang, version, facts)) if is_open else "",
        "\n".join(warnings(lang, facts)),
    ]
    last = [
        KEEP,
        buttons.render_all([buttons.button(lang, "abort", f"{facts.prefix}abort")]) if is_open else "",
        f"<sub>{_name(lang, version)} · {code(view.key)}</sub>",
    ]
    body = list(parts(lang, version.plan, facts))
    if facts.standing in (Standing.SUPERSEDED, Standing.REJECTED):
        body = [details(say(lang, "plan.whole"), blocks(body))]
    return blocks([*first, *body, *last])


def what(plan: Plan) -> Sequence[str]:
    """What will be done, in at most three short lines: the summary's sentences, else the objective, else the steps."""
    for text in (plan.summary, plan.objective):
        sentences = [sentence for sentence in re.split(r"(?<=[.!?])\s+|\n+", text.strip()) if sentence.strip(" -*.")]
        if sentences:
            return [short(sentence.lstrip("-* "), LINE) for sentence in sentences[:LINES]]
    return [short(step.title, LINE) for step in plan.steps() if not step.extra][:LINES]


def figures(lang: str, plan: Plan, facts: PlanFacts) -> str:
    """Steps, files, time and money with their range, and the budget."""
    steps = [step for step in plan.steps() if not step.extra]
    shown = [say(lang, "common.steps", n=len(steps)), say(lang, "common.files", n=len(file_changes(plan)))]
    if facts.estimate:
        shown += list(_estimate(lang, facts.estimate))
    if facts.budget is not None:
        shown.append(say(lang, "plan.budget", budget=facts.budget))
    return " · ".join(shown)


def warnings(lang: str, facts: PlanFacts) -> Iterator[str]:
    """What a person should know before approving."""
    for holds, key in (
        (facts.lfs, "plan.warn.lfs"),
        (facts.submodules, "plan.warn.submodules"),
        (facts.signatures_required, "plan.warn.signatures"),
        (facts.no_tests, "plan.warn.no_tests"),
    ):
        if holds:
            yield f"⚠️ {say(lang, key)}"
    if facts.hidden_parts:
        yield f"⚠️ {say(lang, 'plan.warn.hidden', n=facts.hidden_parts)}"


def _name(lang: str, version: PlanView) -> str:
    return say(lang, "plan.footer", number=str(version.number), hash=code(version.plan_hash[:SHORT_HASH]))


def _headline(lang: str, plan: Plan, facts: PlanFacts) -> str:
    return f"### {ICONS[facts.standing]} {say(lang, f'plan.{facts.standing.value}')}: {short(plan.title, 120)}"


def _asked(view: TaskView, version: PlanView, facts: PlanFacts) -> str:
    lang = view.language
    if facts.standing is Standing.APPROVED:
        return say(lang, "plan.asked.approved", by=facts.approved_by or "-")
    if facts.standing is not Standing.OPEN:
        return say(lang, f"plan.asked.{facts.standing.value}")
    if facts.round >= facts.max_rounds:
        return say(lang, "plan.asked.last", max=facts.max_rounds)
    asked = say(lang, "plan.asked.open")
    if facts.round:
        asked += " " + say(lang, "plan.asked.round", round=facts.round, max=facts.max_rounds)
    if facts.approvers:
        asked += " " + say(lang, "plan.asked.approvers", who=", ".join(facts.approvers))
    return asked


def _changed(lang: str, version: PlanView, facts: PlanFacts) -> str:
    if version.number < 2:
        return ""
    summary = version.change_summary or change_summary(lang, facts.difference)
    return say(lang, "plan.changed", number=str(version.number - 1), what=short(summary, LINE)) if summary else ""


def _likeliest(lang: str, version: PlanView, facts: PlanFacts) -> list[buttons.Button]:
    approve = f"{facts.prefix}approve {version.plan_hash[:SHORT_HASH]}"
    return [
        buttons.button(lang, "approve", approve),
        buttons.button(lang, "reject", f"{facts.prefix}reject"),
    ]


def _estimate(lang: str, estimate: Estimate) -> Iterator[str]:
    yield say(lang, "plan.time", low=estimate.seconds_low, high=estimate.seconds_high)
    yield say(lang, "plan.money", low=estimate.money_low, high=estimate.money_high)
