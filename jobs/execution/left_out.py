"""After `/skip` of what was open last: one closing commit, so that the branch ends with what passed and nothing else.

A step that failed for good leaves its work on the branch as a `wip:` commit. A later step begins where the last
finished one ended; where there is no later step, this commit goes back there. It is a function of the word, the head
and what is stored up to that word: made twice it is the same commit, and the push by compare-and-set finds it there.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from ghapp.clients.github import RepoFacts
from ghapp.emit.commit import commit_text
from jobs.checks.testplan import detect_tests
from jobs.effects import effect
from jobs.execution import record, secrets
from jobs.execution.branch import branch_facts, log_of, shown
from jobs.execution.publish import ApproverLost, Going, NotPushed, send
from jobs.git.changes import changed_files
from jobs.git.closing import closing_commit, tree_with
from jobs.git.message import HOLD, Authorship, Identity, message
from jobs.git.mirror import Mirror
from jobs.git.refs import TaskRefs
from jobs.heart import Heart
from jobs.parking import Parking, parked
from jobs.repository import remote_for
from jobs.ringing import ring_now
from jobs.runtime import Runtime
from jobs.setup.config import read_config
from jobs.setup.source import AtCommit
from state.db.engine import read, write
from state.effects import Effect, EffectKind, Priority
from state.failpoint import failpoint
from state.lifecycle import PauseReason, TaskStatus
from state.logs import get_log
from state.plan.files import branch_files
from state.plan.runnable import runnable
from state.store import approvals, events, leases, outbox, tasks
from state.store.approvals import ApprovalView
from state.store.base import Lost
from state.store.events import Event
from state.store.leases import Lease
from state.views import TaskView

SUBJECT = "chore: take back what was left out"
BODY = "{login} left out step {step}. What it had begun is taken back: the branch ends with the work that passed."


@dataclass(frozen=True)
class Closing:
    """What the commit is made of: `word` is the newest `/skip`, `stand` the commit whose work stays."""

    runtime: Runtime
    task: TaskView
    approval: ApprovalView
    mirror: Mirror
    facts: RepoFacts
    word: Event
    stand: str


def word_of(runtime: Runtime, task: TaskView) -> Event | None:
    """The `/skip` after which nothing was finished any more, where there is a branch; else None."""
    with read(runtime.engine) as session:
        skips = events.latest(session, task.id, 1, event="STEP_SKIPPED")
        done = events.latest(session, task.id, 1, event="STEP_COMPLETED")
    if task.head_sha is None or not skips:
        return None
    return skips[0] if not done or done[0].id < skips[0].id else None


def put_back(runtime: Runtime, task: TaskView, word: Event, parking: Parking) -> bool:
    """Make and push the closing commit and end the task; whether this process was the one to do it."""
    lease = None
    with parking.poison(), write(runtime.engine) as session:
        lease = leases.take(session, "task", task.id, runtime.owner)
    if lease is None:
        return parking.ended
    with Heart(runtime.engine, lease, task.id, TaskStatus.EXECUTING) as heart, parked(parking, lease, heart):
        try:
            effects = _carry_out(runtime, task, word, lease, heart)
        except ApproverLost as lost:
            parking.park(PauseReason.APPROVER_LOST, lost.key, **lost.params)
            return True
        ring_now(runtime, effects, deliver=task.seq)
    return True


def _carry_out(runtime: Runtime, task: TaskView, word: Event, lease: Lease, heart: Heart) -> list[Effect]:
    with read(runtime.engine) as session:
        approval = approvals.live(session, task.id, task.plan.plan_hash if task.plan else "")
    if approval is None or heart.stopped():
        return []
    facts = runtime.github.talk(task.repo).repo_facts()
    mirror = Mirror(runtime.settings.repos_path, task.repo.id)
    mirror.sync(remote_for(runtime, task.repo, facts, "read"), task.head_sha)
    stand = task.finished_last or task.base_sha or ""
    closing = Closing(runtime, task, approval, mirror, facts, word, stand)
    sha = commit(closing)
    failpoint("left_out.before_push")
    base = task.base_branch or facts.default_branch
    send(Going(runtime, task, approval, mirror, facts, base, lambda: heart.lost), sha)
    failpoint("left_out.before_record")
    refs = TaskRefs(mirror, task.key)
    refs.move("head", sha, refs.get())
    return _recorded(runtime, task, lease, sha)


def commit(closing: Closing) -> str:
    """The closing commit, in the mirror. Raises NotPushed where it would carry a secret out."""
    task, mirror, runtime = closing.task, closing.mirror, closing.runtime
    assert task.head_sha is not None and task.plan is not None
    bot = runtime.github.identity(task.repo)
    identity = Identity(bot.bot_login, bot.noreply)
    marks = {"Devtask-Task": task.key, "Devtask-Plan": task.plan.plan_hash[:16], "Devtask-Close": "skip"}
    step = next((one.number for one in task.steps if one.id == closing.word.message), 0)
    body = commit_text(BODY.format(login=closing.word.actor, step=step))
    held = task.options.get("ci_hold", True)
    text = message(SUBJECT, body, marks, HOLD if held else None)
    who = Authorship(identity, identity, closing.word.created_at)
    sha = closing_commit(mirror, task.head_sha, tree_with(mirror, closing.stand, files(closing)), text, who)
    if found := secrets.leaks(mirror, closing.stand, sha, runtime.redactor, task.branch or ""):
        raise NotPushed("paused.by_push", why="; ".join(one.told() for one in found))
    return sha


def files(closing: Closing) -> dict[str, str]:
    """`.dev-tasks/` as it is told of the finished task: path -> text."""
    task, mirror, base = closing.task, closing.mirror, closing.task.base_sha or ""
    config = read_config(mirror, base)
    changes = changed_files(mirror, base, closing.stand)
    with read(closing.runtime.engine) as session:
        log = log_of(session, task.id, closing.approval.login, until=closing.word.id)
        facts = replace(
            branch_facts(session, task, changes, closing.word.created_at, log),
            test_command=runnable(detect_tests(AtCommit(mirror, closing.stand), config).command),
            max_retries=closing.runtime.settings.max_retries,
            **shown(session, task),
        )
    return branch_files(replace(task, status=TaskStatus.COMPLETED, fail_reason=None), facts)


def _recorded(runtime: Runtime, task: TaskView, lease: Lease, sha: str) -> list[Effect]:
    """Written down with the end of the task, in one transaction. Raises Lost where a person stopped it meanwhile."""
    with write(runtime.engine) as session:
        leases.progressed(session, lease)
        now = tasks.by_id(session, task.id)
        if now.status is not TaskStatus.EXECUTING:
            raise Lost(f"task {task.key} is {now.status}")
        tasks.set_fields(session, task.id, head_sha=sha)
        events.append(session, task.id, "COMMIT_CREATED", sha)
        events.append(session, task.id, "PUSH_COMPLETED", task.branch or "")
        name = f"check:{sha}"
        check = effect(now, EffectKind.CHECK_RUN, name, Priority.STATUS, target={"sha": sha}, coalesce=name)
        effects = [check, *record.complete(session, now, runtime.web_url)]
        outbox.add(session, effects)
    get_log().info("what was left out is taken back", task_key=task.key, commit=sha)
    failpoint("left_out.after_record")
    return effects
