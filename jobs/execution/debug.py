"""The debug agent at work: asked before a step's last attempt and after it, paid like every call, and never in the way.

A provider that is down or a spent budget costs the analysis and nothing else. What it found is kept before it is told.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from ai.asking import Asker
from ai.debug import agent
from ai.debug.agent import DebugRequest, Suggested
from ai.debug.box import Analysis
from ai.limits import Exit, Limits
from ai.port import ProviderError
from ai.roles import Terms
from ai.trajectory import Trajectory
from jobs.execution.commit import Red
from jobs.execution.findings import (
    Debugged,
    Found,
    analysis_name,
    keep_analysis,
    keep_suggestions,
    kept_analysis,
    kept_suggestions,
)
from jobs.execution.prepare import say
from jobs.execution.tried import request_of
from jobs.execution.work import Bench, Taken
from jobs.models import Payer, Relieved, asker, begun_with, model_now, terms
from jobs.planning.validate import ground
from jobs.setup.protected import PROTECTED
from state.db.engine import read, write
from state.errors import BudgetReached, Told
from state.failpoint import failpoint
from state.lifecycle import StepStatus
from state.logs import get_log
from state.plan.amend import amended, changes_known
from state.plan.check_habits import TESTS
from state.plan.checks import Manner, check
from state.plan.hashing import plan_hash
from state.plan.model import Plan
from state.plan.problems import Problem
from state.store import leases, plans

ROLE = "debugger"
CLOSED = (StepStatus.DONE, StepStatus.SKIPPED)
T = TypeVar("T")


def analysed(taken: Taken, place: Bench, red: Red) -> Debugged:
    """Why the step failed: what is kept of it, else asked now and kept."""
    name = analysis_name(taken.view.id, taken.view.round)
    with read(taken.runtime.engine) as session:
        kept = kept_analysis(session, taken.task.id, name)
    if kept is not None:
        return Debugged(kept.analysis)
    say(taken, "activity.debugging", number=taken.view.number)
    request = request_of(taken, place, red)
    try:
        ended = asked(taken, place, "debug", agent.LIMITS, agent.MAX_OUT, _Analyse(taken, place, request))
    except (ProviderError, Told) as trouble:
        get_log().warning("no analysis", task_key=taken.task.key, why=str(trouble))
        return Debugged(missing="budget" if isinstance(trouble, BudgetReached) else "provider")
    if ended.exit is Exit.CANCELLED or taken.heart.stopped():
        return Debugged(stopped=True)
    if ended.analysis is None:
        return Debugged(missing="model")
    failpoint("debug.before_store")
    clean = _redacted(taken, ended.analysis)
    with write(taken.runtime.engine) as session:
        leases.guard(session, taken.lease)
        found = Found(taken.view.id, taken.approval.plan_hash, clean)
        keep_analysis(session, taken.task.id, taken.view.row_id, name, found)
    failpoint("debug.after_store")
    return Debugged(clean)


def suggested(taken: Taken, place: Bench, number: int) -> Suggested:
    """What to change in the last attempt; nothing where nobody can be asked: it goes on without."""
    name = f"{analysis_name(taken.view.id, taken.view.round)}-a{number}"
    with read(taken.runtime.engine) as session:
        kept = kept_suggestions(session, taken.task.id, name)
    if kept is not None:
        return kept
    say(taken, "activity.debugging", number=taken.view.number)
    request = request_of(taken, place, None)
    sizes = {path: text.count("\n") + 1 for path, text in request.files}
    work = _Suggest(request, sizes.get)
    try:
        found = asked(taken, place, f"suggest{number}", agent.QUICK, agent.QUICK_OUT, work)
    except (ProviderError, Told) as trouble:
        get_log().warning("no suggestions", task_key=taken.task.key, why=str(trouble))
        return Suggested()
    if not taken.heart.stopped():
        with write(taken.runtime.engine) as session:
            leases.guard(session, taken.lease)
            keep_suggestions(session, taken.task.id, taken.view.row_id, name, found)
    return found


Talk = Callable[[Asker, Trajectory, Terms], T]


def asked(taken: Taken, place: Bench, what: str, limits: Limits, max_out: int, talk: Talk[T]) -> T:
    """One conversation with the debugger; where its model cannot be asked and another stands ready, with that one.

    Raises ProviderError, Told (BudgetReached among them).
    """
    runtime = taken.runtime
    file = taken.trajectory(0).with_name(f"{taken.view.id}-r{taken.view.round}-{what}.jsonl")
    payer = Payer(taken.task.id, taken.task.repo.id, taken.view.row_id, taken.task.budget)
    for once_more in (True, False):
        model = model_now(runtime, ROLE, place.config.models, begun_with(file))
        trajectory = Trajectory(file, lambda text: runtime.redactor.redact(text).text)
        try:
            return talk(
                asker(runtime, ROLE, payer, taken.heart.stopped, model),
                trajectory,
                terms(runtime, ROLE, limits, max_out, model),
            )
        except Relieved:
            if not once_more:
                raise
    raise AssertionError("one of the two either returns or raises")


class _Analyse:
    """The long conversation, with the plan that its proposals are checked against."""

    def __init__(self, taken: Taken, place: Bench, request: DebugRequest) -> None:
        self.taken, self.place, self.request = taken, place, request
        with read(taken.runtime.engine) as session:
            versions = plans.versions(session, taken.task.id)
        self.used = [step.id for version in versions for step in version.plan.steps()]
        self.closed = frozenset(step.id for step in taken.task.steps if step.status in CLOSED)

    def __call__(self, asking: Asker, trajectory: Trajectory, given: Terms) -> agent.Analysed:
        return agent.analyse(self.request, self.amend, self.changes, asking, trajectory, given)

    def changes(self, steps: Sequence[Mapping[str, Any]]) -> bool:
        """Whether one of them is a step of the plan."""
        return changes_known(self.taken.plan, steps)

    def amend(self, steps: Sequence[Mapping[str, Any]]) -> Plan | Sequence[Problem]:
        """The plan that these steps make, judged like any plan; what was so before is no news."""
        plan = self.taken.plan
        reading = amended(plan, steps, self.taken.view.id, self.closed, self.used)
        if reading.plan is None:
            return reading.problems
        if plan_hash(reading.plan) == plan_hash(plan):
            return [Problem("steps", "they change nothing", "what differs from the plan as it is")]
        protected = (*PROTECTED, *self.place.config.protected)
        silent = frozenset() if self.place.tests.command else frozenset({TESTS})
        base = ground(self.place.repository, protected, self.taken.task.request, silent)
        manner = Manner(reason="after a failure")
        known = {(one.what, one.allowed) for one in check(plan, base, manner)}
        found = [one for one in check(reading.plan, base, manner) if (one.what, one.allowed) not in known]
        return found or reading.plan


class _Suggest:
    """The short conversation."""

    def __init__(self, request: DebugRequest, lines: Callable[[str], int | None]) -> None:
        self.request, self.lines = request, lines

    def __call__(self, asking: Asker, trajectory: Trajectory, given: Terms) -> Suggested:
        return agent.suggest(self.request, self.lines, asking, trajectory, given)


def _redacted(taken: Taken, found: Analysis) -> Analysis:
    """Without secrets, as it is kept and shown; the proposed plans come from the same text."""

    def clean(text: str) -> str:
        return taken.runtime.redactor.redact(text).text

    proposals = tuple(
        replace(one, title=clean(one.title), description=clean(one.description), note=clean(one.note))
        for one in found.proposals
    )
    return Analysis(
        clean(found.root_cause),
        tuple(map(clean, found.symptoms)),
        tuple(map(clean, found.why_retries_failed)),
        clean(found.hidden_dependency),
        clean(found.conclusion),
        proposals,
    )
