"""Why a step failed and what would help: an analysis with proposals at the end, suggestions before the last attempt."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from ai.asking import Asker
from ai.blocks import data_block
from ai.debug.box import Amend, Analysis, AnalysisBox, Changes, SuggestionBox, replay
from ai.debug.wire import ANALYSE, REPAIRS, SUGGEST
from ai.executor.feedback import Suggestion, cut
from ai.executor.texts import plan_text, step_text
from ai.limits import Exit, Limits
from ai.loop import Ended, Loop, Talk
from ai.port import Toolbox, ToolSpec
from ai.prompts import Rendered
from ai.roles import LANGUAGES, Terms, code, listed, loop_values, tool_names
from ai.trajectory import Opening, Trajectory, spoken
from state.plan.model import Plan, Step

SYSTEM: Final = ("system/base", "debug/role")
LIMITS: Final = Limits(turns=6, seconds=300.0, dollars=1.0)
QUICK: Final = Limits(turns=3, seconds=120.0, dollars=0.4)
MAX_OUT, QUICK_OUT = 8_000, 3_000
FEEDBACK_BYTES, DIFF_BYTES, FILE_BYTES, DONE_STEPS = 6_000, 8_000, 24_000, 5


@dataclass(frozen=True)
class Tried:
    """One failed attempt: `name` such as `attempt 2`, what the checks said, its diff, the executor's own word."""

    name: str
    reason: str
    checks: tuple[str, ...]
    feedback: str
    diff: str = ""
    claimed: str = ""


@dataclass(frozen=True)
class DebugRequest:
    """What the debugger is told. `done`: (title, note) of the last finished steps; `files`: (path, text) as they are in
    the work tree; `open_steps`: (id, title) of what is not done, the failed step included.
    """

    repo: str
    plan: Plan
    step: Step
    tried: tuple[Tried, ...]
    done: tuple[tuple[str, str], ...] = ()
    files: tuple[tuple[str, str], ...] = ()
    open_steps: tuple[tuple[str, str], ...] = ()
    protected: tuple[str, ...] = ()
    language: str = "en"


@dataclass(frozen=True)
class Analysed:
    """How it ended; without an analysis `detail` says why."""

    exit: Exit
    detail: str
    analysis: Analysis | None = None


@dataclass(frozen=True)
class Suggested:
    """What to change, line by line; nothing where the debugger had nothing to say."""

    cause: str = ""
    suggestions: tuple[Suggestion, ...] = ()


def analyse(
    request: DebugRequest, amend: Amend, changes: Changes, asker: Asker, trajectory: Trajectory, terms: Terms
) -> Analysed:
    """The analysis after the last attempt. Raises ProviderError, state.errors.BudgetReached."""
    box = AnalysisBox(amend, changes)
    ended = _talk(request, "debug/analysis", ANALYSE, box, asker, trajectory, terms)
    return Analysed(ended.exit, ended.detail, box.analysis)


def suggest(
    request: DebugRequest, lines: Callable[[str], int | None], asker: Asker, trajectory: Trajectory, terms: Terms
) -> Suggested:
    """Suggestions for the last attempt, in one short call. Raises ProviderError, state.errors.BudgetReached."""
    box = SuggestionBox(lines)
    _talk(request, "debug/suggestions", SUGGEST, box, asker, trajectory, terms)
    return Suggested(box.cause, box.suggestions)


def _talk(
    request: DebugRequest,
    first_name: str,
    finish: str,
    box: Toolbox,
    asker: Asker,
    trajectory: Trajectory,
    terms: Terms,
) -> Ended:
    system, first = prompts(request, first_name, box.specs(), terms)
    opening = Opening.of(asker.provider, box.specs(), system.parts, first.parts[0])
    talk = Talk(opening, system.hash, finish, terms.limits, terms.max_out, terms.price)
    trajectory.begin(opening)
    replay(box, finish, spoken(trajectory.path))
    return Loop(talk, asker, box, trajectory).run()


def prompts(request: DebugRequest, first: str, specs: Sequence[ToolSpec], terms: Terms) -> tuple[Rendered, Rendered]:
    """System parts and the first message."""
    values = {
        **loop_values(terms.limits, terms.max_out),
        "repo": code(request.repo),
        "language": LANGUAGES.get(request.language, request.language),
        "tool_names": tool_names(specs),
        "protected": listed(request.protected, "none"),
        "repairs": REPAIRS,
        "number": request.step.number,
        "id": code(request.step.id),
        "open_steps": ", ".join(f"{code(name)} ({code(title)})" for name, title in request.open_steps),
        "plan": data_block("the approved plan, in short", plan_text(request.plan)),
        "step": data_block("the step that failed", step_text(request.step)),
        "done": _block("notes of the last finished steps", "\n".join(f"{one}:\n{note}" for one, note in request.done)),
        "tried": "\n\n".join(map(_tried, request.tried)) or "No attempt came to a verdict.",
        "files": files(request.files),
    }
    return terms.prompts.render(SYSTEM, values), terms.prompts.render((first,), values)


def _tried(one: Tried) -> str:
    said = "\n".join([f"ended with: {one.reason}", *one.checks, cut(one.feedback, FEEDBACK_BYTES)])
    parts = [data_block(f"{one.name}, what the checks found", said)]
    parts += [data_block(f"{one.name}, its diff", cut(one.diff, DIFF_BYTES))] if one.diff.strip() else []
    parts += [data_block(f"{one.name}, what the executor claimed", one.claimed)] if one.claimed else []
    return "\n".join([f"## {one.name.capitalize()}", *parts])


def files(found: Sequence[tuple[str, str]]) -> str:
    """The files with line numbers, within a budget, the first ones first; nothing where there is none."""
    left, shown = FILE_BYTES, list[str]()
    for path, text in found:
        numbered = "\n".join(f"{number:5}\t{line}" for number, line in enumerate(text.split("\n"), 1))
        kept = cut(numbered, left)
        left -= len(kept.encode())
        if kept:
            shown.append(data_block("a file", f"{path}\n{kept}"))
    return "\n".join(["# Files as they are in the work tree now", *shown, ""]) + "\n" if shown else ""


def _block(name: str, text: str) -> str:
    return f"{data_block(name, text)}\n\n" if text.strip() else ""
