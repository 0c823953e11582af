"""Small plans and tasks for the store's tests."""

from sqlalchemy.orm import Session

from state.lifecycle import TaskEvent
from state.plan.model import FileChange, Milestone, Phase, Plan, Step, Substep
from state.plan.words import Change
from state.store import approvals, plans, tasks
from state.views import RepoRef, TaskView

REPO = RepoRef(id=7, full_name="octo/shop", installation_id=70)


def step(step_id: str, *needs: str, **fields: object) -> Step:
    """A step of the kind most tests need."""
    number = int(step_id[1:])
    files = [FileChange(path=f"src/{step_id}.py", change=Change.CREATE)]
    return Step(id=step_id, number=number, title=f"Step {step_id}", depends_on=list(needs), files=files, **fields)


def plan(*steps: Step, title: str = "Stock validation") -> Plan:
    """A plan of one phase and one milestone, the steps numbered by their place."""
    steps = tuple(one.model_copy(update={"number": number}) for number, one in enumerate(steps, 1))
    return Plan(
        title=title,
        phases=[Phase(id="p01", name="All", milestones=[Milestone(id="m01", name="All", steps=list(steps))])],
    )


TWO_STEPS = plan(step("s01", substeps=[Substep(id="s01.1", title="first half")]), step("s02", "s01"))


def new_task(session: Session, issue: int = 1, repo: RepoRef = REPO, **fields: object) -> TaskView:
    """A task in PLANNING."""
    return tasks.create(session, repo, issue, 42, "ana", "Stock", "add stock validation", **fields)


def planned(session: Session, issue: int = 1, made: Plan = TWO_STEPS) -> TaskView:
    """A task with a plan, PLANNED."""
    task = new_task(session, issue)
    plans.add_version(session, task, made, "initial", "planner")
    tasks.transition(session, task, TaskEvent.PLAN_STORED)
    return tasks.by_id(session, task.id)


def executing(session: Session, issue: int = 1, made: Plan = TWO_STEPS) -> TaskView:
    """A task with an approved plan, EXECUTING."""
    task = planned(session, issue, made)
    assert task.plan is not None
    assert approvals.add(session, task.id, task.plan.plan_hash, 42, "ana", "write") is not None
    tasks.transition(session, task, TaskEvent.APPROVE, actor="ana")
    return tasks.by_id(session, task.id)
