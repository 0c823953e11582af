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
        raise NotPushed("paused.by_push_guarded", branch=branch)
    if taken.heart.lost:
        raise Lost(f"step {taken.view.id} is somebody else's")
    remote = remote_for(runtime, ref, bench.repository.facts, "push")
    protected = {bench.repository.facts.default_branch, bench.repository.base}
    found = push(bench.repository.mirror, remote, branch, sha, taken.task.head_sha, protected)
    if found.outcome is Outcome.UNAVAILABLE:
        raise Retry(f"push of {branch}: {found.reason}")
    _accepted(found, branch)
    return found


def _accepted(found: Push, branch: str) -> None:
    """Raises NotPushed with the far end's own words, or with what became of the branch meanwhile."""
    if found.outcome is Outcome.REFUSED:
        raise NotPushed("paused.by_push_refused", branch=branch, why=last_line(found.output) or found.reason)
    if found.outcome is Outcome.CONFLICT and found.reason == "deleted":
        raise NotPushed("paused.by_push_deleted", branch=branch)
    if found.outcome is Outcome.CONFLICT:
        raise NotPushed("paused.by_push_moved", branch=branch)


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
    """The remote's own words, in one line without its full stop."""
    lines = [line.removeprefix("remote:").strip() for line in output.splitlines() if line.startswith("remote:")]
    said = " ".join(line.removeprefix("error:").strip() for line in lines if line)
    return said[:300].rstrip(" .")
