"""A plan of more than 50 steps, in parts: a skeleton first, then each phase by itself, merged into one submission.

The skeleton is everything but `steps`; each of its phases says how many steps it will have. Raw data in, raw data out:
the merged submission is read and checked like any other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Final

from pydantic import ValidationError

from state.plan.check_order import MAX_STEPS
from state.plan.graph import Graph
from state.plan.hierarchy import same
from state.plan.problems import Problem, twice
from state.plan.wire import Submission, WireMilestone, WirePhase
from state.plan.wire_errors import explain

MAX_IN_PARTS: Final = 300
_NONE: Final[Mapping[str, Any]] = MappingProxyType({})


@dataclass(frozen=True)
class Parts:
    """What was handed in so far.

    `head` is the skeleton without phases and milestones, `handed` each phase's own milestones and steps by its name.
    """

    head: Mapping[str, Any]
    phases: tuple[WirePhase, ...]
    milestones: tuple[WireMilestone, ...] = ()
    handed: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @property
    def missing(self) -> tuple[WirePhase, ...]:
        """Phases without steps, in plan order."""
        return tuple(phase for phase in self.phases if same(phase.name) not in self.handed)

    @property
    def total(self) -> int:
        """Steps that the skeleton speaks of."""
        return sum(phase.steps for phase in self.phases)

    def find(self, name: str) -> WirePhase | None:
        """The phase of that name."""
        return next((phase for phase in self.phases if same(phase.name) == same(name)), None)

    def numbers(self) -> list[tuple[str, int, int]]:
        """(phase, first, last number of its steps) in the merged plan."""
        found, before = [], 0
        for phase in self.phases:
            count = len(self.handed.get(same(phase.name), _NONE).get("steps", ()))
            found.append((phase.name, before + 1, before + count))
            before += count
        return found

    def whole(self) -> dict[str, Any]:
        """The merged submission of what was handed in; phases in the skeleton's order."""
        phases = [phase.model_dump(exclude={"steps"}) for phase in self.phases]
        return {
            **self.head,
            "phases": phases,
            "milestones": [one for phase in self.phases for one in self._milestones(phase)],
            "steps": [one for phase in self.phases for one in self._listed(phase, "steps")],
        }

    def alone(self, name: str) -> dict[str, Any]:
        """One handed phase as a submission of its own; what it waits for in other phases is left out."""
        phase = self.find(name)
        assert phase is not None, name
        steps = self._listed(phase, "steps")
        known = {same(str(step.get(key) or "")) for step in steps for key in ("id", "title")} - {""}
        own = [
            {**step, "depends_on": [one for one in _texts(step.get("depends_on")) if same(one) in known]}
            for step in steps
        ]
        return {**self.head, "milestones": self._milestones(phase), "steps": own}

    def _milestones(self, phase: WirePhase) -> list[dict[str, Any]]:
        """Those that came with the phase, and those of the skeleton that its steps name."""
        own = self._listed(phase, "milestones")
        known = {same(one["name"]) for one in own}
        named = {same(step.get("milestone", "")) for step in self._listed(phase, "steps")} - known
        early = [one for one in self.milestones if same(one.phase) in ("", same(phase.name))]
        return own + [
            {**one.model_dump(exclude_unset=True), "phase": phase.name} for one in early if same(one.name) in named
        ]

    def _listed(self, phase: WirePhase, what: str) -> list[dict[str, Any]]:
        rows = self.handed.get(same(phase.name), _NONE).get(what) or ()
        return [{**row, "phase": phase.name} for row in rows]


def is_skeleton(raw: Mapping[str, Any]) -> bool:
    """Whether this begins a plan in parts: no steps, and a phase that says how many it will have."""
    phases = raw.get("phases")
    if raw.get("steps") or raw.get("part") or not isinstance(phases, list):
        return False
    return any(isinstance(phase, Mapping) and phase.get("steps") for phase in phases)


