"""The flat form of a plan: what the planner model hands in. Every description is read by a model, every default keeps a
small plan small. Ids, numbers, order and hours are given by code (`state.plan.flat`)."""

from __future__ import annotations

import json
from typing import Any, get_origin

from pydantic import BaseModel, ConfigDict, Field, model_validator

from state.plan.measurable import ALLOWED
from state.plan.model import (
    Change,
    Complexity,
    ConditionType,
    Enforcement,
    Origin,
    Priority,
    StepKind,
    TaskType,
)


class Wire(BaseModel):
    """What models get almost right is taken as meant: null for "left out", a list or object sent as its JSON text."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _meant(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        kept = {key: part for key, part in value.items() if part is not None}
        return {key: _unpacked(part) if _is_list(cls, key) else part for key, part in kept.items()}


def _is_list(model: type[BaseModel], name: str) -> bool:
    field = model.model_fields.get(name)
    return field is not None and get_origin(field.annotation) is list


def _unpacked(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        unpacked = json.loads(value)
    except ValueError:
        return [value] if value.strip() else []
    return unpacked if isinstance(unpacked, list) else [unpacked if isinstance(unpacked, dict) else value]


class WireCondition(Wire):
    """A condition that a program checks."""

    type: ConditionType = Field(description="What is checked.")
    target: str = Field(
        description="file_exists, directory_exists, syntax_valid, imports_resolve, symbol_defined, text_matches: path. "
        "import_available: a module. command_succeeds: one command line without git. test_passes: a test id such as "
        "tests/test_stock.py::test_rejects_negative."
    )
    value: str = Field("", description="symbol_defined: the name. text_matches: a regular expression. Else empty.")
    description: str = Field("", description="One sentence for people.")
    critical: bool = Field(True, description="False: shown, but does not stop the step.")


class WireCitation(Wire):
    """Existing code that the step builds on."""

    path: str = Field(description="Path of an existing file, from the root of the repository.")
    lines: str = Field("", description="12 or 12-40, counted from 1; empty for the whole file.")


class WireFile(Wire):
    """A file that the step touches."""

    path: str = Field(description="Path from the root of the repository, with forward slashes.")
    change: Change = Field(
        description="create: must not exist yet. modify, delete: must exist, or an earlier step makes it."
    )


class WireSubstep(Wire):
    """An optional part of a step."""

    title: str
    description: str = ""
    estimated_minutes: int = Field(0, ge=0)


class WireStep(Wire):
    """One responsibility, one main file, one testable result."""

    id: str = Field(
        "",
        description="A name by which depends_on can refer to this step, such as a. When a plan is revised: the id that "
        "the step already has (s03) if it is still that step; a new step gets a new name.",
    )
    title: str = Field(description="What is done, as an order of at most 80 characters.")
    description: str = Field("", description="What to do and how, so that someone who sees only this step can do it.")
    phase: str = Field("", description="Name of its phase; leave out if the plan has none.")
    milestone: str = Field("", description="Name of its milestone; leave out if the plan has none.")
    kind: StepKind = StepKind.IMPLEMENTATION
    priority: Priority = Field(Priority.MEDIUM, description="Order of work among steps that could run.")
    complexity: Complexity = Field(Complexity.LOW, description="high gets a stronger model.")
    estimated_minutes: int = Field(
        5,
        description="1 to 15. Setup 1-3, foundation 5-10, a model or endpoint 8-12, logic 10-15. More: split the step.",
    )
    story_points: int = Field(1, ge=0)
    acceptance_criteria: list[str] = Field(default_factory=list, description="What is true when the step is done.")
    labels: list[str] = Field(default_factory=list)
    depends_on: list[str] = Field(
        default_factory=list, description="Ids (or exact titles) of at most 4 steps that must be done first."
    )
    serves: str = Field(
        "",
        description="The sentence of the request that this step serves, quoted. Empty: nobody asked for it; the step "
        "is shown as an extra and stays off unless a person ticks it.",
    )
    citations: list[WireCitation] = Field(default_factory=list, description="Code it builds on; checked to exist.")
    files: list[WireFile] = Field(default_factory=list, description="Every file that the step touches, tests included.")
    main_file: str = Field("", description="The one main output among files; may be left out if only one is no test.")
    symbols: list[str] = Field(default_factory=list, description="Functions and classes that exist afterwards.")
    tables: list[str] = Field(default_factory=list, description="Database tables that exist afterwards.")
    exports: list[str] = Field(default_factory=list, description="Public names that exist afterwards.")
    lines_min: int = Field(0, ge=0, description="Least number of changed lines expected.")
    lines_max: int = Field(0, ge=0, description="Most changed lines expected, at most 300. More: split the step.")
    preconditions: list[WireCondition] = Field(
        default_factory=list, description="Must hold before the step starts; a failed critical one blocks the step."
    )
    postconditions: list[WireCondition] = Field(default_factory=list, description="Must hold when the step is done.")
    tests: list[str] = Field(default_factory=list, description="Ids of the tests that the step adds or must make pass.")
    substeps: list[WireSubstep] = Field(default_factory=list)


class WirePhase(Wire):
    """A group of milestones; only for work that has several."""

    name: str
    description: str = ""
    depends_on: list[str] = Field(default_factory=list, description="Names of phases that come first.")
    steps: int = Field(
        default=0, ge=0, description="Only in the skeleton of a plan in parts: how many steps it will have."
    )


class WireMilestone(Wire):
    """A group of steps; only for work that has several."""

    name: str
    phase: str = Field("", description="Name of its phase; leave out if there is only one.")
    description: str = ""
    acceptance_criteria: list[str] = Field(default_factory=list)


class WireStack(Wire):
    """One technology."""

    component: str = Field(description="What for, such as web framework, database, tests.")
    technology: str
    version: str = ""
    why: str = ""
    origin: Origin = Field("existing", description="existing: the repository has it. new: this plan brings it.")


class WirePackage(Wire):
    """A package that the plan relies on."""

    package: str
    constraint: str = Field("", description="Such as >=2,<3.")
    new: bool = Field(
        True, description="True: not yet declared by the repository; the person approves it with the plan."
    )
    why: str = ""


class WireRule(Wire):
    """A business rule."""

    description: str
    enforcement: Enforcement = "application_layer"


class WireAttribute(Wire):
    """One attribute of an entity."""

    name: str
    type: str
    primary_key: bool = False
    unique: bool = False
    nullable: bool = True
    indexed: bool = False
    max_length: int | None = None
    default: str | None = None


class WireRelation(Wire):
    """A relation to another entity."""

    name: str
    type: str = Field(description="Such as many_to_one.")
    target_entity: str
    foreign_key: str = ""


class WireEntity(Wire):
    """An entity that the plan adds or changes."""

    name: str
    type: str = "entity"
    description: str = ""
    attributes: list[WireAttribute] = Field(default_factory=list)
    relations: list[WireRelation] = Field(default_factory=list)
    validations: list[str] = Field(default_factory=list)


class WireCriterion(Wire):
    """When the task is done."""

    criterion: str = Field(description="One sentence for people.")
    measurable: str = Field("", description=f"How a program judges it: {ALLOWED}.")


class Submission(Wire):
    """The input of submit_plan."""

    title: str = Field(description="At most 80 characters; becomes the branch name and the commit scope.")
    type: TaskType = Field(TaskType.FEAT, description="Conventional commit type of the whole task.")
    objective: str = Field("", description="One sentence: what is different for the user afterwards.")
    summary: str = Field("", description="At most three lines: what will be done and how.")
    assumptions: list[str] = Field(default_factory=list, description="What you took for granted and could not look up.")
    risks: list[str] = Field(default_factory=list)
    out_of_scope: list[str] = Field(default_factory=list, description="What one might expect and will not be done.")
    stack: list[WireStack] = Field(default_factory=list, description="Only parts that matter for this request.")
    dependencies: list[WirePackage] = Field(default_factory=list, description="Packages the plan adds or relies on.")
    coverage_target: float | None = Field(None, ge=0, le=100, description="Percent, only if asked for.")
    domain: str = ""
    industry: str = ""
    rules: list[WireRule] = Field(default_factory=list, description="Business rules that the change must keep.")
    workflows: list[str] = Field(default_factory=list)
    entities: list[WireEntity] = Field(default_factory=list, description="Only entities that the plan adds or changes.")
    criteria: list[WireCriterion] = Field(default_factory=list, description="When the whole task is done.")
    phases: list[WirePhase] = Field(default_factory=list, description="Leave out for small work.")
    milestones: list[WireMilestone] = Field(default_factory=list, description="Leave out for small work.")
    size_reason: str = Field("", description="Only when asked for it: why the request needs this many steps.")
    part: str = Field("", description="Only for a plan in parts: the name of the phase whose steps these are.")
    steps: list[WireStep] = Field(
        description="1 to 50 steps in order of work. A one-line fix is one step. A test belongs to the step it tests. "
        "More than 50: in parts; first a skeleton, which is everything but steps, each phase with its number of steps."
    )
