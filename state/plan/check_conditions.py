"""Typed conditions and measurable criteria: each can be judged by a program as it stands."""

from __future__ import annotations

import re
import shlex

from state.plan.check_files import outside
from state.plan.measurable import ALLOWED, parse
from state.plan.model import Condition, ConditionType, Plan
from state.plan.problems import Problem, step_place

ON_A_PATH = frozenset(
    {
        ConditionType.FILE_EXISTS,
        ConditionType.DIRECTORY_EXISTS,
        ConditionType.SYMBOL_DEFINED,
        ConditionType.SYNTAX_VALID,
        ConditionType.IMPORTS_RESOLVE,
        ConditionType.TEXT_MATCHES,
    }
)
MAX_COMMAND = 500
_MODULE = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*")
# There is no git in the tree that is checked, no root, and nobody who would answer.
NEVER = frozenset({"git", "sudo", "su", "ssh", "vi", "vim", "nano", "less", "more", "top"})


def condition_problems(plan: Plan) -> list[Problem]:
    """Problems of pre- and postconditions and of the criteria's measurables."""
    problems = []
    for step in plan.steps():
        groups = (("preconditions", step.preconditions), ("postconditions", step.postconditions))
        for name, conditions in groups:
            for place, condition in enumerate(conditions, 1):
                problems += judge(condition, f"{step_place(step)}, {name}[{place}]")
    for place, criterion in enumerate(plan.criteria, 1):
        problems += _measurable(criterion.measurable, f"criteria[{place}], measurable")
    return problems


def _measurable(text: str, place: str) -> list[Problem]:
    if not text.strip():
        return []
    measure = parse(text)
    if measure is None:
        return [Problem(place, f'"{text[:80]}" is nothing that a program can judge', ALLOWED)]
    return judge(measure, place) if isinstance(measure, Condition) else []


def judge(condition: Condition, place: str) -> list[Problem]:
    """Problems of one condition; `place` names it."""
    target = condition.target
    if condition.type in ON_A_PATH:
        return _on_a_path(condition, place)
    if condition.type is ConditionType.IMPORT_AVAILABLE and not _MODULE.fullmatch(target):
        return [Problem(place, f'"{target}" is no module name', "a dotted name such as shop.stock")]
    if condition.type is ConditionType.TEST_PASSES and (not target.strip() or outside(target.partition("::")[0])):
        return [Problem(place, f'"{target}" is no test id', "an id such as tests/test_stock.py::test_rejects_negative")]
    if condition.type is ConditionType.COMMAND_SUCCEEDS:
        return _command(target, place)
    return []


def _on_a_path(condition: Condition, place: str) -> list[Problem]:
    folder = condition.type is ConditionType.DIRECTORY_EXISTS
    if reason := outside(condition.target.rstrip("/") if folder else condition.target):
        return [
            Problem(place, f'"{condition.target}" is no path to check: {reason}', "a path from the repository's root")
        ]
    if condition.type is ConditionType.SYMBOL_DEFINED and not condition.value.strip():
        return [Problem(place, "symbol_defined needs the name in value", "target: the path, value: the name")]
    if condition.type is ConditionType.TEXT_MATCHES:
        return _expression(condition.value, place)
    return []


def _expression(text: str, place: str) -> list[Problem]:
    if not text:
        return [
            Problem(
                place, "text_matches needs a regular expression in value", "target: the path, value: the expression"
            )
        ]
    try:
        re.compile(text)
    except re.error as error:
        return [Problem(place, f'"{text[:80]}" is no regular expression: {error}', "Python's re syntax")]
    return []


def _command(line: str, place: str) -> list[Problem]:
    allowed = f"one command line of at most {MAX_COMMAND} characters that ends by itself, such as python -m shop --help"
    if not line.strip() or "\n" in line or len(line) > MAX_COMMAND:
        return [Problem(place, "the command is empty, too long, or more than one line", allowed)]
    try:
        words = shlex.split(line)
    except ValueError as error:
        return [Problem(place, f'"{line[:80]}" is no command line: {str(error).lower()}', allowed)]
    starts = [word for before, word in zip(["&&", *words], words, strict=False) if before in ("&&", "||", "|", ";")]
    never = sorted({word.rpartition("/")[2] for word in starts} & NEVER)
    if never:
        what = f"{never[0]} cannot be used in a check: there is no git, no root and no terminal where checks run"
        return [Problem(place, what, "a command of the project, a file, a symbol or a test")]
    return []
