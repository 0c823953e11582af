"""A decision becomes true: its changes, effects and what follows from the new state, in the caller's transaction."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import singledispatch
from typing import Any

from sqlalchemy.orm import Session

from ghapp.changes import (
    AddMessage,
    AllowPath,
    ApprovePlan,
    AskCi,
    FixPlan,
    NewTask,
    Note,
    RaiseBudget,
    RestorePlan,
    RetrySteps,
    RevisePlan,
    SkipSteps,
    Transition,
)
from ghapp.decision import Context, Decision
from ghapp.say.facts import Standing
from jobs.choices import BUDGET_ASKED
from jobs.effects import follow_up
from jobs.planning.comment import again
from jobs.reception import aftermath
from jobs.reception.live import ISSUE_TEXT
from state.clock import clock
from state.effects import Effect
from state.lifecycle import TaskStatus
from state.store import approvals, artifacts, events, leases, outbox, quota, steps, talk, tasks
from state.store.base import Lost
from state.views import ALLOWED, CI, HELD, TaskView


@dataclass
class Applying:
    """The decision's context while it becomes true; `task` is the newest view of it, `branch` its name at approval,
    `effects` what the changes bring about besides the decision's own.
    """

    session: Session
    ctx: Context
    task: TaskView | None
    branch: str | None = None
    web: str = ""
    effects: list[Effect] = field(default_factory=list)

    def reload(self) -> TaskView:
        """The task as this transaction left it."""
        self.task = tasks.by_id(self.session, self.known.id)
        return self.task

    @property
    def known(self) -> TaskView:
        """The task; changes other than a new one need it."""
        if self.task is None:
            raise LookupError("this change needs a task")
        return self.task


def apply(session: Session, ctx: Context, decision: Decision, web: str, branch: str | None = None) -> list[Effect]:
    """Write everything; the effects that were stored, for ringing. Raises Lost when somebody else was faster."""
    now = Applying(session, ctx, ctx.task, branch, web)
    for change in decision.changes:
        _apply(change, now)
    task = now.reload() if now.task else None
    effects = [*now.effects, *(_of(effect, task) for effect in decision.effects)]
    if task is not None and decision.changes:
        effects += [*_plan_again(session, ctx, task), *follow_up(session, ctx.task, task, web)]
    outbox.add(session, effects)
    return effects


def _of(effect: Effect, task: TaskView | None) -> Effect:
    return replace(effect, task_id=task.id) if task is not None and effect.task_id is None else effect


def _plan_again(session: Session, ctx: Context, task: TaskView) -> list[Effect]:
    """A plan that waits no longer loses its buttons and says what became of it."""
    before = ctx.task
    if before is None or before.plan is None or before.status is not TaskStatus.PLANNED or task.status is before.status:
        return []
    standing = STANDINGS.get(task.status)
    return again(session, task, before.plan, standing, ctx.actor.login) if standing else []


STANDINGS = {
    TaskStatus.EXECUTING: Standing.APPROVED,
    TaskStatus.BLOCKED: Standing.APPROVED,
    TaskStatus.ABORTED: Standing.REJECTED,
    TaskStatus.FAILED: Standing.REJECTED,
}


@singledispatch
def _apply(change: Any, now: Applying) -> None:
    raise TypeError(f"no rule for {type(change).__name__}")


@_apply.register
def _(change: NewTask, now: Applying) -> None:
    if not quota.room(now.session, now.ctx.repo, change.requester_id, now.ctx.limits.tasks):
        raise Lost("no room for another task")
    options = {"discovery": change.discovery, "hidden": change.hidden, "typed": change.type, "base": change.base}
    options |= {BUDGET_ASKED: True} if change.budget_asked else {}
    now.task = tasks.create(
        now.session,
        now.ctx.repo,
        change.issue_number,
        change.requester_id,
        change.requester_login,
        change.title,
        change.request,
        type=change.type or "feat",
        description=change.original,
        issue_hash=change.issue_hash,
        language=change.language,
        budget=change.budget,
        base_branch=change.base,
        priority=change.priority,
        deadline=change.deadline,
        source=now.ctx.source.kind.value,
        options={name: value for name, value in options.items() if value is not None},
    )
    issue = f"{now.ctx.issue.title}\n\n{now.ctx.issue.body}"
    artifacts.add(now.session, now.task.id, ISSUE_TEXT, "issue.md", issue)


@_apply.register
def _(change: Transition, now: Applying) -> None:
    fields = dict(change.fields)
    if now.branch is not None:
        fields.setdefault("branch", now.branch)
    tasks.transition(now.session, now.known, change.event, actor=now.ctx.actor.login, **fields)
    now.reload()


@_apply.register
def _(change: ApprovePlan, now: Applying) -> None:
    """An approval names one plan: an older version's stays, for whoever refuses this one goes back to that."""
    task = now.known
    approvals.revoke(now.session, task.id, change.plan_hash)
    stored = approvals.add(
        now.session,
        task.id,
        change.plan_hash,
        change.user_id,
        change.login,
        change.role,
        scope=change.scope,
        comment_id=change.comment_id,
        comment_hash=change.comment_hash,
        issue_hash=change.issue_hash,
        base_sha=change.base_sha,
        budget=change.budget,
    )
    if stored is None:
        raise Lost(f"plan {change.plan_hash[:8]} is approved already")
    steps.set_scope(now.session, task.id, None if change.scope == approvals.ALL else change.step_ids)
    tasks.set_fields(now.session, task.id, budget=change.budget)


