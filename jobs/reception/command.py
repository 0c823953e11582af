"""One command: the people and facts it needs are asked for, the decision is made, and both are stored at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

from sqlalchemy.orm import Session

from ghapp.clients.github import Talk
from ghapp.commands.model import Command
from ghapp.decide import decide, suggest, tampered
from ghapp.decision import ApprovePlan, Context, Decision, IssueNow, Limits, Source
from ghapp.events import Person
from ghapp.intent_rules import Intent
from jobs.planning.whole import keep_named
from jobs.reception.aftermath import proposals_now
from jobs.reception.apply import apply
from jobs.reception.live import issue_now, live_facts
from jobs.reception.people import actor, may_react
from jobs.runtime import Runtime
from state.clock import clock
from state.db.engine import read, write
from state.effects import Effect
from state.failpoint import failpoint
from state.lifecycle import TaskStatus
from state.plan.branches import branch_name
from state.plan.model import TaskType
from state.settings import Settings
from state.store import commands, llm_calls, quota, tasks, turns
from state.store.base import Lost
from state.views import RepoRef, TaskView

APPROVE, COST, FIX = "approve", "cost", "fix"
STATUS, MAKING = "status", frozenset({"task", "do", Intent.TASK_NEW.value})
TRIES = 5
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


def command(spoken: Spoken, found: Command) -> list[Effect]:
    """Carry out one command; the effects that were stored (none when it was carried out before)."""
    return settle(spoken, found.index, lambda ctx: decide(found, ctx), name=found.name)


def suggestion(spoken: Spoken, name: str) -> list[Effect]:
    """Hint at a command close to an unknown word."""
    return settle(spoken, 0, lambda ctx: suggest(name, ctx))


def tamper(spoken: Spoken) -> list[Effect]:
    """Somebody else edited a comment of ours."""
    return settle(spoken, 0, tampered)


def settle(spoken: Spoken, index: int, deciding: Callable[[Context], Decision], name: str = "") -> list[Effect]:
    """Decide on the newest state and store the outcome, once per command key. Deciding again costs less than a lock."""
    for _ in range(TRIES):
        task = _task(spoken)
        ctx = context(spoken, task, name)
        decision = deciding(ctx)
        branch = _branch(spoken, ctx, decision)
        failpoint("intake.before_apply")
        try:
            with write(spoken.runtime.engine) as session:
                effects = _store(session, spoken, index, ctx, decision, branch)
        except Lost:
            continue
        keep_named(spoken.runtime, effects)
        failpoint("intake.after_apply")
        return effects
    raise Lost(f"issue {spoken.issue.number} changes too fast")


def _store(
    session: Session, spoken: Spoken, index: int, ctx: Context, decision: Decision, branch: str | None
) -> list[Effect]:
    source = spoken.source
    if not commands.claim(session, spoken.repo.id, source.kind.value, source.id, index):
        return []
    return apply(session, ctx, decision, spoken.runtime.web_url, branch)


def context(spoken: Spoken, task: TaskView | None, name: str) -> Context:
    """Everything that the decision may look at, asked for now."""
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
        may_react=may_react(runtime, spoken.repo.id, who) if not who.at_least("triage") else True,
    )
    if name == COST and task is not None:
        with read(runtime.engine) as session:
            return replace(ctx, cost=llm_calls.cost(session, task.id))
    if name == FIX and task is not None:
        with read(runtime.engine) as session:
            return replace(ctx, proposals=proposals_now(session, task))
    if name == APPROVE and task is not None and who.at_least("write"):
        with read(runtime.engine) as session:
            others = tuple(tasks.approved_beside(session, task))
        return replace(ctx, live=live_facts(runtime, spoken.talk, task, spoken.source), others=others)
    return in_numbers(runtime, ctx, name)


def limits(settings: Settings) -> Limits:
    """The numbers of the settings that decisions need."""
    return Limits(settings.max_clarification_rounds, settings.budget_per_task, settings.max_tasks)


def in_numbers(runtime: Runtime, ctx: Context, name: str) -> Context:
    """The place in the line where somebody asks for it; how many tasks are open where another one is asked for."""
    if name == STATUS and ctx.task is not None:
        with read(runtime.engine) as session:
            return replace(ctx, place=turns.place(session, ctx.task.seq, ctx.task.status))
    if name in MAKING:
        with read(runtime.engine) as session:
            return replace(ctx, crowd=quota.crowd(session, ctx.repo, ctx.actor.id))
    return ctx


def _approvers(task: TaskView | None) -> frozenset[int] | None:
    listed = task.options.get("approvers") if task else None
    return frozenset(listed) if listed is not None else None


def _branch(spoken: Spoken, ctx: Context, decision: Decision) -> str | None:
    """The branch is named at approval; a name that is taken on GitHub gets the key as suffix."""
    task = ctx.task
    approves = any(isinstance(change, ApprovePlan) for change in decision.changes)
    if not approves or task is None or task.plan is None or task.branch is not None:
        return None
    kind, title = TaskType(task.plan.plan.type), task.plan.plan.title
    name = branch_name(kind, title, task.key)
    if spoken.talk.branch_facts(name).exists or _used(spoken, name):
        return branch_name(kind, title, task.key, taken=(name,))
    return name


def _used(spoken: Spoken, name: str) -> bool:
    """Whether another running task has the name already, though nothing is pushed yet."""
    with read(spoken.runtime.engine) as session:
        running = tasks.in_status(session, TaskStatus.EXECUTING)
    return any(other.branch == name and other.repo.id == spoken.repo.id for other in running)


def _task(spoken: Spoken) -> TaskView | None:
    with read(spoken.runtime.engine) as session:
        return tasks.by_issue(session, spoken.repo.id, spoken.issue.number)
