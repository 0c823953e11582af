"""What a plan will take: minutes as the plan says them, dollars by the complexity of its steps, both as a range."""

from __future__ import annotations

from ghapp.say.facts import Estimate
from state.plan.model import Complexity, Plan

DOLLARS = {Complexity.LOW: 0.05, Complexity.MEDIUM: 0.15, Complexity.HIGH: 0.60}
"""Middle of what a step of that complexity costs with the default models; the eval prints what it was."""
LOW, HIGH = 0.5, 2.0


def estimate(plan: Plan) -> Estimate:
    """The range from half to double."""
    steps = [step for step in plan.steps() if not step.extra]
    seconds = sum(step.estimated_minutes for step in steps) * 60
    money = sum(DOLLARS[step.complexity] for step in steps)
    return Estimate(seconds * LOW, seconds * HIGH, money * LOW, money * HIGH)
