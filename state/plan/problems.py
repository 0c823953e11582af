"""What is wrong with a plan, as values; their text is what the planner reads as its tool's result."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from state.plan.model import Step


@dataclass(frozen=True)
class Problem:
    """One finding: where it is, what is wrong, what is allowed instead.

    A `justifiable` one is a question rather than an error: the first time it costs no repair.
    """

    where: str
    what: str
    allowed: str = ""
    justifiable: bool = False

    def __str__(self) -> str:
        return f"{self.where}: {self.what}." + (f" Allowed: {self.allowed}." if self.allowed else "")


def step_place(step: Step) -> str:
    """How problems name a step: its number in the plan and its title."""
    return f'step {step.number} "{step.title}"'


def twice(place: str, names: Sequence[str]) -> list[Problem]:
    """A finding for each name that stands more than once in a list."""
    repeated = sorted({name for name in names if names.count(name) > 1})
    return [Problem(place, f'"{name}" is listed twice', "each name once") for name in repeated]


WHOLE = "Correct all of them and call submit_plan again with the whole plan."


def teach(problems: Sequence[Problem], shown: int = 30, then: str = WHOLE) -> str:
    """The findings as one text for the model: a count, one line each, and how to go on."""
    count = f"{len(problems)} problem" + ("" if len(problems) == 1 else "s")
    lines = [f"The plan was not accepted: {count}."]
    lines += [f"- {problem}" for problem in problems[:shown]]
    if len(problems) > shown:
        lines.append(f"- and {len(problems) - shown} more of these kinds.")
    lines.append(then)
    return "\n".join(lines)
