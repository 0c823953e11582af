"""What Telegram mirrors: short HTML, one message per milestone and one that is edited with every step."""

from __future__ import annotations

from ghapp.emit.inert import Md
from ghapp.emit.plain import html_text
from ghapp.say.facts import BudgetShare, FailureFacts, FinalFacts, PlanFacts
from ghapp.say.failure import next_commands
from ghapp.say.layout import FINISHED, bar, clamp
from ghapp.say.links import Links
from ghapp.say.messages import plain, tell
from ghapp.say.plan import SHORT_HASH, figures
from ghapp.say.turn import ICONS
from state.lifecycle import TaskStatus
from state.views import PlanView, TaskView

TITLE = 160
TAIL = 600
CAUSE = 400


def plan_ready(view: TaskView, version: PlanView, facts: PlanFacts, links: Links) -> str:
    """A plan waits for approval."""
    lang = view.language
    command = f"{facts.prefix}approve {version.plan_hash[:SHORT_HASH]}"
    return "\n".join(
        [
            f"{ICONS[TaskStatus.PLANNED]} <b>{tell(lang, 'plan.open')}</b>: {_title(view)}",
            html_text(figures(lang, version.plan, facts)),
            tell(lang, "telegram.approve", command=Md(command)),
            _issue(view, links),
        ]
    )


def approved(view: TaskView, by: str, links: Links) -> str:
    """Somebody approved; it starts."""
    said = tell(view.language, "telegram.approved", by=by, n=len(view.steps))
    return "\n".join([f"▶️ <b>{said}</b>: {_title(view)}", _issue(view, links)])


def steps(view: TaskView, links: Links) -> str:
    """`step 2/5 done`: sent once, then edited."""
    done = sum(step.status in FINISHED for step in view.steps)
    counted = tell(view.language, "telegram.steps", done=done, n=len(view.steps))
    lines = [
        f"{ICONS[view.status]} <b>{counted}</b>: {_title(view)}",
        bar(done, len(view.steps)),
        html_text(clamp(view.activity, 200)) if view.activity and view.status is TaskStatus.EXECUTING else "",
        _issue(view, links),
    ]
    return "\n".join(line for line in lines if line)


def failed(view: TaskView, facts: FailureFacts, links: Links, prefix: str = "/") -> str:
    """Cause, branch, where to read, what to type."""
    lang = view.language
    reason = plain(lang, f"failure.reason.{facts.reason}")
    lines = [
        f"{ICONS[TaskStatus.FAILED]} <b>{tell(lang, 'state.failed')}</b>: {_title(view)}",
        tell(lang, "telegram.failed_step", number=str(facts.step_number), reason=reason)
        if facts.step_number is not None
        else html_text(reason),
        html_text(clamp(facts.root_cause, CAUSE)),
        f"<pre>{html_text(facts.tail.strip()[-TAIL:])}</pre>" if facts.tail.strip() else "",
        _branch(view, links),
        tell(lang, "telegram.type", command=Md(next(iter(next_commands(facts, prefix).values())))),
        _issue(view, links),
    ]
    return "\n".join(line for line in lines if line)


def finished(view: TaskView, facts: FinalFacts, links: Links) -> str:
    """Done, with the branch."""
    lang = view.language
    lines = [
        f"{ICONS[TaskStatus.COMPLETED]} <b>{tell(lang, 'state.completed')}</b>: {_title(view)}",
        tell(lang, "telegram.finished", n=len(facts.commits), time=facts.seconds, spent=facts.spent),
        _branch(view, links),
        _issue(view, links),
    ]
    return "\n".join(line for line in lines if line)


def budget_warning(view: TaskView, share: BudgetShare, links: Links) -> str:
    """80 % of a budget are spent."""
    said = tell(view.language, f"budget.warning.{share.scope}", limit=share.limit, spent=share.spent)
    return "\n".join([f"⚠️ <b>{said}</b> {_title(view)}", _issue(view, links)])


def budget_reached(view: TaskView, said: str, links: Links) -> str:
    """A budget is used up; `said` is the whole sentence."""
    paused = tell(view.language, "state.paused")
    lines = [f"{ICONS[TaskStatus.PAUSED]} <b>{paused}</b>: {_title(view)}", html_text(said), _branch(view, links)]
    return "\n".join(line for line in [*lines, _issue(view, links)] if line)


def _title(view: TaskView) -> str:
    return html_text(clamp(view.title, TITLE))


def _issue(view: TaskView, links: Links) -> str:
    name = html_text(f"{view.repo.full_name}#{view.issue_number}")
    return f'<a href="{links.issue(view.issue_number)}">{name}</a>'


def _branch(view: TaskView, links: Links) -> str:
    if not view.branch or not view.head_sha:
        return ""
    return f'🌿 <a href="{links.branch(view.branch)}">{html_text(view.branch)}</a>'
