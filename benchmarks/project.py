"""P11: a simulated project of fifty steps on fixed traces: what it costs with the prompt caches and what without.

The planner talks to Claude (breakpoints, write fees), the executor to Gemini (implicit caching, taken to hit every
prefix from its least size on, across the steps of the task too). Prompts, loop, condensation and hand-off notes are the
service's own; the results of the tools have fixed sizes.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from ai.executor.agent import StepRequest
from ai.planner.agent import LIMITS, MAX_OUT, PlanRequest
from ai.planner.agent import prompts as planner_prompts
from ai.port import Answer, Answered, Json, Request, Said, ToolResult, ToolSpec, Turn, Usage
from ai.roles import Terms
from ai.tools.finish import submit_plan
from ai.tools.sets import EXECUTOR, PLANNER_READ
from benchmarks.figures import Figure, at_most
from benchmarks.recorder import Decision, Recorder
from benchmarks.tokens import CLAUDE, GEMINI, TERMS, conversation
from state.plan.model import Milestone, Phase, Plan, Step
from state.plan.schema import submit_plan_schema

STEPS = 50
TURNS = 12
PLANNING = 16
LEAST, MOST = 300, 7_000
NOTE = "\n".join(
    f"{n}. The helper for this stands in src/app/part{n}.py; its tests show how it is called." for n in range(8)
)
WORDS = (
    "The cause is that the caller passes the amount twice; I mend it where it is added, and look at the callers next."
)
DECISIONS = [
    Decision(WORDS, "read_file", {"path": "src/app/part.py"}),
    Decision(WORDS, "search", {"pattern": "def total"}),
    Decision(WORDS, "edit_file", {"path": "src/app/part.py", "old": "x = 1\n" * 12, "new": "y = 2\n" * 16}),
    Decision(WORDS, "run_tests", {"selection": "tests/test_part.py"}),
]


class Sized:
    """Tools whose results are texts of sizes that a seed gives: the same traces at every run."""

    def __init__(self, specs: Sequence[ToolSpec], seed: int) -> None:
        self._specs = specs
        self._random = random.Random(seed)

    def specs(self) -> Sequence[ToolSpec]:
        return self._specs

    def call(self, name: str, args: Json) -> ToolResult:
        """So many characters of what no other result holds."""
        size = int(self._random.triangular(LEAST, MOST, LEAST))
        lines = (f"{self._random.getrandbits(96):024x} {name}" for _ in range(size // 32 + 1))
        return ToolResult("\n".join(lines)[:size])


def run(folder: Path) -> Iterator[Figure]:
    """The figure of P11."""
    cached, bare = (a + b for a, b in zip(planned(), executed(folder), strict=True))
    what = f"dollars of {STEPS} steps beside the same traces uncached (${cached:.2f} of ${bare:.2f})"
    yield at_most("P11", what, cached / bare, 0.35)


def plan() -> Plan:
    """Fifty steps in ten milestones."""
    steps = [
        Step(
            id=f"s{n:02}",
            number=n,
            title=f"Part {n} counts in cents",
            description=f"In `src/app/part{n}.py`. {WORDS * 3}",
        )
        for n in range(1, STEPS + 1)
    ]
    parts = [Milestone(id=f"m{n}", name=f"Part {n}", steps=steps[n * 5 : n * 5 + 5]) for n in range(STEPS // 5)]
    return Plan(title="Count in cents", objective=WORDS, phases=[Phase(id="p1", name="Work", milestones=parts)])


def executed(folder: Path) -> tuple[float, float]:
    """Dollars of all steps: with caches, without."""
    made = plan()
    model = Recorder(DECISIONS)
    notes: list[tuple[str, str]] = []
    paths = "\n".join(f"src/app/part{n}.py" for n in range(120))
    request = StepRequest("bench/cents", "main", made, next(made.steps()), {"tests": "pytest"}, repo_map=paths)
    for number, step in enumerate(made.steps()):
        told = replace(request, step=step, handoffs=tuple(notes), conventions="Use cents, never floats.\n" * 20)
        conversation(told, Sized(EXECUTOR, number), model, folder, TURNS)
        notes.append((step.title, NOTE))
    return both(GEMINI.dollars, [each.implicit for each in model.sent])


def planned() -> tuple[float, float]:
    """Dollars of the planning: with caches, without."""
    model, tools = Recorder(DECISIONS), Sized(PLANNER_READ, STEPS)
    specs = (*PLANNER_READ, submit_plan(submit_plan_schema()))
    terms = Terms(TERMS.prompts, TERMS.price, LIMITS, MAX_OUT)
    request = PlanRequest("bench/cents", "main", WORDS, repo_map="src/app/part.py\n" * 100)
    system, first = planner_prompts(request, specs, terms)
    turns: list[Turn] = [Said(first.parts[0])]
    for _ in range(PLANNING):
        said = model.reply(Request(system.parts, tuple(turns), specs, MAX_OUT))
        call = said.calls[0]
        turns += [said, Answered((Answer(call.id, call.name, tools.call(call.name, {}).text),))]
    return both(CLAUDE.dollars, [each.claude for each in model.sent])


def both(price: Callable[[Usage], float], usages: Sequence[Usage]) -> tuple[float, float]:
    """Dollars of input and output as they were, and as they would be if nothing were ever cached."""
    return sum(map(price, usages)), sum(price(Usage(each.tokens_in, 0, 0, each.out)) for each in usages)
