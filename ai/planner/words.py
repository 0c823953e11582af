"""What `submit_plan` answers, in words for the model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from ai.tools.limits import PLAN_REPAIRS
from state.plan.parts import Parts
from state.plan.problems import Problem, teach

ACCEPTED: Final = "The plan is accepted."
FAILED: Final = "The plan is still wrong; planning has failed."
NOTED: Final = "Noted: there is no plan to make."
JUSTIFY: Final = "Change it, or say why it must be so; then call submit_plan again with the whole plan."
NO_SKELETON: Final = (
    "There is no skeleton yet, so `part` names nothing. Hand in the skeleton first: everything but `steps`, each of "
    "its `phases` with the number of its `steps`. A plan of at most 50 steps needs neither: hand it in without `part`."
)
WHICH_PART: Final = (
    "`part` is missing: this plan is handed in in parts, so say which phase these steps are: {names}. To begin anew, "
    "hand in another skeleton."
)


def read_first(named: Sequence[str]) -> str:
    """Answers a plan that was made without a look at the code."""
    listed = "\n".join(f"- read_file {path}" for path in named)
    return (
        "Nothing of this repository was read in this conversation, so nothing says that the plan fits it; it was not "
        f"judged yet, and no repair was used. The request seems to be about:\n{listed}\n"
        "Read these (or search for the names in the request), with their callers and tests. Then call submit_plan "
        "again, the same plan or a better one, citing the lines that it builds on."
    )


def repairs(rejected: int) -> str:
    """How often it may still be mended."""
    return f" Repairs left: {PLAN_REPAIRS - rejected + 1}."


def next_part(parts: Parts) -> str:
    """What was taken so far and which phase comes next."""
    have = len(parts.phases) - len(parts.missing)
    phase = parts.missing[0]
    took = f"{have} of {len(parts.phases)} phases are in" if have else f"The skeleton is accepted: {parts.total} steps"
    left = ", ".join(f'"{one.name}" ({one.steps} steps)' for one in parts.missing)
    return (
        f'{took}. Call submit_plan with `part`: "{phase.name}" and its `steps`, at most {phase.steps}. Ids are unique '
        "over all phases; depends_on may name ids of other phases. Read what the phase builds on first where you have "
        f"not. Still to come: {left}."
    )


def wrong_whole(parts: Parts, problems: Sequence[Problem]) -> str:
    """All phases are in, but they do not fit together."""
    where = "; ".join(f'"{name}" has the steps {first} to {last}' for name, first, last in parts.numbers())
    then = (
        f"By phase: {where}. Hand in again, with `part`, only each phase in which something is wrong, or the skeleton "
        "if it is wrong itself; the other phases are kept."
    )
    return teach(problems, then=then)
