"""From a request to a checked plan, or to an honest word why there is none."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from ai.asking import Asker
from ai.blocks import data_block
from ai.limits import Exit, Limits
from ai.loop import Ended, Loop, Talk
from ai.port import Answered, Json, Toolbox, ToolResult, ToolSpec
from ai.prompts import Rendered
from ai.roles import LANGUAGES, Terms, code, commands, listed, loop_values, tool_names
from ai.tools.finish import CANNOT_KINDS, submit_plan
from ai.tools.limits import PLAN_REPAIRS, PLAN_STEPS, STEP_LINES
from ai.trajectory import Opening, Trajectory, Used, load
from state.plan.model import Plan
from state.plan.problems import Problem, teach
from state.plan.schema import submit_plan_schema

SYSTEM: Final = ("system/base", "planner/role", "planner/constraints")
FIRST: Final = ("planner/task",)
LIMITS: Final = Limits(turns=40, seconds=900.0, dollars=2.0)
MAX_OUT: Final = 20_000
FINISH: Final = "submit_plan"

Validate = Callable[[Mapping[str, Any]], Plan | Sequence[Problem]]


@dataclass(frozen=True)
class PlanRequest:
    """What the planner is told. `previous`: the plan to be revised, as text; `commands` by purpose (tests, lint)."""

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


@dataclass(frozen=True)
class Cannot:
    """Why there is no plan: kind is nothing_to_do, impossible or ambiguous; the reason is the model's, for people."""

    kind: str
    reason: str


@dataclass(frozen=True)
class PlanOutcome:
    """A plan, or why there is none, or how planning failed (`problems` = the findings that were left)."""

    exit: Exit
    used: Used
    plan: Plan | None = None
    cannot: Cannot | None = None
    detail: str = ""
    problems: tuple[Problem, ...] = ()


class PlannerBox:
    """The read tools and `submit_plan`, whose answer is what the validator found."""

    def __init__(self, read: Toolbox, validate: Validate, rejected: int = 0) -> None:
        self.read = read
        self.validate = validate
        self.rejected = rejected
        self.judged = False
        self.plan: Plan | None = None
        self.cannot: Cannot | None = None
        self.problems: tuple[Problem, ...] = ()
        self._finish = submit_plan(submit_plan_schema())

    def specs(self) -> Sequence[ToolSpec]:
        """The read tools first, as they never change."""
        return (*self.read.specs(), self._finish)

    def call(self, name: str, args: Json) -> ToolResult:
        """Run a read tool, or judge a plan."""
        return self._submit(dict(args)) if name == FINISH else self.read.call(name, args)

    def _submit(self, args: dict[str, Any]) -> ToolResult:
        self.judged = True
        reason = args.pop("cannot", None)
        if reason is not None and not args.get("steps"):
            return self._no_plan(reason)
        found = self.validate(args)
        if isinstance(found, Plan):
            self.plan = found
            return ToolResult("The plan is accepted.", final=True)
        self.problems = tuple(found)
        self.rejected += 1
        if self.rejected > PLAN_REPAIRS:
            return ToolResult("The plan is still wrong; planning has failed.", is_error=True, final=True)
        left = PLAN_REPAIRS - self.rejected + 1
        return ToolResult(f"{teach(self.problems)} Repairs left: {left}.", is_error=True)

    def _no_plan(self, given: Any) -> ToolResult:
        kind = given.get("kind") if isinstance(given, dict) else None
        reason = given.get("reason") if isinstance(given, dict) else None
        if kind not in CANNOT_KINDS or not isinstance(reason, str) or not reason.strip():
            kinds = ", ".join(CANNOT_KINDS)
            return ToolResult(
                f"`cannot` needs kind (one of {kinds}) and reason (a sentence for people).", is_error=True
            )
        self.cannot = Cannot(kind, reason.strip())
        return ToolResult("Noted: there is no plan to make.", final=True)


def make_plan(
    request: PlanRequest, read: Toolbox, asker: Asker, validate: Validate, trajectory: Trajectory, terms: Terms
) -> PlanOutcome:
    """Plan, or go on planning where the trajectory ends; a plan that was accepted before a crash is judged again.

    Raises ProviderError, state.errors.BudgetReached.
    """
    box = PlannerBox(read, validate, rejected_before(trajectory))
    system, first = prompts(request, box.specs(), terms)
    opening = Opening.of(asker.provider, box.specs(), system.parts, first.parts[0])
    talk = Talk(opening, system.hash, FINISH, terms.limits, terms.max_out, terms.price)
    ended = Loop(talk, asker, box, trajectory).run()
    if ended.call and not box.judged:
        box.call(FINISH, ended.call.args)
    return outcome(ended, box)


def outcome(ended: Ended, box: PlannerBox) -> PlanOutcome:
    """What came of it; a plan that was still wrong at last is an outcome too."""
    detail = ended.detail if ended.exit is not Exit.DONE or box.plan or box.cannot else "invalid"
    return PlanOutcome(ended.exit, ended.used, box.plan, box.cannot, detail, () if box.plan else box.problems)


def rejected_before(trajectory: Trajectory) -> int:
    """How many plans of this conversation were refused before it was interrupted."""
    past = load(trajectory.path)
    answers = [one for turn in past.turns if isinstance(turn, Answered) for one in turn.answers] if past else []
    return sum(one.name == FINISH and one.is_error for one in answers)


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
        "step_lines": STEP_LINES,
        "protected": listed(request.protected, "protected paths"),
        "request": data_block("the request", request.request),
        "conversation": block("the conversation since, oldest first", request.conversation),
        "previous": block("the previous plan, to be revised", request.previous),
        "conventions": block("the repository's own rules", request.conventions),
        "map": block("map of the repository, in part", request.repo_map),
        "commands": commands(request.commands),
    }
    return terms.prompts.render(SYSTEM, values), terms.prompts.render(FIRST, values)


def block(name: str, text: str) -> str:
    """A data block with a blank line after it; nothing where there is nothing."""
    return f"{data_block(name, text)}\n\n" if text.strip() else ""
