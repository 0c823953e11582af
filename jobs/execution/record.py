"""What a step came to, written down with what follows from it in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace

from sqlalchemy.orm import Session

from ghapp.say import report, telegram
from ghapp.say.facts import FailureFacts
from jobs.checks.result import CheckResult, Layer, Status
from jobs.checks.stored import check_json, counts_json
from jobs.effects import STEPS_SLOT, comment, effect, follow_up, links_of, mirror
from jobs.execution.authorship import subject
from jobs.execution.brakes import Judged
from jobs.execution.commit import Candidate, Red
from jobs.execution.findings import Debugged, shown
from jobs.execution.work import Taken
from jobs.facts import FAILURE, commits, final_facts, finished, keep, ready, setup_of
from jobs.outcomes import step_failed
from jobs.setup.belongs import summed
from state.db.engine import write
from state.effects import Effect, EffectKind, Priority
from state.failpoint import failpoint
from state.lifecycle import StepEvent, TaskEvent, TaskStatus
from state.logs import get_log
from state.plan.dod import Evidence, attempt_items, done_items, satisfied
from state.store import events, outbox, steps, tasks
from state.views import TaskView

PASSED = Judged("")
UNSAID = CheckResult("", Layer.CRITICAL, Status.NOT_RUN, "")


def step_done(
    taken: Taken, candidate: Candidate, results: Sequence[CheckResult], number: int, summary: str, handoff: str
) -> list[Effect]:
    """The step is green and pushed: verdict, results, events, status, mirror, the bell for the next one or the end."""
    output = {
        kind: [c.path for c in candidate.changes if c.what == kind] for kind in ("created", "modified", "deleted")
    }
    files = sorted(change.path for change in candidate.changes)
    checks = [check_json(one) for one in results]
    items = done_items([Evidence(checks, candidate.sha, candidate.sha, stored=True)])
    with write(taken.runtime.engine) as session:
        steps.move(session, taken.lease, StepEvent.EDITED)
        steps.move(session, taken.lease, StepEvent.CHECKED)
        _verdict(session, taken, "passed", results)
        events.append(session, taken.task.id, "COMMIT_CREATED", candidate.sha, step_id=taken.view.row_id)
        events.append(session, taken.task.id, "PUSH_COMPLETED", taken.task.branch or "", step_id=taken.view.row_id)
        steps.done(
            session,
            taken.lease,
            candidate.sha,
            pushed_sha=candidate.sha,
            output={
                **output,
                "files": files,
                "left_out": list(summed(candidate.left_out)),
                "extra": dict(candidate.extra),
                "subject": subject(taken),
            },
            test_results=counts_json(results),
            validation_results=checks,
            definition_of_done_satisfied=satisfied(items),
            handoff=handoff or summary,
            agent_role="executor",
            agent_model=taken.model,
        )
        tasks.set_fields(session, taken.task.id, head_sha=candidate.sha, activity=None)
        effects = after_step(session, taken, candidate.sha)
        outbox.add(session, effects)
    get_log().info("step done", task_key=taken.task.key, step=taken.view.id, commit=candidate.sha, attempt=number)
    failpoint("step.after_record")
    return effects


def after_step(session: Session, taken: Taken, sha: str) -> list[Effect]:
    """The end of the task if that was its last step, else the next one."""
    task = tasks.by_id(session, taken.task.id)
    web = taken.runtime.web_url
    check = effect(
        task, EffectKind.CHECK_RUN, f"check:{sha}", Priority.STATUS, target={"sha": sha}, coalesce=f"check:{sha}"
    )
    if steps.finished(session, task.id):
        return [check, *complete(session, task, web)]
    mirrored = mirror(
        task, f"steps:{taken.view.id}:{taken.view.round}", telegram.steps(task, links_of(task, web)), STEPS_SLOT
    )
    return [check, mirrored, *follow_up(session, task, task, web, why=f"{taken.view.id}:{taken.view.round}")]


def complete(session: Session, task: TaskView, web: str) -> list[Effect]:
    """COMPLETED with its final report."""
    tasks.transition(session, task, TaskEvent.ALL_DONE, actor="devtask", activity=None)
    now = tasks.by_id(session, task.id)
    facts, links = final_facts(session, now), links_of(now, web)
    return [
        comment(now, f"final:r{now.revision}", report.final_report(now, facts, links)),
        mirror(now, f"steps:final:r{now.revision}", telegram.steps(now, links), STEPS_SLOT),
        mirror(now, f"final:r{now.revision}", telegram.finished(now, facts, links)),
        *follow_up(session, task, now, web),
    ]


def attempt_failed(taken: Taken, red: Red, verdict: Judged) -> None:
    """A verdict that is not the last: the step goes on with feedback."""
    get_log().warning("attempt failed", task_key=taken.task.key, step=taken.view.id, why=red.feedback[:2000])
    with write(taken.runtime.engine) as session:
        _verdict(session, taken, "failed", red.results, red.feedback, verdict)
        for event in (StepEvent.FAIL, StepEvent.RETRY, StepEvent.START):
            steps.move(session, taken.lease, event)
        events.append(
            session, taken.task.id, "STEP_RETRIED", red.feedback.split("\n", 1)[0][:300], step_id=taken.view.row_id
        )


def failed_for_good(
    taken: Taken, red: Red, verdict: Judged, branch_head: str | None, claimed: str, found: Debugged
) -> list[Effect]:
    """The last verdict: the step failed, what needs it is blocked, the task is FAILED and told.

    `claimed` is what the executor said last of its own work, `found` what the debug agent made of it.
    """
    get_log().error("step failed", task_key=taken.task.key, step=taken.view.id, why=red.feedback[:2000])
    with write(taken.runtime.engine) as session:
        number = _verdict(session, taken, "failed", red.results, red.feedback, verdict)
        blocked = steps.fail(session, taken.lease, red.feedback[:2000])
        if branch_head is not None:
            tasks.set_fields(session, taken.task.id, head_sha=branch_head)
        facts = analysed(
            replace(failure(session, taken, red, blocked, number + 1), claimed=claimed, wip=branch_head or ""), found
        )
        keep(session, taken.task.id, FAILURE, asdict(facts))
        task = tasks.by_id(session, taken.task.id)
        if task.status is not TaskStatus.EXECUTING:
            return []
        return step_failed(session, task, facts, taken.runtime.web_url)


def blocked(taken: Taken, missing: CheckResult) -> list[Effect]:
    """A critical precondition does not hold: no model was asked and no attempt is used up."""
    red = Red("precondition", missing.summary, (missing,))
    with write(taken.runtime.engine) as session:
        others = steps.block(session, taken.lease, missing.summary)
        facts = failure(session, taken, red, others, 0)
        keep(session, taken.task.id, FAILURE, asdict(facts))
        return step_failed(session, tasks.by_id(session, taken.task.id), facts, taken.runtime.web_url)


def failure(session: Session, taken: Taken, red: Red, blocked: Sequence[str], attempts: int) -> FailureFacts:
    """The facts of the failure report."""
    bad = next((one for one in red.results if one.stops), UNSAID)
    items = attempt_items([check_json(one) for one in red.results])
    numbers = {step.id: step.number for step in taken.task.steps}
    return FailureFacts(
        reason=red.reason,
        step_number=taken.view.number,
        step_title=taken.view.title,
        attempts=attempts,
        command=bad.command,
        exit_code=bad.exit_code,
        tail=bad.tail or red.feedback,
        branch=taken.task.branch or "",
        safe=commits(finished(session, taken.task.id)),
        blocked=tuple(numbers[key] for key in blocked if key in numbers),
        log=f"{taken.task.key}/execution.log",
        seconds=bad.seconds,
        done_items=items,
        setup=ready(setup_of(session, taken.task.id), items),
    )


def analysed(facts: FailureFacts, found: Debugged) -> FailureFacts:
    """The facts with the debug agent's analysis, or with why there is none."""
    one = found.analysis
    if one is None:
        return replace(facts, unanalysed=found.missing)
    return replace(facts, root_cause=one.root_cause, symptoms=one.symptoms, proposals=shown(one))


def _verdict(
    session: Session,
    taken: Taken,
    result: str,
    results: Sequence[CheckResult],
    feedback: str = "",
    verdict: Judged = PASSED,
) -> int:
    number = steps.add_attempt(
        session,
        taken.lease,
        kind="step",
        passed=result == "passed",
        checks=[check_json(one) for one in results],
        feedback=feedback,
        reason=verdict.reason,
        fingerprints=verdict.fingerprints,
        green=verdict.green,
        model=taken.model,
        started_at=taken.started_at,
    )
    counted = counts_json(results)
    if counted:
        event = "TEST_PASSED" if not counted["failed"] else "TEST_FAILED"
        events.append(session, taken.task.id, event, str(counted), step_id=taken.view.row_id)
    return number