@_apply.register
def _(change: RaiseBudget, now: Applying) -> None:
    task = now.known
    before = approvals.live(now.session, task.id)
    if before is not None:
        approvals.revoke(now.session, task.id, before.plan_hash)
        approvals.add(
            now.session,
            task.id,
            before.plan_hash,
            change.user_id,
            change.login,
            change.role,
            scope=before.scope,
            comment_id=change.comment_id,
            comment_hash=change.comment_hash,
            issue_hash=before.issue_hash,
            base_sha=before.base_sha,
            budget=change.budget,
        )
    leases.forgive(now.session, "task", task.id)
    for step in task.steps:
        leases.forgive(now.session, "step", step.row_id)
    events.append(
        now.session, task.id, "CHANGE_REQUESTED", f"budget {change.budget:.2f} US dollars", actor=change.login
    )
    tasks.set_fields(now.session, task.id, budget=change.budget, options={**task.options, BUDGET_ASKED: True})


@_apply.register
def _(change: AllowPath, now: Applying) -> None:
    task = now.known
    row = {"path": change.path, "user_id": change.user_id, "login": change.login, "at": clock().isoformat()}
    options = tasks.by_id(now.session, task.id).options
    kept = {**options, ALLOWED: [*options.get(ALLOWED, ()), row], HELD: list(change.left)}
    tasks.set_fields(now.session, task.id, options=kept)
    for step in task.steps:
        leases.forgive(now.session, "step", step.row_id)
    said = f"path allowed: {change.path}"
    events.append(now.session, task.id, "CHANGE_REQUESTED", said, actor=change.login, details=row)


@_apply.register
def _(change: AskCi, now: Applying) -> None:
    task = now.known
    row = {"state": "asked", "user_id": change.user_id, "login": change.login, "at": clock().isoformat()}
    leases.forgive(now.session, "task", task.id)
    tasks.set_fields(now.session, task.id, options={**tasks.by_id(now.session, task.id).options, CI: row})
    events.append(now.session, task.id, "CHANGE_REQUESTED", "let CI run", actor=change.login, details=row)


@_apply.register
def _(change: RevisePlan, now: Applying) -> None:
    tasks.set_fields(now.session, now.known.id, rounds=change.round, activity=None)
    artifacts.add(now.session, now.known.id, ISSUE_TEXT, "issue.md", f"{now.ctx.issue.title}\n\n{now.ctx.issue.body}")
    tasks.set_fields(now.session, now.known.id, issue_hash=now.ctx.issue.hash)


@_apply.register
def _(change: RetrySteps, now: Applying) -> None:
    aftermath.retry(now.session, now.known, change, now.ctx.actor.login)
    now.reload()


@_apply.register
def _(change: SkipSteps, now: Applying) -> None:
    aftermath.skip(now.session, now.known, change, now.ctx.actor.login)
    now.reload()


@_apply.register
def _(change: FixPlan, now: Applying) -> None:
    now.effects += aftermath.fix_plan(now.session, now.known, change, now.ctx.actor.login, now.web)
    now.reload()


@_apply.register
def _(_change: RestorePlan, now: Applying) -> None:
    aftermath.restore(now.session, now.known)
    now.reload()


@_apply.register
def _(change: AddMessage, now: Applying) -> None:
    talk.say(
        now.session,
        change.role,
        change.content,
        task_id=now.task.id if now.task else None,
        author=change.author,
        intent=change.intent,
        channel=change.channel,
        external_id=change.external_id,
    )


@_apply.register
def _(change: Note, now: Applying) -> None:
    if now.task is not None and change.event not in LOGGED_BY_TRANSITION:
        events.append(
            now.session, now.task.id, change.event, change.message, actor=change.actor, details=change.metadata
        )


LOGGED_BY_TRANSITION = frozenset({"PLAN_APPROVED", "PLAN_REJECTED", "ABORTED"})
