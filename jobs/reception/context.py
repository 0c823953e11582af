"""Who spoke where, and everything that the decision on a command may look at, asked for now."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from ghapp.clients.github import Talk
from ghapp.decision import Context, IssueNow, Limits, Source
from ghapp.events import Person
from ghapp.intent_rules import Intent
from jobs.reception.aftermath import proposals_now
from jobs.reception.live import issue_now, live_facts
from jobs.reception.people import actor, may_react
from jobs.runtime import Runtime
from state.clock import clock
from state.db.engine import read
from state.settings import Settings
from state.store import llm_calls, quota, tasks, turns
from state.views import RepoRef, TaskView

APPROVE, COST, FIX = "approve", "cost", "fix"
STATUS, MAKING = "status", frozenset({"task", "do", Intent.TASK_NEW.value})
NEED_ISSUE = frozenset({"task", "do", APPROVE, "revise"})


@dataclass(frozen=True)
class Spoken:
    """Who spoke where. Facts of GitHub are asked for once per delivery."""

    runtime: Runtime
    repo: RepoRef
    sender: Person
    issue: IssueNow
    source: Source

    @cached_property
    def talk(self) -> Talk:
        """GitHub, for this repository; a repository that is not the installation's cannot be asked about."""
        return self.runtime.github.talk(self.repo)

    @cached_property
    def live_issue(self) -> IssueNow:
        """The issue as it is now."""
        return issue_now(self.talk, self.issue.number, self.issue)


def context(spoken: Spoken, task: TaskView | None, name: str) -> Context:
    """The context of one command; facts that only some commands need are asked for with these alone."""
    runtime = spoken.runtime
    who = actor(runtime, spoken.talk, spoken.sender, task)
    issue = spoken.live_issue if name in NEED_ISSUE and who.at_least("write") else spoken.issue
    ctx = Context(
        actor=who,
        repo=spoken.repo,
        issue=issue,
        source=spoken.source,
        now=clock(),
        task=task,
        limits=limits(runtime.settings),
        approvers=_approvers(task),
        language=task.language if task else runtime.settings.language,
        may_react=may_react(runtime, spoken.repo.id, who),
    )
    if name in MAKING:
        return _with_crowd(spoken, ctx)
    more = _OF_TASK.get(name)
    return more(spoken, ctx, task) if more is not None and task is not None else ctx


def limits(settings: Settings) -> Limits:
    """The numbers of the settings that decisions need."""
    return Limits(settings.max_clarification_rounds, settings.budget_per_task, settings.max_tasks)


def _approvers(task: TaskView | None) -> frozenset[int] | None:
    listed = task.options.get("approvers") if task else None
    return frozenset(listed) if listed is not None else None


def _with_crowd(spoken: Spoken, ctx: Context) -> Context:
    """How many tasks are open where another one is asked for."""
    with read(spoken.runtime.engine) as session:
        return replace(ctx, crowd=quota.crowd(session, ctx.repo, ctx.actor.id))


def _with_cost(spoken: Spoken, ctx: Context, task: TaskView) -> Context:
    with read(spoken.runtime.engine) as session:
        return replace(ctx, cost=llm_calls.cost(session, task.id))


def _with_proposals(spoken: Spoken, ctx: Context, task: TaskView) -> Context:
    with read(spoken.runtime.engine) as session:
        return replace(ctx, proposals=proposals_now(session, task))


def _with_place(spoken: Spoken, ctx: Context, task: TaskView) -> Context:
    """The place in the line."""
    with read(spoken.runtime.engine) as session:
        return replace(ctx, place=turns.place(session, task.seq, task.status))


def _with_approval(spoken: Spoken, ctx: Context, task: TaskView) -> Context:
    """What is compared before a plan is approved; not asked for on behalf of who may not approve."""
    if not ctx.actor.at_least("write"):
        return ctx
    with read(spoken.runtime.engine) as session:
        others = tuple(tasks.approved_beside(session, task))
    return replace(ctx, live=live_facts(spoken.runtime, spoken.talk, task, spoken.source), others=others)


_OF_TASK: Mapping[str, Callable[[Spoken, Context, TaskView], Context]] = {
    APPROVE: _with_approval,
    COST: _with_cost,
    FIX: _with_proposals,
    STATUS: _with_place,
}
"""What the decision on a command looks at besides, where there is a task."""
