"""The one status comment of a task, edited in place. It has no buttons.

### ⚙️ Working: Reject orders without stock
The bot is at work. You need do nothing.
▰▰▰▰▱▱▱▱▱▱ 2 of 5 steps done
1. ✅ Add the stock table · `1a2b3c4`
2. 🔵 Check the stock before an order is taken
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from ghapp.emit.inert import Md, code
from ghapp.say.facts import Estimate
from ghapp.say.layout import FINISHED, ICONS, bar, blocks, details, link, money_of, short
from ghapp.say.links import Links
from ghapp.say.messages import say
from ghapp.say.turn import asked, headline
from state.lifecycle import StepStatus, TaskStatus
from state.views import StepView, TaskView

TITLE = 90
SHOWN = 12  # steps that stand open; the rest folds away around the one that runs


def status_comment(
    view: TaskView, links: Links, now: datetime, estimate: Estimate | None = None, notes: Sequence[str] = ()
) -> str:
    """The whole comment. `now` is when it is rendered, `notes` are lines about money and models."""
    lang = view.language
    return blocks(
        [
            headline(view),
            asked(view),
            _reason(view),
            _progress(view),
            _now(view),
            _figures(view, now, estimate),
            *notes,
            _steps(view, links),
            _links(view, links),
            f"<sub>{say(lang, 'status.footer', key=code(view.key), time=now)}</sub>",
        ]
    )


def _reason(view: TaskView) -> str:
    if not view.status_reason or view.status not in (TaskStatus.FAILED, TaskStatus.PAUSED, TaskStatus.ABORTED):
        return ""
    return say(view.language, "status.reason", reason=short(view.status_reason, 300))


def _progress(view: TaskView) -> str:
    if not view.steps:
        return ""
    done = sum(step.status in FINISHED for step in view.steps)
    counted = say(view.language, "status.progress", done=done, n=len(view.steps))
    return f"{bar(done, len(view.steps))} {counted}"


def _steps(view: TaskView, links: Links) -> str:
    steps = view.steps
    if len(steps) <= SHOWN:
        return _list(view.language, steps, links)
    here = next((at for at, step in enumerate(steps) if step.status not in FINISHED), len(steps) - 1)
    start = max(0, min(here - 3, len(steps) - SHOWN))
    before, shown, after = steps[:start], steps[start : start + SHOWN], steps[start + SHOWN :]
    return blocks(
        [
            details(say(view.language, "status.before", n=len(before)), _list(view.language, before, links)),
            _list(view.language, shown, links),
            details(say(view.language, "status.after", n=len(after)), _list(view.language, after, links)),
        ]
    )


def _list(lang: str, steps: Sequence[StepView], links: Links) -> str:
    return "\n".join(f"{step.number}. {_step(lang, step, links)}" for step in steps)


def _step(lang: str, step: StepView, links: Links) -> str:
    parts = [f"{ICONS[step.status]} {short(step.title, TITLE)}"]
    if step.commit_sha:
        parts.append(link(step.commit_sha[:7], links.commit(step.commit_sha)))
    if step.attempts > 1:
        parts.append(say(lang, "status.attempts", n=step.attempts))
    if step.status is StepStatus.FAILED and step.last_error:
        parts.append(short(step.last_error, 120))
    return " · ".join(parts)


def _now(view: TaskView) -> str:
    if not view.activity or view.status not in (TaskStatus.PLANNING, TaskStatus.EXECUTING):
        return ""
    return say(view.language, "status.now", activity=short(view.activity, 200))


def _figures(view: TaskView, now: datetime, estimate: Estimate | None) -> str:
    lang = view.language
    parts: list[str] = []
    if view.created_at:
        began = view.approved_at or view.created_at
        parts.append(say(lang, "status.elapsed", time=((view.completed_at or now) - began).total_seconds()))
    if estimate:
        parts.append(say(lang, "status.estimated", low=estimate.seconds_low, high=estimate.seconds_high))
    if view.spent or view.budget is not None:
        parts.append(money_of(lang, view.spent, view.budget))
    return " · ".join(parts)


def _links(view: TaskView, links: Links) -> str:
    lang = view.language
    found: list[Md] = []
    if view.branch and view.head_sha:
        found.append(link(view.branch, links.branch(view.branch)))
        if view.base_branch:
            found.append(link(say(lang, "status.compare"), links.compare(view.base_branch, view.branch)))
    if links.check_run:
        found.append(link(say(lang, "status.check_run"), links.check_run))
    return " · ".join(found)
