"""Criteria that a machine can judge: a comparison over fixed names, or a typed condition. Parsed, never run as code.

    tests.failed == 0
    coverage.percent >= 80
    command_succeeds: python -m shop --help
    symbol_defined: shop/stock.py = validate_stock

Anything else is for a person: "you check".
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from state.plan.model import Condition, ConditionType

NAMES = (
    "test_suite.exit_code",
    "tests.failed",
    "coverage.percent",
    "lint.new",
    "security.new",
    "duration.seconds",
)
OPERATORS: dict[str, Callable[[float, float], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<=": operator.le,
    ">=": operator.ge,
    "<": operator.lt,
    ">": operator.gt,
}
WITH_VALUE = frozenset({ConditionType.SYMBOL_DEFINED, ConditionType.TEXT_MATCHES})
ALLOWED = (
    f"<name> <operator> <number> with a name of {', '.join(NAMES)} and an operator of {' '.join(OPERATORS)}; "
    f"or <condition type>: <target>, for {' and '.join(sorted(WITH_VALUE))} <condition type>: <path> = <value>; "
    "or empty, then a person checks"
)
CRITERIA = "criteria"
"""The name of the check that judges them, and the reason code of one that is not met."""
LONGEST = 200

_COMPARISON = re.compile(r"([a-z_]+\.[a-z_]+)\s*(==|!=|<=|>=|<|>)\s*(-?\d+(?:\.\d+)?)\s*%?")
_CONDITION = re.compile(r"([a-z_]+)\s*:\s+(\S.*)")


@dataclass(frozen=True)
class Comparison:
    """`name operator number`; numbers are counts, percent, seconds or an exit code, by name."""

    name: str
    operator: str
    number: float


Measure = Comparison | Condition


def parse(text: str) -> Measure | None:
    """The measure that the text names, or None: a person checks."""
    cleaned = text.strip()
    if found := _COMPARISON.fullmatch(cleaned):
        name, sign, number = found.groups()
        return Comparison(name, sign, float(number)) if name in NAMES else None
    if found := _CONDITION.fullmatch(cleaned):
        return _condition(*found.groups())
    return None


def named(text: str, said: str) -> str:
    """The line of a check that judged this criterion: its text first, by which a report finds it again."""
    return f"{text.strip()[:LONGEST]}: {said}"


def _condition(word: str, rest: str) -> Condition | None:
    if word not in set(ConditionType):
        return None
    kind = ConditionType(word)
    if kind not in WITH_VALUE:
        return Condition(type=kind, target=rest.strip())
    target, sign, value = rest.partition(" = ")
    return Condition(type=kind, target=target.strip(), value=value.strip()) if sign and value.strip() else None


def met(
    measure: Measure | None, facts: Mapping[str, float | None], holds: Callable[[Condition], bool | None]
) -> bool | None:
    """True met, False not met, None "you check": no measure, or the fact was not measured.

    `facts` are keyed by NAMES; `holds` judges a typed condition where the tree is.
    """
    if measure is None:
        return None
    if isinstance(measure, Condition):
        return holds(measure)
    fact = facts.get(measure.name)
    return None if fact is None else OPERATORS[measure.operator](fact, measure.number)
