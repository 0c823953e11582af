"""`ci`: after `/ci`, one closing commit on the task's branch that holds CI back no more, pushed as any other.

The word stands in the task's options until it is carried out, so a bell that was lost is rung again by the sweep.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from ghapp.clients.errors import ClientError
from ghapp.emit.inert import Md, code
from ghapp.say.messages import say
from jobs.effects import comment, effect, status
from jobs.execution import closing
from jobs.execution.closing import Closing
from jobs.execution.publish import Going
from jobs.git.closing import tree_without
from jobs.git.errors import GitError
from jobs.git.message import HOLD
from jobs.git.mirror import Mirror
from jobs.git.refs import trailers_of
from jobs.heart import Heart
from jobs.repository import remote_for
from jobs.ringing import ring_now
from jobs.runner import job
from jobs.runtime import Runtime
from jobs.setup.config import read_config
from state.db.engine import read, write
from state.effects import Effect, EffectKind, Priority
from state.errors import Told
from state.failpoint import failpoint
from state.lifecycle import TaskStatus
from state.logs import get_log
from state.plan.branch_facts import FOLDER
from state.store import approvals, events, leases, outbox, tasks
from state.store.leases import Lease, Poisoned
from state.views import CI, TaskView

ENDED = (TaskStatus.COMPLETED, TaskStatus.FAILED)
SUBJECT, BODY = "chore: let CI run", "{login} asked for it; the commits before this one held it back."


@job("ci")
def run(runtime: Runtime, seq: int) -> None:
    """Make and push the closing commit of one task, if somebody asked for it and it is not done."""
    with read(runtime.engine) as session:
        task = tasks.by_seq(session, seq)
    if not is_asked(task):
        return
    try:
        with write(runtime.engine) as session:
            lease = leases.take(session, "task", task.id, runtime.owner)
    except Poisoned:
        _answer(runtime, task, None, Told("commands.ci.stuck"))
        return
    if lease is not None:
        _under_lease(runtime, task, lease)


def is_asked(task: TaskView) -> bool:
    """Whether a `/ci` waits for this task."""
    return task.status in ENDED and (task.options.get(CI) or {}).get("state") == "asked"


def _under_lease(runtime: Runtime, task: TaskView, lease: Lease) -> None:
    try:
        with Heart(runtime.engine, lease, task.id, task.status) as heart:
            _carry_out(runtime, task, lease, heart)
    except Told as refused:
        _answer(runtime, task, lease, refused)
    except (ClientError, GitError) as trouble:
        get_log().warning("ci waits", task_key=task.key, why=str(trouble))
        with write(runtime.engine) as session:
            leases.excuse(session, lease)
    finally:
        with write(runtime.engine) as session:
            leases.release(session, lease)


def _carry_out(runtime: Runtime, task: TaskView, lease: Lease, heart: Heart) -> None:
    with read(runtime.engine) as session:
        approval = approvals.live(session, task.id)
    if approval is None or task.head_sha is None:
        raise Told("commands.ci.no_approval")
    facts = runtime.github.talk(task.repo).repo_facts()
    mirror = Mirror(runtime.settings.repos_path, task.repo.id)
    mirror.sync(remote_for(runtime, task.repo, facts, "read"), task.head_sha)
    if not trailers_of(mirror, task.head_sha).get(HOLD[0].lower(), "").startswith("hold"):
        _record(runtime, task, lease, None)
        return
    sha = closing.make(runtime, task, mirror, _closing(task, mirror))
    base = task.base_branch or facts.default_branch
    closing.deliver(Going(runtime, task, approval, mirror, facts, base, lambda: heart.lost), sha, "ci")
    _record(runtime, task, lease, sha)


def _closing(task: TaskView, mirror: Mirror) -> Closing:
    """The head's tree, without our folder where the repository wants that."""
    assert task.head_sha is not None
    asked: Mapping[str, Any] = task.options[CI]
    config = read_config(mirror, task.base_sha) if task.base_sha else None
    without = FOLDER if config is not None and config.dev_tasks == "remove" else None
    tree = tree_without(mirror, task.head_sha, without)
    when = datetime.fromisoformat(asked["at"])
    return Closing("ci", SUBJECT, BODY.format(login=asked["login"]), when, tree, since=task.head_sha)


def _record(runtime: Runtime, task: TaskView, lease: Lease, sha: str | None) -> None:
    """Written down and told in one transaction; `sha` None: nothing held CI back."""
    with write(runtime.engine) as session:
        leases.progressed(session, lease)
        now = _settled(session, task, "done", sha or task.head_sha)
        effects = [_told(now, sha), status(now, f"ci:{sha}")]
        if sha is not None:
            tasks.set_fields(session, task.id, head_sha=sha)
            events.append(session, task.id, "COMMIT_CREATED", sha)
            events.append(session, task.id, "PUSH_COMPLETED", task.branch or "")
            target = {"sha": sha}
            effects.append(
                effect(
                    now, EffectKind.CHECK_RUN, f"check:{sha}", Priority.STATUS, target=target, coalesce=f"check:{sha}"
                )
            )
        outbox.add(session, effects)
    get_log().info("ci may run", task_key=task.key, commit=sha or "-")
    failpoint("ci.after_record")
    ring_now(runtime, effects, deliver=task.seq)


def _told(task: TaskView, sha: str | None) -> Effect:
    branch, asked = Md(code(task.branch or "")), task.options[CI]
    if sha is None:
        text = say(task.language, "commands.ci.nothing_held", branch=branch)
    else:
        shown = Md(code(sha[:7]))
        text = say(task.language, "commands.ci.done", sha=shown, branch=branch, login=str(asked["login"]))
    return comment(task, f"ci:{asked['at']}", text)


def _answer(runtime: Runtime, task: TaskView, lease: Lease | None, refused: Told) -> None:
    """Not possible now: said once, and asked anew it is tried anew."""
    why = Md(say(task.language, refused.key, **refused.params))
    with write(runtime.engine) as session:
        if lease is not None:
            leases.guard(session, lease)
        now = _settled(session, task, "failed", None)
        leases.forgive(session, "task", task.id)
        text = say(task.language, "commands.ci.not_pushed", why=why)
        effects = [comment(now, f"ci:{now.options[CI]['at']}", text)]
        outbox.add(session, effects)
    ring_now(runtime, effects, deliver=task.seq)


def _settled(session: Session, task: TaskView, state: str, sha: str | None) -> TaskView:
    """The word is carried out or refused, unless another one was given meanwhile; the task as it is then."""
    now = tasks.by_id(session, task.id)
    row = {**task.options[CI], "state": state, "sha": sha}
    if (now.options.get(CI) or {}).get("at") == task.options[CI]["at"]:
        options = {**now.options, CI: row}
        tasks.set_fields(session, task.id, options=options)
        return replace(now, options=options)
    return replace(now, options={**now.options, CI: row})
