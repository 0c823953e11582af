"""The rows that follow the plan in force: phases, milestones, steps, substeps, matched by their stable ids."""

from __future__ import annotations

from typing import Any, TypeVar

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from state.clock import clock, iso
from state.db.models import Milestone, Phase, Step, Substep
from state.ids import new_id
from state.plan import model
from state.store.base import canonical, sha256

KEPT = ("done", "skipped")
Row = TypeVar("Row", Phase, Milestone)


def sync(session: Session, task_id: str, plan: model.Plan, reopen: frozenset[str]) -> int:
    """Makes the rows follow the plan; how many steps are in force. Extras that are off have no row."""
    milestones = _sync_groups(session, task_id, plan)
    known = {row.key: row for row in session.scalars(select(Step).where(Step.task_id == task_id))}
    wanted = [(milestone, step) for milestone in plan.milestones() for step in milestone.steps if not step.extra]
    for milestone, step in wanted:
        row = known.pop(step.id, None)
        row = _new_step(session, task_id, step) if row is None else _kept(row, step, reopen)
        _define(row, step, milestones[milestone.id])
    for row in known.values():
        row.current = False
        if row.status not in (*KEPT, "cancelled"):
            _restart(row, "cancelled")
    session.flush()
    for _, step in wanted:
        _sync_substeps(session, task_id, step)
    _drop_groups(session, task_id, plan)
    return len(wanted)


def definition_hash(step: model.Step) -> str:
    """Hash of what the step asks for; its place and number do not count."""
    return sha256(canonical(step.model_dump(mode="json", exclude={"number", "substeps"})))


def _sync_groups(session: Session, task_id: str, plan: model.Plan) -> dict[str, str]:
    """Row ids of the milestones by their plan ids."""
    phases = {row.key: row for row in session.scalars(select(Phase).where(Phase.task_id == task_id))}
    milestones = {row.key: row for row in session.scalars(select(Milestone).where(Milestone.task_id == task_id))}
    ids: dict[str, str] = {}
    for phase in plan.phases:
        above = _group(session, phases.get(phase.id) or Phase(id=new_id(), task_id=task_id, key=phase.id), phase)
        above.depends_on_phases = list(phase.depends_on_phases)
        for part in phase.milestones:
            row = milestones.get(part.id) or Milestone(id=new_id(), task_id=task_id, key=part.id)
            row.phase_id = above.id
            row.acceptance_criteria = list(part.acceptance_criteria)
            ids[part.id] = _group(session, row, part).id
    return ids


def _group(session: Session, row: Row, part: model.Phase | model.Milestone) -> Row:
    row.name, row.description, row.order = part.name, part.description, part.order
    row.estimated_hours = part.estimated_hours
    session.add(row)
    session.flush()
    return row


def _drop_groups(session: Session, task_id: str, plan: model.Plan) -> None:
    kept = [part.id for part in plan.milestones()]
    session.execute(delete(Milestone).where(Milestone.task_id == task_id, Milestone.key.not_in(kept)))
    session.execute(delete(Phase).where(Phase.task_id == task_id, Phase.key.not_in([p.id for p in plan.phases])))
    session.flush()


def _new_step(session: Session, task_id: str, step: model.Step) -> Step:
    row = Step(id=new_id(), task_id=task_id, key=step.id, status="pending")
    row.status_history = [{"status": "pending", "at": iso(clock())}]
    session.add(row)
    return row


def _kept(row: Step, step: model.Step, reopen: frozenset[str]) -> Step:
    row.current = True
    if row.status not in KEPT or step.id in reopen:
        _restart(row, "pending")
    return row


def _restart(row: Step, status: str) -> None:
    """A step that was not done starts anew, in a new round if it had verdicts; a worker still on it is fenced off."""
    if row.attempt_count:
        row.round += 1
    if row.status != status:
        row.status_history = [*row.status_history, {"status": status, "at": iso(clock())}]
    row.status, row.attempt_count, row.takes = status, 0, 0
    row.fence, row.lease_owner, row.lease_until = row.fence + 1, None, None
    row.last_error, row.failed_at, row.skipped_by, row.approval_id = None, None, None, None


def _define(row: Step, step: model.Step, milestone_id: str) -> None:
    values: dict[str, Any] = {
        "milestone_id": milestone_id,
        "number": step.number,
        "title": step.title,
        "kind": step.kind.value,
        "priority": step.priority.value,
        "complexity": step.complexity.value,
        "depends_on": list(step.depends_on),
        "estimated_minutes": step.estimated_minutes,
        "story_points": step.story_points,
        "definition_hash": definition_hash(step),
    }
    for name, value in values.items():
        setattr(row, name, value)


def _sync_substeps(session: Session, task_id: str, step: model.Step) -> None:
    step_id = session.scalars(select(Step.id).where(Step.task_id == task_id, Step.key == step.id)).one()
    parts = {
        row.key: row for row in session.scalars(select(Substep).where(Substep.step_id == step_id, ~Substep.is_test))
    }
    for order, part in enumerate(step.substeps, 1):
        row = parts.pop(part.id, None) or Substep(id=new_id(), step_id=step_id, key=part.id)
        row.order, row.title, row.description = order, part.title, part.description
        row.estimated_minutes = part.estimated_minutes
        session.add(row)
    for row in parts.values():
        session.delete(row)
    session.flush()
