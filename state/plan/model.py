"""The plan: phases > milestones > steps > substeps, with the field names of details.md section 5.

Values are frozen: a change is a new version made with `model_copy` or by the flat form. Minutes and hours are estimates
of work, times are UTC. Fields that say how it went (status, actual_*, *_at) and `lessons` are no part of the hash.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from state.lifecycle import SubstepStatus
from state.plan.words import (
    Change,
    Complexity,
    ConditionType,
    Enforcement,
    Origin,
    Priority,
    StepKind,
    TaskType,
)

__all__ = [
    "Attribute",
    "BusinessLogic",
    "Change",
    "Citation",
    "Complexity",
    "Condition",
    "ConditionType",
    "Criterion",
    "Enforcement",
    "Entity",
    "ExpectedOutputs",
    "FileChange",
    "Milestone",
    "Origin",
    "PackageDependency",
    "Part",
    "Phase",
    "Plan",
    "Priority",
    "Relation",
    "Rule",
    "StackItem",
    "Step",
    "StepKind",
    "Substep",
    "TaskType",
]


class Part(BaseModel):
    """What every part of a plan has in common: frozen, no unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class StackItem(Part):
    """One technology of the stack; `origin` says whether the repository has it or the plan brings it."""

    component: str
    technology: str
    version: str = ""
    why: str = ""
    origin: Origin = "existing"


class PackageDependency(Part):
    """A package that the plan relies on; a new one is approved with the plan."""

    package: str
    constraint: str = ""
    new: bool = True
    why: str = ""


class Rule(Part):
    """A business rule and where it is enforced."""

    id: str
    description: str
    enforcement: Enforcement = "application_layer"


class BusinessLogic(Part):
    """The domain behind the plan; empty for small requests."""

    domain: str = ""
    industry: str = ""
    rules: list[Rule] = Field(default_factory=list)
    workflows: list[str] = Field(default_factory=list)


class Attribute(Part):
    """One attribute of an entity."""

    name: str
    type: str
    primary_key: bool = False
    unique: bool = False
    nullable: bool = True
    indexed: bool = False
    max_length: int | None = None
    default: str | None = None


class Relation(Part):
    """A relation between two entities."""

    name: str
    type: str
    target_entity: str
    foreign_key: str = ""


class Entity(Part):
    """An entity of the domain model."""

    name: str
    type: str = "entity"
    description: str = ""
    attributes: list[Attribute] = Field(default_factory=list)
    relations: list[Relation] = Field(default_factory=list)
    validations: list[str] = Field(default_factory=list)


class Criterion(Part):
    """When the task is done. `measurable` is a text for `state.plan.measurable`; empty = a person checks."""

    criterion: str
    measurable: str = ""


class Condition(Part):
    """A typed pre- or postcondition; see `ConditionType` for what target and value mean."""

    type: ConditionType
    target: str
    value: str = ""
    description: str = ""
    critical: bool = True


class Citation(Part):
    """Code that the step builds on; `lines` is `12` or `12-40`, counted from 1, or empty for the whole file."""

    path: str
    lines: str = ""


class FileChange(Part):
    """A file that the step touches."""

    path: str
    change: Change


class ExpectedOutputs(Part):
    """What the step leaves behind; lines_min and lines_max count changed lines, main_file is the one main output."""

    main_file: str = ""
    files: list[str] = Field(default_factory=list)
    symbols: list[str] = Field(default_factory=list)
    tables: list[str] = Field(default_factory=list)
    exports: list[str] = Field(default_factory=list)
    lines_min: int = 0
    lines_max: int = 0


class Substep(Part):
    """An optional part of a step; id such as `s01.1`."""

    id: str
    title: str
    description: str = ""
    estimated_minutes: int = 0
    actual_minutes: float | None = None
    status: SubstepStatus = SubstepStatus.PENDING


class Step(Part):
    """The atomic unit of work. `id` (`s07`) is stable and never reused, `number` is its place in this version, from 1.

    An `extra` serves no sentence of the request: it is off until somebody ticks it (a new version with `extra` false).
    """

    id: str
    number: int
    title: str
    description: str = ""
    kind: StepKind = StepKind.IMPLEMENTATION
    priority: Priority = Priority.MEDIUM
    complexity: Complexity = Complexity.LOW
    estimated_minutes: int = 5
    story_points: int = 1
    acceptance_criteria: list[str] = Field(default_factory=list)
    labels: list[str] = Field(default_factory=list)
    depends_on: list[str] = Field(default_factory=list)
    serves: str = ""
    extra: bool = False
    citations: list[Citation] = Field(default_factory=list)
    files: list[FileChange] = Field(default_factory=list)
    expected_outputs: ExpectedOutputs = Field(default_factory=ExpectedOutputs)
    preconditions: list[Condition] = Field(default_factory=list)
    postconditions: list[Condition] = Field(default_factory=list)
    tests: list[str] = Field(default_factory=list)
    substeps: list[Substep] = Field(default_factory=list)


class Milestone(Part):
    """A group of steps with acceptance criteria of its own; id such as `m01`."""

    id: str
    name: str
    description: str = ""
    order: int = 1
    acceptance_criteria: list[str] = Field(default_factory=list)
    estimated_hours: float = 0.0
    actual_hours: float | None = None
    started_at: datetime | None = None
    completed_at: datetime | None = None
    steps: list[Step] = Field(default_factory=list)


class Phase(Part):
    """A group of milestones; id such as `p01`."""

    id: str
    name: str
    description: str = ""
    order: int = 1
    depends_on_phases: list[str] = Field(default_factory=list)
    estimated_hours: float = 0.0
    actual_hours: float | None = None
    started_at: datetime | None = None
    completed_at: datetime | None = None
    milestones: list[Milestone] = Field(default_factory=list)


class Plan(Part):
    """The proposal for a task. `coverage_target` is percent, None = not asked for."""

    title: str
    type: TaskType = TaskType.FEAT
    objective: str = ""
    summary: str = ""
    assumptions: list[str] = Field(default_factory=list)
    risks: list[str] = Field(default_factory=list)
    out_of_scope: list[str] = Field(default_factory=list)
    stack: list[StackItem] = Field(default_factory=list)
    dependencies: list[PackageDependency] = Field(default_factory=list)
    coverage_target: float | None = None
    business_logic: BusinessLogic = Field(default_factory=BusinessLogic)
    entities: list[Entity] = Field(default_factory=list)
    criteria: list[Criterion] = Field(default_factory=list)
    phases: list[Phase] = Field(default_factory=list)
    lessons: list[str] = Field(default_factory=list)

    def milestones(self) -> Iterator[Milestone]:
        """Every milestone in plan order."""
        for phase in self.phases:
            yield from phase.milestones

    def steps(self) -> Iterator[Step]:
        """Every step in plan order, extras included."""
        for milestone in self.milestones():
            yield from milestone.steps

    def step(self, step_id: str) -> Step | None:
        """The step with that stable id, or None."""
        return next((step for step in self.steps() if step.id == step_id), None)
