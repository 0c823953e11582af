"""What the commands after a failure change: a new round for a step, a step left out, a plan out of a proposal.

All of it in the transaction of the command, behind the compare-and-set that moved the task.
"""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy.orm import Session

from ghapp.changes import FixPlan, RetrySteps, SkipSteps
from ghapp.say import telegram
from ghapp.say.facts import Proposal, Standing
from jobs.effects import links_of, mirror
from jobs.execution.findings import analysis_name, keep_guidance, kept_analysis, shown
from jobs.facts import failure_facts
from jobs.planning import comment
from jobs.planning.estimate import estimate
from state.effects import Effect
from state.lifecycle import TaskStatus
from state.plan.diff import classify, compare, titled
from state.store import approvals, plans, steps, tasks
from state.store.base import Lost
from state.views import PlanView, TaskView


def proposals_now(session: Session, task: TaskView) -> tuple[Proposal, ...]:
    """The proposals of the failure that stands now, where they were made for the plan that stands now."""
    told, found = failure_facts(session, task.id), kept_analysis(session, task.id)
    if told is None or not told.proposals or found is None or task.plan is None:
        return ()
    return shown(found.analysis) if found.plan_hash == task.plan.plan_hash else ()


def retry(session: Session, task: TaskView, change: RetrySteps, actor: str) -> None:
    """The steps in a new round, with the chosen proposal as what the executor is told. Raises Lost."""
    for key in change.step_ids:
        steps.retry(session, task.id, key, actor)
    if change.proposal is None:
        return
    found = kept_analysis(session, task.id)
    chosen = found.proposal(change.proposal) if found else None
    row = steps.get(session, task.id, found.step) if found else None
    if found is None or chosen is None or row is None:
        raise Lost(f"proposal {change.proposal} is no more")
    parts = [f"Cause: {found.analysis.root_cause}", chosen.title, chosen.description, chosen.note]
    text = "\n".join(part for part in parts if part.strip())
    keep_guidance(session, task.id, row.row_id, analysis_name(row.id, row.round), text)


def skip(session: Session, task: TaskView, change: SkipSteps, actor: str) -> None:
    """The steps left out; what waited for them may run."""
    for key in change.step_ids:
        steps.skip(session, task.id, key, actor)


def fix_plan(session: Session, task: TaskView, change: FixPlan, actor: str, web: str) -> list[Effect]:
    """The proposal's plan as the next version, posted to be approved; done steps stay done. Raises Lost."""
    found, before = kept_analysis(session, task.id), task.plan
    chosen = found.proposal(change.proposal) if found else None
    if found is None or before is None or found.plan_hash != before.plan_hash or chosen is None or chosen.plan is None:
        raise Lost(f"proposal {change.proposal} is no more")
    changes = compare(before.plan, chosen.plan)
    kind = classify(before.plan, chosen.plan, running=True)
    version = plans.add_version(
        session, task, chosen.plan, kind.value, actor, reason=chosen.title, changes=changes.as_json()
    )
    now = tasks.by_id(session, task.id)
    facts = replace(
        comment.kept_facts(session, task.id, before.number),
        standing=Standing.OPEN,
        approved_by="",
        estimate=estimate(chosen.plan),
        budget=now.budget,
        difference=titled(changes, before.plan, chosen.plan),
    )
    comment.keep_facts(session, now, version, facts)
    ready = telegram.plan_ready(now, version, facts, links_of(now, web))
    return [
        comment.post(now, version, facts),
        *comment.again(session, now, before, Standing.SUPERSEDED),
        mirror(now, f"plan:v{version.number}", ready),
    ]


def restore(session: Session, task: TaskView) -> None:
    """After a refused repair: the version whose approval is alive is in force again, and what failed is failed."""
    approved = _approved_before(session, task)
    failed, told = kept_analysis(session, task.id), failure_facts(session, task.id)
    if approved is None or task.status is not TaskStatus.FAILED:
        return
    plans.put_in_force(session, task.id, approved.number)
    live = approvals.live(session, task.id, approved.plan_hash)
    if live is not None and live.scope != approvals.ALL:
        steps.set_scope(session, task.id, live.scope.split(","))
    number = told.step_number if told else None
    key = next((one.id for one in approved.plan.steps() if one.number == number), failed.step if failed else None)
    if key is not None:
        steps.fail_again(session, task.id, key, told.tail[-2000:] if told else "")


def _approved_before(session: Session, task: TaskView) -> PlanView | None:
    number = task.plan.number if task.plan else 0
    found = [one for one in plans.versions(session, task.id) if one.approved and one.number < number]
    return found[-1] if found else None
