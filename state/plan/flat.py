"""From the flat form that the planner hands in to the plan, and back.

Code gives what a model would get wrong: ids (stable, never reused), numbers, order, hours, and a phase and a milestone
where the work is too small to have any. Errors are values, written to be read by the model.
"""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from pydantic import ValidationError

from state.plan.hierarchy import Ids, hierarchy, same
from state.plan.model import BusinessLogic, Change, ExpectedOutputs, Part, Phase, Plan, Rule, Step, Substep
from state.plan.problems import Problem, twice
from state.plan.wire import Submission, Wire, WireStep
from state.plan.wire_errors import explain

TEST_FOLDERS = frozenset({"tests", "test", "__tests__", "spec"})


@dataclass(frozen=True)
class Reading:
    """Either a plan or what is wrong with the submission."""

    plan: Plan | None
    problems: tuple[Problem, ...] = ()


def read(raw: Mapping[str, Any], previous: Plan | None = None, used: Collection[str] = ()) -> Reading:
    """The plan that a `submit_plan` input describes.

    `previous` is the version that it revises: a step named by its id there keeps the id, a phase or milestone keeps it
    by name. `used` are all ids that earlier versions of the task ever had; none of them is given again.
    """
    try:
        form = Submission.model_validate(dict(raw))
    except ValidationError as error:
        return Reading(None, explain(error, raw))
    problems = [*_labels(form.steps), *_phases(form), *_milestones(form)]
    if problems:
        return Reading(None, tuple(problems))
    ids = Ids(previous, used)
    given = [ids.of_step(step) for step in form.steps]
    names = _Names(form.steps, given)
    steps = [(wire, _step(wire, step_id, names, previous)) for wire, step_id in zip(form.steps, given, strict=True)]
    phases = hierarchy(form, steps, ids)
    problems = [*names.problems, *_empty(phases)]
    return Reading(None, tuple(problems)) if problems else Reading(_plan(form, phases))


def where(number: int, title: str) -> str:
    """How problems name a step: its number, from 1, and its title."""
    return f'step {number} "{title}"'


def _labels(steps: Sequence[WireStep]) -> list[Problem]:
    seen: dict[str, int] = {}
    problems = []
    for number, step in enumerate(steps, 1):
        label = same(step.id)
        if label and label in seen:
            what = f'the id "{step.id}" is already the id of step {seen[label]}'
            problems.append(Problem(where(number, step.title), what, "an id of its own for each step"))
        seen.setdefault(label, number)
    return problems


def _phases(form: Submission) -> list[Problem]:
    """Phases listed twice, or named but not listed; without a list the names alone make the phases."""
    if not form.phases:
        return []
    problems = twice("phases", [same(phase.name) for phase in form.phases])
    known = {same(phase.name) for phase in form.phases}
    allowed = ", ".join(phase.name for phase in form.phases)
    unknown = [(place, name) for place, name in _named_phases(form) if name and same(name) not in known]
    return problems + [Problem(place, f'there is no phase "{name}"', allowed) for place, name in unknown]


def _named_phases(form: Submission) -> Iterator[tuple[str, str]]:
    """(place, phase) wherever something names its phase, or one before it."""
    yield from ((f'milestone "{one.name}", phase', one.phase) for one in form.milestones)
    yield from ((f"{where(number, step.title)}, phase", step.phase) for number, step in enumerate(form.steps, 1))
    yield from ((f'phase "{phase.name}", depends_on', other) for phase in form.phases for other in phase.depends_on)


def _milestones(form: Submission) -> list[Problem]:
    """Milestones listed twice, or named but not listed, or listed in another phase than the step names."""
    listed = [(same(one.phase), same(one.name)) for one in form.milestones]
    problems = twice("milestones", [" / ".join(filter(None, one)) for one in listed])
    allowed = ", ".join(f"{one.name} ({one.phase})" if one.phase else one.name for one in form.milestones)
    for number, step in enumerate(form.steps, 1):
        if what := _homeless(step, listed):
            problems.append(Problem(where(number, step.title), what, allowed))
    return problems


def _homeless(step: WireStep, listed: Sequence[tuple[str, str]]) -> str:
    """Which (phase, milestone) a step names that is not listed; empty where there is nothing to say."""
    if not step.milestone or not listed:
        return ""
    missing = f'there is no milestone "{step.milestone}"'
    homes = {phase for phase, name in listed if name == same(step.milestone)}
    if not homes:
        return missing
    elsewhere = step.phase and not homes & {same(step.phase), ""}
    return f'{missing} in phase "{step.phase}"' if elsewhere else ""


def _empty(phases: Sequence[Phase]) -> list[Problem]:
    empty = [f'milestone "{one.name}"' for phase in phases for one in phase.milestones if not one.steps]
    empty += [f'phase "{phase.name}"' for phase in phases if not phase.milestones]
    return [Problem(place, "no step belongs to it", "leave it out, or name it in a step") for place in empty]


