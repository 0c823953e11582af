"""Facts that only an approval needs, read from GitHub at that moment."""

from __future__ import annotations

from ghapp.clients.errors import ClientError, Gone
from ghapp.clients.github import Talk
from ghapp.decision import CommandComment, IssueNow, Live, PlanComment, Source, SourceKind
from jobs.runtime import Runtime
from state.db.engine import read
from state.store import approvals, artifacts, links
from state.views import TaskView

ISSUE_TEXT = "issue"


def issue_now(talk: Talk, number: int, seen: IssueNow) -> IssueNow:
    """The issue as it is now; where GitHub cannot say, as the delivery told it (an approval then compares that)."""
    try:
        found = talk.issue(number)
    except ClientError:
        return seen
    return IssueNow(found.number, found.title, found.body, found.is_pull_request)


def live_facts(runtime: Runtime, talk: Talk, task: TaskView, source: Source) -> Live:
    """What stands on GitHub now of the plan's comment and of the comment that approves."""
    plan, text = _plan_comment(runtime, talk, task)
    return Live(
        plan_comment=plan,
        command_comment=_command_comment(talk, source),
        issue_then=_issue_then(runtime, task),
        plan_text=text,
        approved_by=_approved_by(runtime, task),
    )


def _plan_comment(runtime: Runtime, talk: Talk, task: TaskView) -> tuple[PlanComment, str | None]:
    if task.plan is None or task.plan.comment_id is None:
        return PlanComment.MISSING, None
    comment_id = task.plan.comment_id
    with read(runtime.engine) as session:
        ours = links.last_sent(session, task.repo.id, comment_id)
    try:
        found = talk.comment(comment_id)
    except Gone:
        return PlanComment.MISSING, ours
    except ClientError:
        return PlanComment.UNKNOWN, ours
    with read(runtime.engine) as session:
        intact = links.was_sent(session, task.repo.id, comment_id, unticked(found.body))
    return (PlanComment.INTACT if intact else PlanComment.EDITED), ours


def unticked(body: str) -> str:
    """The body with its boxes empty: a tick in progress is no edit of the plan."""
    return body.replace("- [x] **", "- [ ] **").replace("- [X] **", "- [ ] **")


def _command_comment(talk: Talk, source: Source) -> CommandComment:
    if source.kind is not SourceKind.COMMENT or source.comment_id is None:
        return CommandComment.SAME
    from ghapp.decision import text_hash

    try:
        found = talk.comment(source.comment_id)
    except Gone:
        return CommandComment.DELETED
    except ClientError:
        return CommandComment.UNKNOWN
    return CommandComment.SAME if text_hash(found.body) == source.body_hash else CommandComment.EDITED


def _issue_then(runtime: Runtime, task: TaskView) -> str | None:
    with read(runtime.engine) as session:
        stored = artifacts.of_task(session, task.id, ISSUE_TEXT)
        raw = artifacts.content(session, stored[-1].id) if stored else None
    return raw.decode("utf-8", "replace") if raw is not None else None


def _approved_by(runtime: Runtime, task: TaskView) -> str | None:
    with read(runtime.engine) as session:
        found = approvals.live(session, task.id)
    return found.login if found else None
