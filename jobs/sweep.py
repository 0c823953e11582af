"""`sweep`: finds what was left behind and sends it down the same road as the happy path.

Every 2 s: leases of processes that died here, unprocessed deliveries, unrung bells, due effects, tasks that wait for a
worker. Every 60 s: money whose holder died, parked tasks whose reason has gone, folders that no task needs.
"""

from __future__ import annotations

from sqlalchemy.orm import Session

from ghapp.commands import ci
from jobs.effects import DELIVER_JOB, PLAN_JOB, STEP_JOB
from jobs.models import OUT
from jobs.outcomes import TOLD, move
from jobs.processes import dead
from jobs.ringing import ring_due, ring_now
from jobs.runtime import Runtime
from jobs.sandbox import cgroup
from jobs.sandbox.probe import NO_SANDBOX
from jobs.tidy import tidy
from state.clock import clock
from state.db.engine import read, write
from state.effects import EffectKind
from state.failpoint import failpoint
from state.lifecycle import PauseReason, TaskEvent, TaskStatus
from state.logs import get_log
from state.queue import ring
from state.store import budget, deliveries, events, holders, leases, outbox, rates, tasks
from state.store.base import Lost
from state.views import TaskView

INTAKE_JOB = deliveries.FUNC
SENT = tuple(kind for kind in EffectKind if kind is not EffectKind.RING)


AGAIN = frozenset({PauseReason.PROVIDER, PauseReason.REPO_GONE})
"""Pauses whose reason is worth another look by itself."""


def scan(runtime: Runtime) -> int:
    """Ring for everything that nobody works on; how many bells."""
    failpoint("sweep.scan")
    bury(runtime)
    ring_due(runtime)
    with read(runtime.engine) as session:
        now = clock()
        bells = [("chat", INTAKE_JOB, number) for number in deliveries.pending(session, now)]
        bells += [("plan", PLAN_JOB, seq) for seq in tasks.to_plan(session)]
        bells += [("step", STEP_JOB, seq) for seq in tasks.to_execute(session)]
        due = outbox.due(session, now, SENT, limit=1)
    if due or left_inflight(runtime):
        bells.append(("chat", DELIVER_JOB, due[0].id if due else 0))
    return sum(ring(queue, func, arg, redis_url=runtime.redis_url) for queue, func, arg in bells)


def bury(runtime: Runtime) -> None:
    """What a process of this host held or ran ends with it; leases of other hosts end by their time."""
    cgroup.sweep()
    with read(runtime.engine) as session:
        ended = [owner for owner in holders.holders(session) if dead(owner)]
    if ended:
        with write(runtime.engine) as session:
            get_log().warning("holders died", owners=ended, leases=holders.end_leases(session, ended))


def left_inflight(runtime: Runtime) -> int:
    """Effects whose sender died become uncertain; how many."""
    with write(runtime.engine) as session:
        return outbox.recover(session)


def reconcile(runtime: Runtime) -> None:
    """What needs no haste: money of dead callers, tasks whose pause is over, folders of finished tasks."""
    failpoint("sweep.reconcile")
    with write(runtime.engine) as session:
        budget.expire(session)
    with read(runtime.engine) as session:
        waiting = tasks.to_resume(session, clock())
        closing = tasks.asking_ci(session, clock())
    for seq in closing:
        ring(ci.QUEUE, ci.FUNC, seq, redis_url=runtime.redis_url)
    for seq in waiting:
        _resume(runtime, seq)
    tidy(runtime)


def mended(runtime: Runtime) -> None:
    """At the start of the service: a key, a credit, a model's name, the sandbox or a limit of the day may have been
    mended, so what the service could not do is tried again.
    """
    with write(runtime.engine) as session:
        rates.lift(session, OUT)
    with read(runtime.engine) as session:
        paused = tasks.in_status(session, TaskStatus.PAUSED)
        ours = [task.seq for task in paused if _for_the_day(task) or _of_the_service(session, task)]
    for seq in ours:
        _resume(runtime, seq)


def _of_the_service(session: Session, task: TaskView) -> bool:
    """Whether the pause ends when the operator mends the installation."""
    if task.resume_at is not None:
        return False
    if task.pause_reason is not PauseReason.DECISION:
        return task.pause_reason is PauseReason.PROVIDER
    pauses = [event for event in events.latest(session, task.id) if event.event == "PAUSED"]
    return bool(pauses) and pauses[0].details.get(TOLD) == NO_SANDBOX


def _for_the_day(task: TaskView) -> bool:
    """Whether a limit of the day was reached, which the operator may have raised."""
    return task.pause_reason is PauseReason.BUDGET and task.resume_at is not None


def _resume(runtime: Runtime, seq: int) -> None:
    """The reason has gone, or is worth another look: back to the state that the pause kept."""
    try:
        with write(runtime.engine) as session:
            task = tasks.by_seq(session, seq)
            again = task.pause_reason in AGAIN or _for_the_day(task) or _of_the_service(session, task)
            if task.status is not TaskStatus.PAUSED or not again:
                return
            leases.forgive(session, "task", task.id)
            for step in task.steps:
                leases.forgive(session, "step", step.row_id)
            _, effects = move(session, task, TaskEvent.RESUME, runtime.web_url, status_reason=None)
    except Lost as lost:
        get_log().info("not resumed", why=str(lost))
        return
    ring_now(runtime, effects, deliver=seq)
