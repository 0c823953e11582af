"""Contexts for decision tests: one waiting plan of three steps, on issue 7, asked by user 1."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from ghapp.commands import parse
from ghapp.decide import decide
from ghapp.decision import (
    Actor,
    CommandComment,
    Context,
    IssueNow,
    Live,
    PlanComment,
    Source,
    SourceKind,
    issue_hash,
)
from state.lifecycle import StepStatus, TaskStatus
from state.plan.model import Milestone, Phase, Plan, Step
from state.views import PlanView, RepoRef, StepView, TaskView

NOW = datetime(2026, 11, 21, 12, 0, 0, tzinfo=UTC)
HASH = "7f3a" + "0" * 60
REPO = RepoRef(10, "acme/shop", 99)
ISSUE = IssueNow(7, "Stock goes negative", "Please fix it.")
STEPS = [
    Step(id="s01", number=1, title="one"),
    Step(id="s02", number=2, title="two", depends_on=["s01"]),
    Step(id="s03", number=3, title="three"),
    Step(id="s04", number=4, title="extra", extra=True),
]
MILESTONE = Milestone(id="m1", name="m", steps=STEPS)
PLAN = Plan(title="Fix stock", phases=[Phase(id="p1", name="p", milestones=[MILESTONE])])
PLAN_VIEW = PlanView(3, HASH, PLAN, "revision", "smaller", NOW - timedelta(minutes=5), 500, NOW - timedelta(minutes=5))
LIVE = Live(
    PlanComment.INTACT, CommandComment.SAME, issue_then="Stock goes negative\n\nPlease fix it.", plan_text="# Plan"
)
WRITER = Actor(2, "writer", "write")


def task(status=TaskStatus.PLANNED, **fields):
    """A task in a state, with the plan where one can be."""
    view = TaskView(
        "t-1", 1, "k3x9q2ab", REPO, 7, 1, "alice", "Fix stock", "fix it", "fix", status, 4,
        issue_hash=issue_hash(ISSUE.title, ISSUE.body), base_sha="b" * 40, budget=3.0,
        steps=tuple(StepView(step.id, step.number, step.title, StepStatus.PENDING) for step in STEPS),
    )  # fmt: skip
    planned = status not in (TaskStatus.PLANNING, TaskStatus.DISCOVERY)
    return replace(view, **{"plan": PLAN_VIEW if planned else None, **fields})


def context(**fields):
    """A writer's comment 900 at NOW in a thread with a waiting plan."""
    given = {
        "actor": WRITER,
        "repo": REPO,
        "issue": ISSUE,
        "source": Source(SourceKind.COMMENT, "900", NOW, comment_id=900, body_hash="c" * 64),
        "now": NOW,
        "task": task(),
        "live": LIVE,
    }
    return Context(**{**given, **fields})


def run(body, ctx):
    """Parse a body of one command and decide it."""
    (command,) = parse(body, thread_has_task=True).commands
    return decide(command, ctx)


def reactions(decision):
    """The contents of all reactions."""
    return [effect.body["content"] for effect in decision.effects if effect.kind == "reaction"]


def texts(decision):
    """The texts of all new comments."""
    return [effect.body["text"] for effect in decision.effects if effect.kind == "comment"]


def kinds(decision):
    """The names of all changes."""
    return [type(change).__name__ for change in decision.changes]
