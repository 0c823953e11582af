"""The structured difference between two versions of a plan (`changes_detail`, details.md section 5) and its kind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from state.plan.hashing import NOT_HASHED
from state.plan.model import Part, Plan, StepKind


class VersionKind(StrEnum):
    """What sort of version it is."""

    INITIAL = "initial"
    REVISION = "revision"
    MODIFICATION = "modification"
    REFACTORING = "refactoring"
    SCOPE_REDUCTION = "scope_reduction"


@dataclass(frozen=True)
class Modified:
    """One part that both versions have: its id (an entity: its name) and the names of the fields that differ."""

    id: str
    fields: tuple[str, ...]


@dataclass(frozen=True)
class Changes:
    """What changed: added and removed are ids (entities: names), `stack_changes` components, `other` plan fields."""

    phases_added: tuple[str, ...] = ()
    phases_removed: tuple[str, ...] = ()
    phases_modified: tuple[Modified, ...] = ()
    milestones_added: tuple[str, ...] = ()
    milestones_removed: tuple[str, ...] = ()
    milestones_modified: tuple[Modified, ...] = ()
    steps_added: tuple[str, ...] = ()
    steps_removed: tuple[str, ...] = ()
    steps_modified: tuple[Modified, ...] = ()
    entities_added: tuple[str, ...] = ()
    entities_removed: tuple[str, ...] = ()
    entities_modified: tuple[Modified, ...] = ()
    stack_changes: tuple[str, ...] = ()
    new_dependencies: tuple[str, ...] = ()
    other: tuple[str, ...] = ()

    def empty(self) -> bool:
        """Whether the two versions show the same."""
        return not any(asdict(self).values())

    def as_json(self) -> dict[str, Any]:
        """Plain data for the store."""
        return {name: list(value) for name, value in asdict(self).items()}


# Places and sums follow from other changes; naming them would bury what was meant.
DERIVED = frozenset({"number", "order", "estimated_hours"})
GROUPS = {"phases": "milestones", "milestones": "steps", "steps": "", "entities": ""}
OTHER = ("title", "type", "objective", "summary", "assumptions", "risks", "out_of_scope", "coverage_target")


def compare(before: Plan, after: Plan) -> Changes:
    """What `after` changes about `before`."""
    found: dict[str, tuple[Any, ...]] = {}
    for group in GROUPS:
        found |= _of_group(group, _parts(before, group), _parts(after, group))
    known = {one.package for one in before.dependencies}
    fresh = tuple(one.package for one in after.dependencies if one.new and one.package not in known)
    fields = (*OTHER, "criteria", "business_logic")
    other = tuple(name for name in fields if getattr(before, name) != getattr(after, name))
    if before.dependencies != after.dependencies and not fresh:
        other = (*other, "dependencies")
    return Changes(**found, stack_changes=_stack(before, after), new_dependencies=fresh, other=other)


def _of_group(group: str, old: Mapping[str, Part], new: Mapping[str, Part]) -> dict[str, tuple[Any, ...]]:
    """The group's three fields of `Changes`."""
    both = [(name, _fields(old[name], new[name], GROUPS[group])) for name in new if name in old]
    return {
        f"{group}_added": tuple(name for name in new if name not in old),
        f"{group}_removed": tuple(name for name in old if name not in new),
        f"{group}_modified": tuple(Modified(name, fields) for name, fields in both if fields),
    }


def _parts(plan: Plan, group: str) -> Mapping[str, Part]:
    if group == "phases":
        return {phase.id: phase for phase in plan.phases}
    if group == "milestones":
        return {milestone.id: milestone for milestone in plan.milestones()}
    if group == "steps":
        return {step.id: step for step in plan.steps()}
    return {entity.name: entity for entity in plan.entities}


def _fields(old: Part, new: Part, children: str) -> tuple[str, ...]:
    ignored = DERIVED | NOT_HASHED | {children}
    names = [name for name in type(new).model_fields if name not in ignored]
    return tuple(name for name in names if getattr(old, name) != getattr(new, name))


def _stack(before: Plan, after: Plan) -> tuple[str, ...]:
    old = {item.component: item for item in before.stack}
    new = {item.component: item for item in after.stack}
    return tuple(name for name in {**new, **old} if old.get(name) != new.get(name))


def titled(changes: Changes, before: Plan, after: Plan) -> dict[str, list[str]]:
    """The changes with titles and names in place of ids, for people; keys as in `Changes`, empty ones left out."""
    names: dict[str, str] = {}
    for plan in (before, after):
        names |= {phase.id: phase.name for phase in plan.phases}
        names |= {milestone.id: milestone.name for milestone in plan.milestones()}
        names |= {step.id: step.title for step in plan.steps()}
    shown: dict[str, list[str]] = {}
    for key, entries in vars(changes).items():
        ids = [entry.id if isinstance(entry, Modified) else entry for entry in entries]
        if ids:
            shown[key] = [names.get(one, one) for one in ids]
    return shown


def classify(before: Plan | None, after: Plan, running: bool = False) -> VersionKind:
    """The kind of the version `after`; `running` = the version before was approved already.

    Less and nothing new is a scope reduction; only refactoring steps added or changed, a refactoring; else a
    modification of what was approved, or a revision of what was not.
    """
    if before is None:
        return VersionKind.INITIAL
    changes = compare(before, after)
    if changes.steps_removed and not changes.steps_added and not _content(changes):
        return VersionKind.SCOPE_REDUCTION
    touched = {*changes.steps_added, *(one.id for one in changes.steps_modified)}
    kinds = {step.kind for step in after.steps() if step.id in touched}
    if kinds == {StepKind.REFACTORING}:
        return VersionKind.REFACTORING
    return VersionKind.MODIFICATION if running else VersionKind.REVISION


def _content(changes: Changes) -> bool:
    """Whether a step that stays has other work to do; losing a dependency on a removed step is none."""
    return any(set(one.fields) - {"depends_on"} for one in changes.steps_modified)
