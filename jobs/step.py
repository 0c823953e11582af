"""`step`: takes ONE step of an approved plan under a lease, carries it out, and rings for the next."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy.orm import Session

from ai.executor.agent import StepOutcome, claim
from ai.executor.feedback import Feedback
from ai.limits import Exit
from ghapp.say.messages import plain
from jobs.execution import left_out, record
from jobs.execution.attempt import attempt, checkpoint, ended
from jobs.execution.brakes import LAST, Judged, Rung, Verdict, judged, rung
from jobs.execution.commit import Candidate, Red, adopted, commit, last_word, reasoned, undo, unfinished
from jobs.execution.debug import analysed
from jobs.execution.feedback import feedback_for
from jobs.execution.held import before_attempt
from jobs.execution.preconditions import preconditions
from jobs.execution.prepare import bench, say
from jobs.execution.publish import ApproverLost, NotPushed, publish
from jobs.execution.wip import push_wip
from jobs.execution.work import Bench, Taken
from jobs.heart import Heart
from jobs.parking import Parking, parked
from jobs.ringing import ring_now
from jobs.runner import job
from jobs.runtime import Runtime
from state.clock import clock
from state.db.engine import read, write
from state.effects import Effect
from state.errors import BudgetReached
from state.failpoint import failpoint
from state.lifecycle import PauseReason, TaskStatus
from state.logs import get_log
from state.store import approvals, outbox, steps, tasks
from state.store.base import Lost
from state.store.steps import AttemptView, TakenStep
from state.views import TaskView

LINE = 8
"""Tasks that one bell tries to take before it is silent: the others of its length are being worked at already."""
LIMITS = {Exit.TURNS: "turns", Exit.TIME: "time", Exit.MONEY: "money", Exit.TOKENS: "tokens"}
REASONS = {Exit.STUCK: "same_call"}


@job("step")
def run(runtime: Runtime, seq: int) -> None:
    """Take one step of the task whose turn it is; the number only names the bell that rang (promises G14)."""
    failpoint("worker.after_dequeue")
    with read(runtime.engine) as session:
        line = tasks.to_execute(session, LINE)
    for chosen in line if seq in line else (*line, seq):
        try:
            if _one(runtime, chosen):
                return
        except Lost as lost:
            get_log().info("somebody else was faster", what=str(lost))


def _one(runtime: Runtime, seq: int) -> bool:
    """Take the next step of one task; whether there was something to do: none is free, or somebody works on it."""
    parking = Parking(runtime, seq)
    with read(runtime.engine) as session:
        task = tasks.by_seq(session, seq)
    found = None
    with parking.poison(), write(runtime.engine) as session:
        found = steps.take_next(session, task.id, runtime.owner)
    if parking.ended:
        return True
    if found is None:
        return _end_if_finished(runtime, task, parking)
    failpoint("step.after_take")
    _work(runtime, parking, task, found)
    return True


def _end_if_finished(runtime: Runtime, task: TaskView, parking: Parking) -> bool:
    """Nothing to take: a person left out what was open last, or a crash came between the last step and the end."""
    with read(runtime.engine) as session:
        now = _over(session, task)
    if now is None:
        return False
    if (word := left_out.word_of(runtime, now)) is not None:
        return left_out.put_back(runtime, now, word, parking)
    with write(runtime.engine) as session:
        now = _over(session, task)
        if now is None:
            return False
        effects = record.complete(session, now, runtime.web_url)
        outbox.add(session, effects)
    ring_now(runtime, effects, deliver=task.seq)
    return True


def _over(session: Session, task: TaskView) -> TaskView | None:
    """The task as it is now, if it still runs and none of its steps is open."""
    now = tasks.by_id(session, task.id)
    return now if now.status is TaskStatus.EXECUTING and steps.finished(session, task.id) else None


def _work(runtime: Runtime, parking: Parking, task: TaskView, found: TakenStep) -> None:
    with (
        Heart(runtime.engine, found.lease, task.id, TaskStatus.EXECUTING) as heart,
        parked(parking, found.lease, heart),
    ):
        with read(runtime.engine) as session:
            now = tasks.by_id(session, task.id)
            approval = approvals.live(session, task.id, now.plan.plan_hash if now.plan else "")
        if approval is None or heart.stopped():
            return
        taken = Taken(runtime, now, found.step, found.lease, approval, heart, clock())
        try:
            effects = _carry_out(taken, parking)
        except ApproverLost as lost:
            parking.park(PauseReason.APPROVER_LOST, lost.key, **lost.params)
            return
        except NotPushed as refused:
            parking.park(PauseReason.DECISION, refused.key, **refused.params)
            return
        ring_now(runtime, effects, deliver=task.seq)


def _carry_out(taken: Taken, parking: Parking) -> list[Effect]:
    """Preconditions, what a crash left, then the attempts; the effects of what came of it."""
    with bench(taken) as place:
        missing = preconditions(place, taken.step.preconditions)
        if missing is not None:
            return record.blocked(taken, missing)
        left = adopted(taken, place)
        if left is not None:
            number = len(_failed(taken))
            outcome = ended(taken, number)
            found = _judge(taken, place, reasoned(left, taken.step, outcome), number, outcome)
            if not isinstance(found, Red):
                return found
        return _attempts(taken, place, parking)


def _attempts(taken: Taken, place: Bench, parking: Parking) -> list[Effect]:
    """The first try and at most MAX_RETRIES more, each told more than the one before; fewer where a brake is met."""
    retries = taken.runtime.settings.max_retries
    failed: list[Verdict] = list(_failed(taken))
    goes_on = before_attempt(taken, place, len(failed))
    while True:
        number, now = len(failed), rung(failed, retries) or Rung(LAST, last=True)
        feedback = replace(feedback_for(taken, place, now), goes_on=goes_on)
        say(taken, "activity.editing", number=taken.view.number, title=taken.view.title, attempt=number + 1)
        outcome, written = _tried(taken, place, number, feedback)
        if outcome.status is Exit.CANCELLED or taken.heart.stopped():
            return []
        if outcome.status in LIMITS:
            return _limit(taken, place, parking, outcome, number)
        red = _verdict(taken, place, number, outcome, written)
        if not isinstance(red, Red):
            return red
        if taken.heart.stopped():
            return []
        verdict = judged(red.reason, red.results, place.baseline.report, failed)
        red, failed, goes_on = replace(red, reason=verdict.reason), [*failed, verdict], ""
        if now.last or rung(failed, retries) is None:
            return _give_up(taken, place, red, verdict, number)
        record.attempt_failed(taken, red, verdict)


def _failed(taken: Taken) -> list[AttemptView]:
    """The verdicts of this round so far."""
    with read(taken.runtime.engine) as session:
        return steps.attempts(session, taken.view.row_id, only_round=taken.view.round)


def _tried(taken: Taken, place: Bench, number: int, feedback: Feedback) -> tuple[StepOutcome, tuple[str, ...]]:
    """One attempt. A budget that is reached in the middle of it throws nothing away. Raises BudgetReached."""
    try:
        return attempt(taken, place, number, feedback)
    except BudgetReached:
        if not taken.heart.stopped():
            _keep(taken, place, number, plain(taken.task.language, "attempt.budget"))
        raise


def _verdict(
    taken: Taken, place: Bench, number: int, outcome: StepOutcome, written: tuple[str, ...]
) -> list[Effect] | Red:
    """What programs say of an attempt: nothing of it rests on the executor's word."""
    if outcome.status is not Exit.DONE:
        said = plain(taken.task.language, "attempt.ended", how=outcome.status.value, detail=outcome.detail or "-")
        return unfinished(taken, place, REASONS.get(outcome.status, "model"), said)
    say(taken, "activity.checking", number=taken.view.number)
    candidate = commit(taken, place, number, outcome, written)
    if isinstance(candidate, Red):
        return candidate
    return _judge(taken, place, candidate, number, outcome)


def _judge(
    taken: Taken, place: Bench, candidate: Candidate, number: int, outcome: StepOutcome | None
) -> list[Effect] | Red:
    """The last word on a commit: green is pushed and recorded, red is taken back."""
    found = last_word(taken, place, candidate)
    if taken.heart.stopped():
        return []
    if isinstance(found, Red):
        undo(taken, place, candidate)
        return found
    say(taken, "activity.pushing", branch=taken.task.branch or "")
    publish(taken, place, candidate.sha)
    failpoint("step.before_record")
    summary, handoff = (outcome.summary, outcome.handoff) if outcome else ("", "")
    effects = record.step_done(taken, candidate, found, number, summary, handoff)
    checkpoint(taken, place)
    return effects


def _give_up(taken: Taken, place: Bench, red: Red, verdict: Judged, number: int) -> list[Effect]:
    """The last attempt failed: what is there is kept as a `wip:` commit on the branch, the debug agent says why, and
    the task is FAILED.
    """
    head = push_wip(taken, place, number, red.feedback)
    found = analysed(taken, place, red)
    if found.stopped:
        return []
    claims = (claim(taken.trajectory(earlier)) for earlier in range(number, -1, -1))
    return record.failed_for_good(taken, red, verdict, head, next(filter(None, claims), ""), found)


def _limit(taken: Taken, place: Bench, parking: Parking, outcome: StepOutcome, number: int) -> list[Effect]:
    """A limit pauses and throws nothing away."""
    _keep(taken, place, number, outcome.detail)
    parking.park(PauseReason.LIMIT, "paused.by_limit", why=outcome.detail)
    return []


def _keep(taken: Taken, place: Bench, number: int, why: str) -> None:
    """What is there goes to the branch as a `wip:` commit, which the step's own commit will stand on."""
    head = push_wip(taken, place, number, why)
    if head is not None:
        with write(taken.runtime.engine) as session:
            tasks.set_fields(session, taken.task.id, head_sha=head)
