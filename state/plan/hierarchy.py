"""Ids that are never given twice, and the phases and milestones that a flat list of steps falls into."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterable, Mapping

from state.plan.model import Milestone, Phase, Plan, Step
from state.plan.wire import Submission, WireMilestone, WirePhase, WireStep

Filed = tuple[WireStep, Step]


def same(name: str) -> str:
    """Names are the same whatever their case and blanks."""
    return " ".join(name.split()).casefold()


class Ids:
    """Gives ids: the known one for what is known, else the next that was never used.

    Steps are known by id, phases and milestones by name, and where both versions have only one of them, by that.
    """

    def __init__(self, previous: Plan | None, used: Collection[str]) -> None:
        phases = previous.phases if previous else []
        self.steps = {step.id for step in previous.steps()} if previous else set()
        self.phases = {same(phase.name): phase.id for phase in phases}
        self.milestones = {
            (same(phase.name), same(milestone.name)): milestone.id for phase in phases for milestone in phase.milestones
        }
        taken = {*used, *self.steps, *self.phases.values(), *self.milestones.values()}
        self.fresh = {letter: itertools.count(_highest(letter, taken) + 1) for letter in "spm"}

    def _next(self, letter: str) -> str:
        return f"{letter}{next(self.fresh[letter]):02d}"

    def of_step(self, step: WireStep) -> str:
        return step.id.strip() if step.id.strip() in self.steps else self._next("s")

    def of_phase(self, name: str, only: bool) -> str:
        if only and len(self.phases) == 1:
            return next(iter(self.phases.values()))
        return self.phases.get(same(name)) or self._next("p")

    def of_milestone(self, phase: str, name: str, only: bool) -> str:
        if only and len(self.milestones) == 1:
            return next(iter(self.milestones.values()))
        return self.milestones.get((same(phase), same(name))) or self._next("m")


def _highest(letter: str, taken: Iterable[str]) -> int:
    numbers = (name[1:] for name in taken if name[:1] == letter)
    return max((int(number) for number in numbers if number.isdecimal()), default=0)


def hierarchy(form: Submission, steps: list[Filed], ids: Ids) -> list[Phase]:
    """Phases in listed order (else order of appearance), their milestones, their steps; numbered through from 1."""
    milestones, homes = _milestones(form, [wire for wire, _ in steps])
    phases = list(form.phases) or _phases_of(milestones)
    phase_ids = {same(phase.name): ids.of_phase(phase.name, len(phases) == 1) for phase in phases}
    numbers = itertools.count(1)
    built = []
    for order, phase in enumerate(phases, 1):
        own = [one for one in milestones if same(one.phase) == same(phase.name)]
        parts = []
        for place, milestone in enumerate(own, 1):
            filed = [step for (_, step), home in zip(steps, homes, strict=True) if home is milestone]
            numbered = [step.model_copy(update={"number": next(numbers)}) for step in filed]
            milestone_id = ids.of_milestone(phase.name, milestone.name, len(milestones) == 1)
            parts.append(_milestone(milestone, milestone_id, place, numbered))
        built.append(_phase(phase, order, phase_ids, parts))
    return built


def _phases_of(milestones: Iterable[WireMilestone]) -> list[WirePhase]:
    return [WirePhase(name=name) for name in dict.fromkeys(one.phase for one in milestones)]


def _milestones(form: Submission, steps: list[WireStep]) -> tuple[list[WireMilestone], list[WireMilestone]]:
    """All milestones, each with its phase's name, and for each step the one it belongs to."""
    first = form.phases[0].name if form.phases else form.title
    known = [one.model_copy(update={"phase": one.phase or first}) for one in form.milestones]
    homes: list[WireMilestone] = []
    for step in steps:
        home = _home(step, known, homes)
        if home is None:
            phase = step.phase or first
            home = WireMilestone(name=step.milestone or phase, phase=phase)
            known.append(home)
        homes.append(home)
    return known, homes


def _home(step: WireStep, known: list[WireMilestone], homes: list[WireMilestone]) -> WireMilestone | None:
    """The milestone that a step names; a step that names nothing stays where the step before it is."""
    if not (step.phase or step.milestone):
        return homes[-1] if homes else next(iter(known), None)
    fits = [one for one in known if not step.phase or same(one.phase) == same(step.phase)]
    if step.milestone:
        fits = [one for one in fits if same(one.name) == same(step.milestone)]
    return next(iter(fits), None)


def _milestone(wire: WireMilestone, milestone_id: str, order: int, steps: list[Step]) -> Milestone:
    return Milestone(
        id=milestone_id,
        name=wire.name,
        description=wire.description,
        order=order,
        acceptance_criteria=wire.acceptance_criteria,
        estimated_hours=_hours(steps),
        steps=steps,
    )


def _phase(wire: WirePhase, order: int, ids: Mapping[str, str], milestones: list[Milestone]) -> Phase:
    return Phase(
        id=ids[same(wire.name)],
        name=wire.name,
        description=wire.description,
        order=order,
        depends_on_phases=[ids[same(name)] for name in wire.depends_on],
        estimated_hours=_hours(step for milestone in milestones for step in milestone.steps),
        milestones=milestones,
    )


def _hours(steps: Iterable[Step]) -> float:
    return round(sum(step.estimated_minutes for step in steps) / 60, 2)
