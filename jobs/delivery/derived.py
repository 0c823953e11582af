"""Effects rendered from the database when they are sent: whoever sends last says what is true now."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import timedelta

from sqlalchemy.orm import Session

from ghapp.clients.errors import Gone
from ghapp.clients.github import CheckOutput
from ghapp.say import money
from ghapp.say.check_run import check_run as check_text
from ghapp.say.facts import Estimate, StepDone
from ghapp.say.status import status_comment
from ghapp.say.turn import MIRROR_LABELS, label
from jobs.delivery.comments import find, marked, post, remember, write_over
from jobs.delivery.sending import READS, NotSeenYet, Postponed, Sending
from jobs.dod import items_of
from jobs.facts import failed_findings, failure_facts, final_facts, finished, found_by, stand_ins, warnings
from jobs.planning.estimate import estimate
from state.clock import clock
from state.db.engine import read, write
from state.failpoint import failpoint
from state.lifecycle import TaskStatus
from state.store import links
from state.views import TaskView

EVERY = timedelta(seconds=15)
ANNOTATED = "annotated"


def status(sending: Sending) -> int:
    """The one status comment: made once, then edited at most every 15 s; its id."""
    task = _task(sending)
    text = status_comment(task, sending.links, clock(), planned(task), _notes(sending, task))
    op_id = hashlib.sha256(f"status:{task.id}".encode()).hexdigest()[:32]
    known = task.status_comment_id
    if known is None:
        found = find(sending, op_id) if sending.row.verify else None
        made = found or post(sending, op_id, text)
        # Somebody may have written over one that is found by now, so it is written anew.
        _known(sending, task, made.id, "" if found else made.body)
        if found is None:
            remember(sending, made.id, made.body)
            return made.id
        known = found.id
    return _update(sending, task, known, marked(sending, op_id, text))


def _notes(sending: Sending, task: TaskView) -> list[str]:
    """Budgets that are nearly spent, and models that stand in for others."""
    with read(sending.run.engine) as session:
        told, stood = warnings(session, task.id), stand_ins(session, task.id)
    return [*money.warnings(task, told), *money.stood_in(task.language, stood)]


def _update(sending: Sending, task: TaskView, comment_id: int, body: str) -> int:
    with read(sending.run.engine) as session:
        known = links.get_link(session, "status_comment", task.id, "github")
        if known is not None and known.external_key == links.body_hash(body):
            return comment_id
        last = links.last_sent_at(session, task.repo.id, comment_id)
    if last is not None and clock() < last + EVERY:
        raise Postponed((last + EVERY - clock()).total_seconds())
    try:
        write_over(sending, comment_id, body)
    except Gone:
        with write(sending.run.engine) as session:
            links.drop_link(session, "status_comment", task.id, "github")
        raise Postponed(1.0) from None
    _known(sending, task, comment_id, body)
    return comment_id


def _known(sending: Sending, task: TaskView, comment_id: int, body: str) -> None:
    """What GitHub shows now, as far as it told us: a body that we only meant to send is not among it."""
    with write(sending.run.engine) as session:
        shown = links.body_hash(body)
        links.set_link(session, "status_comment", task.id, "github", comment_id, external_key=shown)


def labels(sending: Sending) -> None:
    """One label that says who must act; other people's labels stay."""
    task = _task(sending)
    failpoint("outbox.before_label")
    sending.talk.set_label(task.issue_number, label(task), MIRROR_LABELS)
    failpoint("outbox.after_label")


def check_run(sending: Sending) -> int | None:
    """The check run on the branch head."""
    task = _task(sending)
    sha = str(sending.row.target["sha"])
    with read(sending.run.engine) as session:
        shown = check_output(session, task, sha)
        known = links.get_link(session, "check_run", f"{task.id}:{sha}", "github")
    # GitHub adds annotations to those of before
    shown = replace(shown, annotations=()) if known and known.external_key == ANNOTATED else shown
    output = _gated(sending, shown)
    key = ANNOTATED if output.annotations or (known and known.external_key) else ""
    found = int(known.external_id) if known else None
    if found is None:
        failpoint("outbox.before_check")
        found = _made_before(sending, sha, output) if sending.row.verify else None
        sending.asking()
        found = found or sending.talk.create_check_run(sha, output)
        failpoint("outbox.after_check")
        with write(sending.run.engine) as session:
            links.set_link(session, "check_run", f"{task.id}:{sha}", "github", found, external_key=key)
        return found
    sending.talk.update_check_run(found, output)
    with write(sending.run.engine) as session:
        links.set_link(session, "check_run", f"{task.id}:{sha}", "github", found, external_key=key)
    return found


def check_output(session: Session, task: TaskView, sha: str) -> CheckOutput:
    """What the check run on a commit says: how the task ended, or what the step of that commit left."""
    if task.status is TaskStatus.COMPLETED:
        return check_text(task, final_facts(session, task), None, found_by(session, task.id))
    if task.status is TaskStatus.FAILED:
        return check_text(task, None, failure_facts(session, task.id), failed_findings(session, task))
    records = [one for one in finished(session, task.id) if one.commit_sha == sha]
    step = StepDone(records[0].number, items_of(records, task.branch or "")) if records else None
    return check_text(task, step=step)


def _made_before(sending: Sending, sha: str, output: CheckOutput) -> int | None:
    """The check run of an earlier try; None once three reads did not see it. Raises NotSeenYet."""
    found = sending.talk.find_check_run(sha, output.external_id)
    if found is None and sending.row.reads + 1 < READS:
        raise NotSeenYet
    return found


def _gated(sending: Sending, output: CheckOutput) -> CheckOutput:
    def clean(text: str) -> str:
        return sending.run.redactor.redact(text).text

    marks = [replace(one, message=clean(one.message), title=clean(one.title)) for one in output.annotations]
    return replace(
        output,
        annotations=tuple(marks),
        title=clean(output.title),
        summary=sending.emitted(output.summary),
        text=sending.emitted(output.text) if output.text else "",
    )


def planned(task: TaskView) -> Estimate | None:
    """What the plan in force was to take."""
    return estimate(task.plan.plan) if task.plan else None


def _task(sending: Sending) -> TaskView:
    task = sending.task
    if task is None:
        raise LookupError(f"effect {sending.row.op_id} has no task")
    return task