def begin(raw: Mapping[str, Any], before: Parts | None = None) -> Parts | tuple[Problem, ...]:
    """The skeleton, or what is wrong with it. A second skeleton keeps what `before` holds of phases that it has."""
    try:
        form = Submission.model_validate({**raw, "steps": []})
    except ValidationError as error:
        return explain(error, raw)
    problems = [*_named(form.phases), *_sized(form.phases)]
    if problems:
        return tuple(problems)
    names = {same(phase.name) for phase in form.phases}
    kept = {name: part for name, part in before.handed.items() if name in names} if before else {}
    head = {key: value for key, value in raw.items() if key not in ("phases", "milestones", "steps", "part")}
    return Parts(head, tuple(form.phases), tuple(form.milestones), kept)


def add(parts: Parts, raw: Mapping[str, Any]) -> Parts | tuple[Problem, ...]:
    """With one phase more, or in place of what it was, or what is wrong with it."""
    name = str(raw.get("part") or "")
    phase = parts.find(name)
    if phase is None:
        return (_no_phase(parts, name),)
    own = {"milestones": raw.get("milestones") or [], "steps": raw.get("steps") or []}
    try:
        form = Submission.model_validate({"title": phase.name, **own})
    except ValidationError as error:
        return explain(error, own)
    rows = {key: [row.model_dump(mode="json", exclude_unset=True) for row in getattr(form, key)] for key in own}
    problems = [*_count(phase, len(form.steps)), *_ids(parts, phase, rows["steps"])]
    return tuple(problems) or replace(parts, handed={**parts.handed, same(phase.name): rows})


def _no_phase(parts: Parts, name: str) -> Problem:
    allowed = ", ".join(one.name for one in parts.missing or parts.phases)
    return Problem("part", f'there is no phase "{name}" in the skeleton', allowed)


def _count(phase: WirePhase, count: int) -> list[Problem]:
    if 1 <= count <= phase.steps:
        return []
    what = f'phase "{phase.name}" was handed in with {count} steps, the skeleton says {phase.steps}'
    return [Problem("steps", what, f"1 to {phase.steps}; or the skeleton again with other numbers")]


def _ids(parts: Parts, phase: WirePhase, steps: Sequence[Mapping[str, Any]]) -> list[Problem]:
    """Ids are unique over all phases, as steps of one may wait for steps of another."""
    taken = {
        same(str(step.get("id") or "")): other.name
        for other in parts.phases
        if other is not phase
        for step in parts.handed.get(same(other.name), _NONE).get("steps", ())
    }
    return [
        Problem(f'step {place} "{step["title"]}"', f'the id "{step["id"]}" is taken in phase "{home}"', "another id")
        for place, step in enumerate(steps, 1)
        if step.get("id", "").strip() and (home := taken.get(same(step["id"])))
    ]


def _named(phases: Sequence[WirePhase]) -> list[Problem]:
    names = [same(phase.name) for phase in phases]
    problems = twice("phases", names)
    for phase in phases:
        unknown = [name for name in phase.depends_on if same(name) not in names]
        place, allowed = f'phase "{phase.name}", depends_on', ", ".join(one.name for one in phases)
        problems += [Problem(place, f'there is no phase "{name}"', allowed) for name in unknown]
    if problems:
        return problems
    cycle = Graph((same(phase.name), [same(name) for name in phase.depends_on]) for phase in phases).cycle()
    return [Problem("phases", f"these phases wait for each other: {' -> '.join(cycle)}", "an order")] if cycle else []


def _sized(phases: Sequence[WirePhase]) -> list[Problem]:
    problems = [
        Problem(f'phase "{phase.name}", steps', f"{phase.steps} steps", f"1 to {MAX_STEPS}; split the phase if more")
        for phase in phases
        if not 1 <= phase.steps <= MAX_STEPS
    ]
    total = sum(phase.steps for phase in phases)
    if total > MAX_IN_PARTS:
        problems.append(Problem("phases", f"{total} steps in all", f"at most {MAX_IN_PARTS}; plan the first stage"))
    return problems


def _texts(value: Any) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []
