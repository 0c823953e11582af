"""Ids and dependencies: nothing twice, nothing unknown, no cycle, nothing that waits for what may never run."""

from __future__ import annotations

from collections import Counter

from state.plan.graph import Graph
from state.plan.model import Plan, Step
from state.plan.problems import Problem, step_place

MAX_STEPS = 50
MAX_DEPENDENCIES = 4
IN_PARTS = (
    "hand it in in parts: call submit_plan first with the skeleton, which is everything but `steps`, each of its "
    "`phases` with the number of its `steps`; then once for each phase, with its name in `part` and its `steps`"
)


def order_problems(plan: Plan, most: int = MAX_STEPS) -> list[Problem]:
    """Problems of the step list and its graph; `most` steps are allowed."""
    steps = list(plan.steps())
    if not steps:
        return [Problem("steps", "the plan has no step", f"1 to {MAX_STEPS} steps")]
    problems = _count(steps, most) + _duplicates(plan) + _unknown(steps) + _off(steps)
    return problems + _step_cycle(steps) + _phases(plan)


def _count(steps: list[Step], most: int) -> list[Problem]:
    if len(steps) > most:
        allowed = f"at most {most} in one call; merge small steps, do less, or, if the work is that large, {IN_PARTS}"
        return [Problem("steps", f"the plan has {len(steps)} steps", allowed, justifiable=True)]
    if all(step.extra for step in steps):
        what = "no step serves the request, so nothing would run"
        return [Problem("steps", what, "quote in serves the sentence of the request that the step serves")]
    return []


def _duplicates(plan: Plan) -> list[Problem]:
    return [
        Problem(place, f'"{name}" is there twice', "each once")
        for place, names in _unique(plan).items()
        for name, count in Counter(names).items()
        if count > 1
    ]


def _unique(plan: Plan) -> dict[str, list[str]]:
    """By place, what may stand there only once."""
    orders = {
        f'phase "{phase.name}", order of milestones': [str(one.order) for one in phase.milestones]
        for phase in plan.phases
    }
    return {
        "phases": [phase.id for phase in plan.phases],
        "milestones": [milestone.id for milestone in plan.milestones()],
        "steps": _step_ids(plan),
        "phases, order": [str(phase.order) for phase in plan.phases],
        "business rules": [rule.id for rule in plan.business_logic.rules],
        "entities": [entity.name for entity in plan.entities],
        **orders,
    }


def _step_ids(plan: Plan) -> list[str]:
    steps = list(plan.steps())
    return [*(step.id for step in steps), *(one.id for step in steps for one in step.substeps)]


def _unknown(steps: list[Step]) -> list[Problem]:
    known = {step.id for step in steps}
    problems = []
    for step in steps:
        place = f"{step_place(step)}, depends_on"
        unknown = [name for name in step.depends_on if name not in known]
        problems += [Problem(place, f'there is no step "{name}"', ", ".join(sorted(known))) for name in unknown]
        if len(step.depends_on) > MAX_DEPENDENCIES:
            what = f"it waits for {len(step.depends_on)} steps directly"
            problems.append(Problem(place, what, f"at most {MAX_DEPENDENCIES}; name only the last ones of a chain"))
    return problems


def _off(steps: list[Step]) -> list[Problem]:
    extras = {step.id: step for step in steps if step.extra}
    return [
        Problem(
            f"{step_place(step)}, depends_on",
            f"it waits for {step_place(extras[name])}, which serves no sentence of the request and stays off",
            "depend on steps that serve the request, or say in serves what that step serves",
        )
        for step in steps
        if not step.extra
        for name in step.depends_on
        if name in extras
    ]


def _step_cycle(steps: list[Step]) -> list[Problem]:
    cycle = Graph((step.id, step.depends_on) for step in steps).cycle()
    if cycle is None:
        return []
    named = {step.id: step_place(step) for step in steps}
    path = " -> ".join(named[step_id] for step_id in cycle)
    return [
        Problem("depends_on", f"these steps wait for each other: {path}", "an order; remove one of these dependencies")
    ]


def _phases(plan: Plan) -> list[Problem]:
    known = {phase.id: phase.name for phase in plan.phases}
    problems = [
        Problem(f'phase "{phase.name}", depends_on', f'there is no phase "{name}"', ", ".join(known.values()))
        for phase in plan.phases
        for name in phase.depends_on_phases
        if name not in known
    ]
    cycle = Graph((phase.id, phase.depends_on_phases) for phase in plan.phases).cycle()
    if cycle is not None:
        path = " -> ".join(f'"{known[phase_id]}"' for phase_id in cycle)
        return [*problems, Problem("phases", f"these phases wait for each other: {path}", "an order")]
    return problems + _against_phases(plan)


def _against_phases(plan: Plan) -> list[Problem]:
    """A step must not wait for a step of a phase that itself waits for this step's phase."""
    phases = Graph((phase.id, phase.depends_on_phases) for phase in plan.phases)
    home = {step.id: phase for phase in plan.phases for milestone in phase.milestones for step in milestone.steps}
    later = {phase.id: set(phases.dependents(phase.id)) for phase in plan.phases}
    return [
        Problem(
            f"{step_place(step)}, depends_on",
            f'it waits for a step of phase "{home[name].name}", which comes after its own phase "{home[step.id].name}"',
            "steps of the same or an earlier phase",
        )
        for step in plan.steps()
        for name in step.depends_on
        if name in home and home[name].id in later[home[step.id].id]
    ]
