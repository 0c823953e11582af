"""After `/skip` of what was open last: one closing commit, so that the branch ends with what passed and nothing else.

A step that failed for good leaves its work on the branch as a `wip:` commit. A later step begins where the last
finished one ended; where there is no later step, this commit goes back there.
"""

from __future__ import annotations

from dataclasses import replace

from jobs.checks.testplan import detect_tests
from jobs.effects import effect
from jobs.execution import closing, record
from jobs.execution.branch import branch_facts, log_of, shown
from jobs.execution.closing import Closing
from jobs.execution.publish import ApproverLost, Going
from jobs.git.changes import changed_files
from jobs.git.closing import tree_with
from jobs.git.mirror import Mirror
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
from state.store.base import Lost
from state.store.events import Event
from state.store.leases import Lease
from state.views import TaskView

SUBJECT = "chore: take back what was left out"
BODY = "{login} left out step {step}. What it had begun is taken back: the branch ends with the work that passed."


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
    sha = closing.make(runtime, task, mirror, _closing(runtime, task, mirror, word, approval.login))
    base = task.base_branch or facts.default_branch
    closing.deliver(Going(runtime, task, approval, mirror, facts, base, lambda: heart.lost), sha, "left_out")
    return _recorded(runtime, task, lease, sha)


def _closing(runtime: Runtime, task: TaskView, mirror: Mirror, word: Event, approved_by: str) -> Closing:
    """The tree of the step that was finished last, or of the base, with our files as they are told of the end."""
    stand = task.finished_last or task.base_sha or ""
    tree = tree_with(mirror, stand, _files(runtime, task, mirror, word, approved_by))
    step = next((one.number for one in task.steps if one.id == word.message), 0)
    held = bool(task.options.get("ci_hold", True))
    body = BODY.format(login=word.actor, step=step)
    return Closing("skip", SUBJECT, body, word.created_at, tree, since=stand, held=held)


def _files(runtime: Runtime, task: TaskView, mirror: Mirror, word: Event, approved_by: str) -> dict[str, str]:
    """`.dev-tasks/` as it is told of the finished task: path -> text. Nothing counts that came after the word."""
    base = task.base_sha or ""
    stand = task.finished_last or base
    with read(runtime.engine) as session:
        log = log_of(session, task.id, approved_by, until=word.id)
        facts = replace(
            branch_facts(session, task, changed_files(mirror, base, stand), word.created_at, log),
            test_command=runnable(detect_tests(AtCommit(mirror, stand), read_config(mirror, base)).command),
            max_retries=runtime.settings.max_retries,
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
