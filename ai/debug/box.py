"""The debug agent's one tool in each of its two conversations, and what it answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Final

from pydantic import ValidationError

from ai.arguments import Mistake, accept
from ai.debug.wire import (
    ANALYSE,
    CONTEXT,
    REPAIRS,
    SCOPE,
    STEP,
    SUGGEST_TOOL,
    WireAnalysis,
    WireProposal,
    analysis_tool,
)
from ai.executor.feedback import Suggestion
from ai.port import Json, Reply, Toolbox, ToolResult, ToolSpec, Turn
from state.plan.model import Plan
from state.plan.problems import Problem
from state.plan.wire_errors import explain

Amend = Callable[[Sequence[Mapping[str, Any]]], Plan | Sequence[Problem]]
"""The plan that a proposal's steps make, or what is wrong with it."""
Changes = Callable[[Sequence[Mapping[str, Any]]], bool]
"""Whether one of the steps is one that the plan has."""
MOST_SUGGESTIONS: Final = 8
ACCEPTED: Final = "The analysis is accepted."
KEPT: Final = "The analysis is taken without the proposals that are still wrong."
FAILED: Final = "The analysis is still wrong; it ends without one."
TAKEN: Final = "Taken."


@dataclass(frozen=True)
class Proposed:
    """A proposal that holds: `plan` is what it would make of the plan, None where it changes none."""

    title: str
    description: str
    action: str
    success_probability: float
    minutes: float
    note: str = ""
    plan: Plan | None = None


@dataclass(frozen=True)
class Analysis:
    """Why a step failed (details.md 6); the proposals stand likeliest first."""

    root_cause: str
    symptoms: tuple[str, ...] = ()
    why_retries_failed: tuple[str, ...] = ()
    hidden_dependency: str = ""
    conclusion: str = ""
    proposals: tuple[Proposed, ...] = ()


@dataclass
class AnalysisBox:
    """Judges what is handed in; after the last repair it keeps what is right of it."""

    amend: Amend
    changes: Changes
    rejected: int = 0
    analysis: Analysis | None = None
    problems: tuple[Problem, ...] = ()

    def specs(self) -> Sequence[ToolSpec]:
        """The one tool."""
        return (analysis_tool(),)

    def call(self, name: str, args: Json) -> ToolResult:
        """Judge it."""
        try:
            form = WireAnalysis.model_validate(dict(args))
        except ValidationError as error:
            return self._wrong(explain(error, args, WireAnalysis), None)
        found, problems = self._proposals(form)
        ordered = sorted(found, key=lambda one: -one.success_probability)
        analysis = Analysis(
            form.root_cause,
            tuple(form.symptoms),
            tuple(form.why_retries_failed),
            form.hidden_dependency,
            form.conclusion,
            tuple(ordered),
        )
        if problems:
            return self._wrong(problems, analysis)
        self.analysis = analysis
        return ToolResult(ACCEPTED, final=True)

    def _wrong(self, problems: Sequence[Problem], analysis: Analysis | None) -> ToolResult:
        self.problems = tuple(problems)
        self.rejected += 1
        if self.rejected <= REPAIRS:
            return ToolResult(f"{taught(problems)} Repairs left: {REPAIRS - self.rejected + 1}.", is_error=True)
        self.analysis = analysis
        return ToolResult(KEPT if analysis else FAILED, is_error=True, final=True)

    def _proposals(self, form: WireAnalysis) -> tuple[list[Proposed], list[Problem]]:
        found, problems = list[Proposed](), list[Problem]()
        for place, one in enumerate(form.proposals, 1):
            steps = [step for step in form.steps if str(step.get("proposal")) == str(place)]
            wrong = _unfit(one, steps, self.changes)
            plan = self.amend(steps) if steps and not wrong else None
            if plan is not None and not isinstance(plan, Plan):
                wrong, plan = list(plan), None
            problems += [Problem(f"proposal {place}, {each.where}", each.what, each.allowed) for each in wrong]
            if not wrong:
                minutes, chance = one.estimated_minutes, one.success_probability
                found.append(Proposed(one.title, one.description, one.action, chance, minutes, one.note, plan))
        return found, problems + _homeless(form)