class _Names:
    """Finds the step that a `depends_on` entry means: by its id, else by its exact title."""

    def __init__(self, steps: Sequence[WireStep], given: Sequence[str]) -> None:
        self.ids: dict[str, str] = {}
        for step, step_id in zip(steps, given, strict=True):
            self.ids.setdefault(same(step.title), step_id)
        self.ids |= {same(step.id): step_id for step, step_id in zip(steps, given, strict=True) if step.id.strip()}
        self.shown = ", ".join(step.id.strip() or f'"{step.title}"' for step in steps)
        self.problems: list[Problem] = []

    def find(self, name: str, step: WireStep) -> str | None:
        found = self.ids.get(same(name))
        if found is None:
            close = difflib.get_close_matches(same(name), self.ids, n=1)
            meant = f' (did you mean "{close[0]}"?)' if close else ""
            place = f'step "{step.title}", depends_on'
            self.problems.append(Problem(place, f'there is no step "{name}"{meant}', self.shown))
        return found


def _step(wire: WireStep, step_id: str, names: _Names, previous: Plan | None) -> Step:
    found = [names.find(name, wire) for name in wire.depends_on]
    before = previous.step(step_id) if previous else None
    ticked = before is not None and not before.extra
    outputs = ExpectedOutputs(
        **_shared(wire, ExpectedOutputs, "main_file", "files"),
        main_file=wire.main_file or _main_file(wire),
        files=[file.path for file in wire.files if file.change is not Change.DELETE],
    )
    substeps = [Substep(id=f"{step_id}.{place}", **one.model_dump()) for place, one in enumerate(wire.substeps, 1)]
    return Step(
        **_shared(wire, Step, "id", "depends_on", "substeps"),
        id=step_id,
        number=1,
        depends_on=list(dict.fromkeys(other for other in found if other is not None)),
        extra=not wire.serves.strip() and not ticked,
        expected_outputs=outputs,
        substeps=substeps,
    )


def _shared(wire: Wire, part: type[Part], *but: str) -> dict[str, Any]:
    """The fields that both forms have, as plain data."""
    return {name: value for name, value in wire.model_dump().items() if name in part.model_fields and name not in but}


def is_test(path: str) -> bool:
    """Whether a path looks like a test's, in the habits of the usual languages."""
    parts = PurePosixPath(path).parts
    name = parts[-1] if parts else ""
    stem = name.partition(".")[0]
    named = stem.startswith("test_") or stem.endswith(("_test", "Test")) or ".test." in name or ".spec." in name
    return named or stem == "conftest" or bool({part.lower() for part in parts[:-1]} & TEST_FOLDERS)


def _main_file(wire: WireStep) -> str:
    touched = [file.path for file in wire.files]
    own = [path for path in touched if not is_test(path)] or touched
    return own[0] if len(own) == 1 else ""


def _plan(form: Submission, phases: list[Phase]) -> Plan:
    rules = [Rule(id=f"r{place}", **rule.model_dump()) for place, rule in enumerate(form.rules, 1)]
    logic = BusinessLogic(domain=form.domain, industry=form.industry, rules=rules, workflows=form.workflows)
    # Why a small request became many steps is for the people who approve it.
    assumed = list(dict.fromkeys([*form.assumptions, *filter(None, [form.size_reason.strip()])]))
    shared = _shared(form, Plan, "phases", "assumptions")
    return Plan(**shared, assumptions=assumed, business_logic=logic, phases=phases)


def flatten(plan: Plan) -> dict[str, Any]:
    """The plan as a `submit_plan` input with its ids, defaults left out: what the planner gets to revise.

    Reading it again with the plan as `previous` gives the same plan.
    """
    flat = plan.model_dump(mode="json", exclude_defaults=True, exclude={"phases", "business_logic", "lessons"})
    logic = plan.business_logic.model_dump(mode="json", exclude_defaults=True)
    flat |= {**logic, "rules": [rule.model_dump(mode="json", exclude={"id"}) for rule in plan.business_logic.rules]}
    flat["phases"] = _flat_phases(plan.phases)
    filed = [(phase, milestone) for phase in plan.phases for milestone in phase.milestones]
    flat["milestones"] = [
        {**_brief(milestone, "name", "description", "acceptance_criteria"), "phase": phase.name}
        for phase, milestone in filed
    ]
    flat["steps"] = [
        {**_flat_step(step), "phase": phase.name, "milestone": milestone.name}
        for phase, milestone in filed
        for step in milestone.steps
    ]
    return {name: value for name, value in flat.items() if value != []}


def _flat_phases(phases: Sequence[Phase]) -> list[dict[str, Any]]:
    names = {phase.id: phase.name for phase in phases}
    return [
        {**_brief(phase, "name", "description"), "depends_on": [names[one] for one in phase.depends_on_phases]}
        for phase in phases
    ]


def _brief(part: Part, *names: str) -> dict[str, Any]:
    return part.model_dump(mode="json", exclude_defaults=True, include=set(names))


def _flat_step(step: Step) -> dict[str, Any]:
    flat = step.model_dump(mode="json", exclude_defaults=True, exclude={"number", "extra", "expected_outputs"})
    outputs = step.expected_outputs.model_dump(mode="json", exclude_defaults=True, exclude={"files"})
    substeps = [_brief(one, "title", "description", "estimated_minutes") for one in step.substeps]
    return {**flat, **outputs, **({"substeps": substeps} if substeps else {})}
