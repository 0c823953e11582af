"""From a step of the plan to edits in the work tree and a hand-off note."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ai.asking import Asker
from ai.blocks import data_block
from ai.condense import Condensing
from ai.executor.feedback import Feedback, render
from ai.executor.texts import plan_text, step_text
from ai.limits import Exit, Limits
from ai.loop import Ended, Loop, Talk
from ai.port import Reply, Toolbox, ToolSpec
from ai.prompts import Rendered
from ai.roles import Terms, code, commands, listed, loop_values, tool_names
from ai.tools.limits import HANDOFF_LINES, STEP_LINES
from ai.trajectory import Opening, Trajectory, Used, spoken
from state.plan.model import Plan, Step

SYSTEM: Final = ("system/base", "executor/role", "executor/coding_rules", "git/rules", "testing/rules")
FIRST: Final = ("executor/step",)
LIMITS: Final = Limits()
CONDENSING: Final = Condensing()
MAX_OUT: Final = 16_000
FINISH: Final = "done"
NONE: Final = Feedback()


@dataclass(frozen=True)
class StepRequest:
    """What the executor is told.

    `commands` by purpose (`tests`, `lint`, `types`, ...); `handoffs`: (step title, note) of finished steps;
    `feedback`: what is told about the attempts before; `blocking`: checks that must pass here and elsewhere need not.
    """

    repo: str
    base: str
    plan: Plan
    step: Step
    commands: Mapping[str, str]
    attempt: int = 1
    attempts: int = 4
    conventions: str = ""
    repo_map: str = ""
    changelog: str = "none is kept"
    blocking: tuple[str, ...] = ()
    handoffs: tuple[tuple[str, str], ...] = ()
    feedback: Feedback = NONE
    protected: tuple[str, ...] = ()


@dataclass(frozen=True)
class ExtraFile:
    """A changed file that the plan does not name, with the executor's reason to take it."""

    path: str
    reason: str


@dataclass(frozen=True)
class StepOutcome:
    """How the conversation ended. A model's word: only the checks say whether the step is done."""

    status: Exit
    detail: str
    used: Used
    summary: str = ""
    handoff: str = ""
    extra_files: tuple[ExtraFile, ...] = ()


def run_step(request: StepRequest, tools: Toolbox, asker: Asker, trajectory: Trajectory, terms: Terms) -> StepOutcome:
    """Work on a step, or go on where the trajectory ends. Raises ProviderError, state.errors.BudgetReached."""
    system, first = prompts(request, tools.specs(), terms)
    opening = Opening.of(asker.provider, tools.specs(), system.parts, first.parts[0])
    talk = Talk(opening, system.hash, FINISH, terms.limits, terms.max_out, terms.price, condensing=CONDENSING)
    return outcome(Loop(talk, asker, tools, trajectory).run())


def outcome(ended: Ended) -> StepOutcome:
    """What the accepted `done` said, as far as it is usable."""
    args: Mapping[str, Any] = ended.call.args if ended.call else {}
    return StepOutcome(
        ended.exit,
        ended.detail,
        ended.used,
        str(args.get("summary") or "").strip(),
        "\n".join(str(args.get("handoff") or "").strip().splitlines()[:HANDOFF_LINES]),
        extra_files(args.get("extra_files")),
    )


def claim(trajectory: Path) -> str:
    """The executor's own word: the summary of the last `done` in a trajectory, accepted or refused."""
    calls = [call for turn in spoken(trajectory) if isinstance(turn, Reply) for call in turn.calls]
    return next((str(call.args.get("summary") or "").strip() for call in reversed(calls) if call.name == FINISH), "")


def extra_files(given: Any) -> tuple[ExtraFile, ...]:
    """The entries that name a path; anything else is left out."""
    rows = [row for row in given if isinstance(row, dict)] if isinstance(given, list) else []
    return tuple(ExtraFile(str(row["path"]), str(row.get("reason") or "")) for row in rows if row.get("path"))


def prompts(request: StepRequest, specs: Sequence[ToolSpec], terms: Terms) -> tuple[Rendered, Rendered]:
    """System parts, the same bytes for every step and attempt of a task, and the first message."""
    values = {
        **loop_values(terms.limits, terms.max_out),
        "repo": code(request.repo),
        "base": code(request.base),
        "tool_names": tool_names(specs),
        "protected": listed(request.protected, "none"),
        "step_lines": STEP_LINES,
        "condense_from": CONDENSING.begin,
        "condense_every": CONDENSING.every,
        "condense_keep": CONDENSING.keep,
        "attempt": request.attempt,
        "attempts": request.attempts,
        "changelog": request.changelog,
        "blocking": f", and in this repository {', '.join(request.blocking)}" if request.blocking else "",
        "commands": commands(request.commands),
        "how_tested": how_tested(request.commands.get("tests", "")),
        "number": request.step.number,
        "of": sum(not step.extra for step in request.plan.steps()),
        "step": step_text(request.step),
        "handoffs": notes(request.handoffs),
        "feedback": render(request.feedback),
        "map": data_block("map of the repository, in part", request.repo_map or "(use list_files)"),
    }
    system = terms.prompts.render(SYSTEM, values)
    conventions = (data_block("the repository's own rules", request.conventions),) if request.conventions else ()
    parts = (*system.parts, *conventions, plan_text(request.plan))
    return Rendered(parts, system.hash), terms.prompts.render(FIRST, values)


def how_tested(command: str) -> str:
    """The sentence about the tests' command."""
    if not command:
        return "No test command is known here yet: what you write, try with `run`."
    return f"They run with: {code(command)}. `run_tests` uses exactly that; so do the checks."


def notes(handoffs: Sequence[tuple[str, str]]) -> str:
    """The notes of the steps before, as data: a model wrote them."""
    text = "\n".join(f"{title}:\n{note}" for title, note in handoffs if note)
    return f"{data_block('notes of the finished steps', text)}\n\n" if text else ""
