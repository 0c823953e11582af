"""The push: the approver's permission asked again, the branch moved by compare-and-set, its outcome a state."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ghapp.clients.errors import Retry, Unanswerable
from ghapp.clients.github import RepoFacts
from jobs.execution.work import Bench, Taken
from jobs.git.mirror import Mirror
from jobs.git.push import Outcome, Push, push
from jobs.repository import remote_for
from jobs.runtime import Runtime
from state.errors import Told
from state.store.approvals import ApprovalView
from state.store.base import Lost
from state.views import TaskView

WRITERS = frozenset({"write", "maintain", "admin"})


class ApproverLost(Told):
    """Who approved may not write here any more: nothing is pushed."""


class NotPushed(Told):
    """The far end refuses the branch, or it is not as we left it: a person must look."""


@dataclass(frozen=True)
class Going:
    """What is about to be pushed for a task, and under whose word; `lost` says whether that is still ours to do."""

    runtime: Runtime
    task: TaskView
    approval: ApprovalView
    mirror: Mirror
    facts: RepoFacts
    base: str
    lost: Callable[[], bool]


def publish(taken: Taken, bench: Bench, sha: str) -> Push:
    """Push the commit to the task's own branch. Raises ApproverLost, NotPushed, Retry (not reachable: later again)."""
    repository = bench.repository
    heart = taken.heart
    return send(
        Going(
            taken.runtime,
            taken.task,
            taken.approval,
            repository.mirror,
            repository.facts,
            repository.base,
            lambda: heart.lost,
        ),
        sha,
    )


def send(going: Going, sha: str) -> Push:
    """Ask once more who approved and what GitHub guards, then move the branch. Raises as `publish`, and Lost."""
    check_approver(going)
    runtime, ref, branch = going.runtime, going.task.repo, going.task.branch
    if branch is None:
        raise NotPushed("paused.by_push", why="the task has no branch")
    if runtime.github.talk(ref).branch_facts(branch).protected:
        raise NotPushed("paused.by_push_guarded", branch=branch)
    if going.lost():
        raise Lost(f"the push of {branch} is somebody else's")
    remote = remote_for(runtime, ref, going.facts, "push")
    protected = {going.facts.default_branch, going.base}
    found = push(going.mirror, remote, branch, sha, going.task.head_sha, protected)
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


def check_approver(going: Going) -> None:
    """The approver must be able to write now. Raises ApproverLost, or Retry when GitHub cannot say."""
    approval = going.approval
    try:
        role = going.runtime.github.talk(going.task.repo).permission(approval.login, approval.user_id)
    except Unanswerable as silent:
        raise Retry(str(silent)) from silent
    if role not in WRITERS:
        raise ApproverLost("paused.by_approver", login=approval.login)


def last_line(output: str) -> str:
    """The remote's own words, in one line without its full stop."""
    lines = [line.removeprefix("remote:").strip() for line in output.splitlines() if line.startswith("remote:")]
    said = " ".join(line.removeprefix("error:").strip() for line in lines if line)
    return said[:300].rstrip(" .")
