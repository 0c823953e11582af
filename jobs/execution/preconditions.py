"""What must hold before a step begins, judged on the tree that it begins with."""

from __future__ import annotations

from collections.abc import Sequence

from jobs.checks.conditions import Ground, check_condition
from jobs.checks.result import CheckResult
from jobs.execution.work import Bench
from state.plan.model import Condition


def preconditions(place: Bench, conditions: Sequence[Condition]) -> CheckResult | None:
    """The first critical one that does not hold, or None."""
    ground = Ground(place.box, place.tests)
    for condition in conditions:
        found = check_condition(condition, ground, "precondition")
        if found.red:
            return found
    return None