def _homeless(form: WireAnalysis) -> list[Problem]:
    """Steps that name no proposal, or one that is not there."""
    places = {str(place) for place in range(1, len(form.proposals) + 1)}
    count = sum(str(step.get("proposal")) not in places for step in form.steps)
    return [Problem("steps", f"{count} belong to no proposal", "proposal: its number, from 1")] if count else []


def _unfit(one: WireProposal, steps: Sequence[Mapping[str, Any]], changes: Changes) -> list[Problem]:
    """Whether the steps are such as the action says."""
    if one.action == CONTEXT:
        return [Problem("steps", f"{CONTEXT} changes no step", "no steps for it")] if steps else []
    if not steps:
        return [
            Problem("steps", f"{one.action} needs the step", f"an entry of `steps` with this `proposal`, or {CONTEXT}")
        ]
    known = changes(steps)
    if one.action == STEP and known:
        return [Problem("steps", f"{STEP} only adds steps, but one has the id of a step of the plan", SCOPE)]
    if one.action == SCOPE and not known:
        return [Problem("steps", f"{SCOPE} changes a step, but none has the id of one", STEP)]
    return []


def taught(problems: Sequence[Problem]) -> str:
    """The findings as one text."""
    lines = ["The analysis was not accepted:", *(f"- {problem}" for problem in problems[:20])]
    return "\n".join([*lines, f"Correct all of them and call {ANALYSE} again with everything."])


@dataclass
class SuggestionBox:
    """Takes suggestions about files that exist; `lines` says how many a file has, None for none."""

    lines: Callable[[str], int | None]
    cause: str = ""
    suggestions: tuple[Suggestion, ...] = field(default=())
    rejected: int = 0

    def specs(self) -> Sequence[ToolSpec]:
        """The one tool."""
        return (SUGGEST_TOOL,)

    def call(self, name: str, args: Json) -> ToolResult:
        """A line that is not there is answered once; then what fits is kept."""
        given = [one for row in args["suggestions"] if (one := _suggestion(row))][:MOST_SUGGESTIONS]
        wrong = [said for one in given if (said := self._off(one))]
        self.cause = str(args["cause"])
        self.suggestions = tuple(one for one in given if not self._off(one))
        if wrong and not self.rejected:
            self.rejected += 1
            return ToolResult("\n".join(["Not taken:", *wrong, "Correct these and hand in all again."]), is_error=True)
        return ToolResult(TAKEN, final=True)

    def _off(self, one: Suggestion) -> str:
        most = self.lines(one.path)
        if most is None:
            return "" if one.line == 0 else f"- {one.path} does not exist; for a new file give line 0."
        return "" if 0 <= one.line <= most else f"- {one.path} has {most} lines, so there is no line {one.line}."


def _suggestion(row: object) -> Suggestion | None:
    """A row with all of its fields; anything else is left out."""
    if not isinstance(row, dict) or not row.get("path") or not row.get("change"):
        return None
    line = row.get("line")
    number = int(line) if isinstance(line, int | float) or (isinstance(line, str) and line.isdecimal()) else 0
    return Suggestion(str(row["path"]), number, str(row.get("problem") or ""), str(row["change"]))


def replay(box: Toolbox, finish: str, turns: Sequence[Turn]) -> None:
    """Take up an interrupted conversation: what was handed in before counts as if it were now."""
    for reply, _ in pairwise(turns):
        for call in reply.calls if isinstance(reply, Reply) else ():
            if call.name == finish and not call.problem:
                with suppress(Mistake):
                    box.call(finish, accept(call, box.specs()))
