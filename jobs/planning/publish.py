"""A finished plan becomes the version in force: stored with its comment, mirror and status, in one transaction."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

from sqlalchemy.orm import Session

from ghapp.clients.errors import ClientError, Gone
from ghapp.say import telegram
from ghapp.say.facts import PlanFacts, Standing
from jobs.checks.testplan import detect_tests
from jobs.effects import follow_up, links_of, mirror
from jobs.git.facts import facts as tree_facts
from jobs.planning import comment
from jobs.planning.estimate import estimate
from jobs.planning.request import conventions_found
from jobs.planning.whole import keep_whole
from jobs.repository import Repository
from jobs.runtime import Runtime
from jobs.setup.config import RepoConfig
from jobs.setup.source import AtCommit
from state.effects import Effect
from state.lifecycle import TaskEvent
from state.plan.diff import Changes, classify, compare, titled
from state.plan.model import Plan
from state.store import outbox, plans, tasks
from state.views import TaskView

AUTHOR = "planner"


def publish(
    session: Session,
    runtime: Runtime,
    task: TaskView,
    repository: Repository,
    config: RepoConfig,
    plan: Plan,
    seen: PlanFacts,
    approvers: list[int] | None,
) -> list[Effect]:
    """Store the version and what announces it; the effects. `seen` was observed before: nothing is asked in here."""
    before = task.plan
    changes = compare(before.plan, plan) if before else Changes()
    kind = classify(before.plan if before else None, plan)
    version = plans.add_version(session, task, plan, kind.value, AUTHOR, changes=changes.as_json())
    tasks.transition(
        session,
        task,
        TaskEvent.PLAN_STORED,
        actor=AUTHOR,
        base_branch=repository.base,
        base_sha=repository.base_sha,
        activity=None,
        resume_at=None,
        language=config.language or task.language,
        options={
            **task.options,
            "prefix_only": config.prefix_only,
            "ci_hold": config.ci == "hold",
            "approvers": approvers,
        },
    )
    now = tasks.by_id(session, task.id)
    facts = replace(
        seen,
        estimate=estimate(plan),
        budget=now.budget,
        round=now.rounds,
        hidden_parts=int(now.options.get("hidden", 0)),
        difference=titled(changes, before.plan, plan) if before else {},
    )
    comment.keep_facts(session, now, version, facts)
    post = comment.post(now, version, facts)
    keep_whole(runtime, now, version.number, post.body["text"])
    effects = [
        post,
        *(comment.again(session, now, before, Standing.SUPERSEDED) if before else []),
        mirror(
            now,
            f"plan:v{version.number}",
            telegram.plan_ready(now, version, facts, links_of(now, runtime.web_url)),
        ),
        *follow_up(session, task, now, runtime.web_url),
    ]
    outbox.add(session, effects)
    return effects


def approver_ids(runtime: Runtime, repository: Repository, config: RepoConfig) -> list[int] | None:
    """The configured approvers by their numeric ids; None where anyone who may write approves.

    A login that GitHub does not know approves nothing.
    """
    if not config.approvers:
        return None
    talk, found = runtime.github.talk(repository.ref), []
    for login in config.approvers:
        with suppress(Gone):
            found.append(talk.user_id(login))
    return found


def observe(runtime: Runtime, repository: Repository, config: RepoConfig) -> PlanFacts:
    """What is said beside any plan for this base commit: warnings, and what was read."""
    tree = tree_facts(repository.mirror, repository.base_sha)
    return PlanFacts(
        max_rounds=runtime.settings.max_clarification_rounds,
        lfs=tree.large_files,
        submodules=bool(tree.submodules),
        signatures_required=_signatures(runtime, repository),
        no_tests=detect_tests(AtCommit(repository.mirror, repository.base_sha), config).kind == "none",
        conventions=conventions_found(repository),
        approvers=config.approvers,
        prefix="/devtask " if config.prefix_only else "/",
    )


def _signatures(runtime: Runtime, repository: Repository) -> bool:
    """Whether GitHub asks for signed commits on the base branch; what cannot be asked is not claimed."""
    try:
        return runtime.github.talk(repository.ref).branch_facts(repository.base).signatures_required
    except ClientError:
        return False
