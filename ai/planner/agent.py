"""From a request to a checked plan, or to an honest word why there is none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from ai.asking import Asker
from ai.blocks import data_block
from ai.limits import Exit, Limits
from ai.loop import Ended, Loop, Talk
from ai.planner.box import FINISH, Cannot, PlannerBox, Validate
from ai.planner.facts import facts
from ai.port import Toolbox, ToolSpec
from ai.prompts import Rendered
from ai.roles import LANGUAGES, Terms, code, commands, listed, loop_values, tool_names
from ai.tools.limits import PLAN_REPAIRS, PLAN_STEPS, STEP_LINES
from ai.trajectory import Opening, Trajectory, Used, spoken
from state.plan.model import Plan
from state.plan.parts import MAX_IN_PARTS
from state.plan.problems import Problem

SYSTEM: Final = ("system/base", "planner/role", "planner/constraints")
FIRST: Final = ("planner/task",)
LIMITS: Final = Limits(turns=40, seconds=900.0, dollars=2.0)
MAX_OUT: Final = 20_000


@dataclass(frozen=True)
class PlanRequest:
    """What the planner is told. `previous`: the plan to be revised, as text; `commands` by purpose (tests, lint).

    `named` are the paths that the request is about, `greenfield` says that there is nothing but a first commit,
    `base_said` that somebody or the usual name chose the base branch.
    """

    repo: str
    base: str
    request: str
    language: str = "en"
    conversation: str = ""
    previous: str = ""
    conventions: str = ""
    repo_map: str = ""
    commands: Mapping[str, str] = field(default_factory=dict)
    protected: tuple[str, ...] = ()
    named: tuple[str, ...] = ()
    greenfield: bool = False
    base_said: bool = True


@dataclass(frozen=True)
class PlanOutcome:
    """A plan, or why there is none, or how planning failed (`problems` = the findings that were left)."""

    exit: Exit
    used: Used
    plan: Plan | None = None
    cannot: Cannot | None = None
    detail: str = ""
    problems: tuple[Problem, ...] = ()


def make_plan(
    request: PlanRequest, read: Toolbox, asker: Asker, validate: Validate, trajectory: Trajectory, terms: Terms
) -> PlanOutcome:
    """Plan, or go on planning where the trajectory ends; a plan that was accepted before a crash is judged again.

    Raises ProviderError, state.errors.BudgetReached.
    """
    box = PlannerBox(read, validate, () if request.previous else request.named, request.conventions)
    system, first = prompts(request, box.specs(), terms)
    opening = Opening.of(asker.provider, box.specs(), system.parts, first.parts[0])
    talk = Talk(opening, system.hash, FINISH, terms.limits, terms.max_out, terms.price)
    trajectory.begin(opening)
    box.replay(spoken(trajectory.path))
    ended = Loop(talk, asker, box, trajectory).run()
    return outcome(ended, box)


def outcome(ended: Ended, box: PlannerBox) -> PlanOutcome:
    """What came of it; a plan that was still wrong at last is an outcome too."""
    detail = ended.detail if ended.exit is not Exit.DONE or box.plan or box.cannot else "invalid"
    return PlanOutcome(ended.exit, ended.used, box.plan, box.cannot, detail, () if box.plan else box.problems)


def prompts(request: PlanRequest, specs: Sequence[ToolSpec], terms: Terms) -> tuple[Rendered, Rendered]:
    """System parts (stable over the revisions of a task) and the first message."""
    values = {
        **loop_values(terms.limits, terms.max_out),
        "repo": code(request.repo),
        "base": code(request.base),
        "language": LANGUAGES.get(request.language, request.language),
        "tool_names": tool_names(specs),
        "repairs": PLAN_REPAIRS,
        "plan_steps": PLAN_STEPS,
        "most_steps": MAX_IN_PARTS,
        "step_lines": STEP_LINES,
        "protected": listed(request.protected, "protected paths"),
        "request": data_block("the request", request.request),
        "conversation": block("the conversation since, oldest first", request.conversation),
        "previous": block("the previous plan, to be revised", request.previous),
        "conventions": block("the repository's own rules", request.conventions),
        "map": block("map of the repository, in part", request.repo_map),
        "commands": commands(request.commands),
        "facts": facts(greenfield=request.greenfield, tests="tests" in request.commands, base_said=request.base_said),
    }
    return terms.prompts.render(SYSTEM, values), terms.prompts.render(FIRST, values)


def block(name: str, text: str) -> str:
    """A data block with a blank line after it; nothing where there is nothing."""
    return f"{data_block(name, text)}\n\n" if text.strip() else ""
