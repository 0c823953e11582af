"""The files on the branch (details.md section 9), as text: for people who pick the work up, so in English."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from state.plan.branch_facts import FOLDER, BranchFacts, folder, instant
from state.plan.model import Change, Plan, Step
from state.plan.progress_file import progress_md
from state.plan.state_file import state_json
from state.plan.text import cell, code, line, table
from state.views import PlanView, TaskView

README = """\
# .dev-tasks

Kept by the bot that works on this branch. One folder per task:

| file | what it is |
|---|---|
| `plan.md` | the plan as it was approved; never changed. A later version is `plan-v2.md` and so on |
| `progress.md` | how far it came, and how to go on by hand |
| `state.json` | the same for programs |
| `discovery.md` | what was asked and answered before planning, where that happened |

They are committed with each step, at a pause, after a failure and at the end. Do not edit them: to take over, work on
the branch. They may be deleted when the branch is merged.
"""


def branch_files(task: TaskView, facts: BranchFacts) -> dict[str, str]:
    """Path -> text of every file that the next commit carries. The task must have a plan."""
    if task.plan is None:
        raise ValueError("a task without a plan has no files on a branch")
    home = folder(task)
    return {
        f"{FOLDER}/README.md": README,
        f"{home}/{plan_name(task.plan.number, facts.first_approved)}": plan_md(task, task.plan, facts.approved_by),
        f"{home}/progress.md": progress_md(task, task.plan.plan, facts),
        f"{home}/state.json": state_json(task, task.plan, facts),
    }


def plan_name(number: int, first_approved: int) -> str:
    """`plan.md` for the version that was approved first, `plan-v<n>.md` for later ones."""
    return "plan.md" if number == first_approved else f"plan-v{number}.md"


def plan_md(task: TaskView, version: PlanView, approved_by: str) -> str:
    """The approved plan; nothing in it changes while it is carried out."""
    plan = version.plan
    blocks = [
        f"# {line(plan.title)}",
        _head(task, version, approved_by),
        f"## Objective\n\n{line(plan.objective or plan.summary or plan.title)}",
        *_listed("Assumptions", plan.assumptions),
        *_listed("Out of scope", plan.out_of_scope),
        "## Steps",
        *_steps(plan),
        *_criteria(plan),
        *_files(plan),
    ]
    return "\n\n".join(blocks) + "\n"


def _head(task: TaskView, version: PlanView, approved_by: str) -> str:
    facts = [
        ("Task", code(task.key)),
        ("Type", version.plan.type.value),
        ("Version", str(version.number)),
        ("Approved", instant(task.approved_at) or "not yet"),
        ("By", cell(approved_by)),
        ("Hash", code(version.plan_hash)),
    ]
    return table(("", ""), facts)


def _listed(title: str, entries: Sequence[str]) -> list[str]:
    return [f"## {title}\n\n" + "\n".join(f"- {line(entry)}" for entry in entries)] if entries else []


def _steps(plan: Plan) -> Iterable[str]:
    small = len(list(plan.milestones())) == 1
    for phase in plan.phases:
        for milestone in phase.milestones:
            steps = [step for step in milestone.steps if not step.extra]
            if steps and not small:
                yield f"### {line(phase.name)}: {line(milestone.name)}"
            yield from (_step(step, plan) for step in steps)


def _step(step: Step, plan: Plan) -> str:
    numbers = {other.id: str(other.number) for other in plan.steps()}
    after = ", ".join(numbers.get(other, other) for other in step.depends_on)
    files = ", ".join(f"{code(file.path)} ({file.change.value})" for file in step.files)
    bullets = [
        line(step.description),
        f"files: {files}" if files else "",
        f"after step {after}" if after else "",
        *(f"done when {line(criterion)}" for criterion in step.acceptance_criteria),
        *(f"test {code(test)}" for test in step.tests),
        *(line(substep.title) for substep in step.substeps),
    ]
    head = f"**{step.number}. {line(step.title)}** ({code(step.id)}, {step.estimated_minutes} min)"
    return "\n".join([head, "", *(f"- {bullet}" for bullet in bullets if bullet)]).rstrip()


def _criteria(plan: Plan) -> list[str]:
    if not plan.criteria:
        return []
    boxes = [
        f"- [ ] {line(one.criterion)}" + (f" ({code(one.measurable)})" if one.measurable else " (you check)")
        for one in plan.criteria
    ]
    return ["## Criteria\n\n" + "\n".join(boxes)]


def _files(plan: Plan) -> list[str]:
    changes = changed_files(plan)
    rows = [(code(path), change.value) for path, change in sorted(changes.items())]
    return ["## Files\n\n" + table(("file", "change"), rows)] if rows else []


def changed_files(plan: Plan) -> dict[str, Change]:
    """Path -> what the whole plan does to it, over the steps that run; created and then modified is created."""
    found: dict[str, Change] = {}
    for step in plan.steps():
        for file in () if step.extra else step.files:
            if found.get(file.path) is not Change.CREATE or file.change is Change.DELETE:
                found[file.path] = file.change
    return found
