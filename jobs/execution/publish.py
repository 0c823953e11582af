"""The push: the approver's permission asked again, the branch moved by compare-and-set, its outcome a state."""

from __future__ import annotations

from ghapp.clients.errors import Retry, Unanswerable
from jobs.execution.work import Bench, Taken
from jobs.git.push import Outcome, Push, push
from jobs.repository import remote_for
from state.errors import Told
from state.store.base import Lost

WRITERS = frozenset({"write", "maintain", "admin"})


class ApproverLost(Told):
    """Who approved may not write here any more: nothing is pushed."""


class NotPushed(Told):
    """The far end refuses the branch, or it is not as we left it: a person must look."""


def publish(taken: Taken, bench: Bench, sha: str) -> Push:
    """Push the commit to the task's own branch. Raises ApproverLost, NotPushed, Retry (not reachable: later again)."""
    check_approver(taken)
    branch = taken.task.branch
    if branch is None:
        raise NotPushed("paused.by_push", why="the task has no branch")
    runtime, ref = taken.runtime, taken.task.repo
    guarded = runtime.github.talk(ref).branch_facts(branch)
    if guarded.protected:
        raise NotPushed("paused.by_push", why=f"{branch} is protected")
    if taken.heart.lost:
        raise Lost(f"step {taken.view.id} is somebody else's")
    remote = remote_for(runtime, ref, bench.repository.facts, "push")
    protected = {bench.repository.facts.default_branch, bench.repository.base}
    found = push(bench.repository.mirror, remote, branch, sha, taken.task.head_sha, protected)
    if found.outcome is Outcome.UNAVAILABLE:
        raise Retry(f"push of {branch}: {found.reason}")
    if found.outcome in (Outcome.CONFLICT, Outcome.REFUSED):
        said = f"{found.outcome.value} ({found.reason})"
        raise NotPushed("paused.by_push", why=f"{said} {last_line(found.output)}".strip())
    return found


def check_approver(taken: Taken) -> None:
    """The approver must be able to write now. Raises ApproverLost, or Retry when GitHub cannot say."""
    approval = taken.approval
    try:
        role = taken.runtime.github.talk(taken.task.repo).permission(approval.login, approval.user_id)
    except Unanswerable as silent:
        raise Retry(str(silent)) from silent
    if role not in WRITERS:
        raise ApproverLost("paused.by_approver", login=approval.login)


def last_line(output: str) -> str:
    """The remote's own word, in one line."""
    lines = [line.removeprefix("remote:").strip() for line in output.splitlines() if line.startswith("remote:")]
    return " ".join(line for line in lines if line)[:300]
