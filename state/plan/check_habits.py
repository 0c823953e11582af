"""The plan's size against the request's, steps that do nothing, and what was taken for granted in silence."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from state.plan.flat import is_test
from state.plan.greenfield import only_papers
from state.plan.model import ConditionType, Plan, Step
from state.plan.problems import Problem, step_place

ONE_STEP_LINES = 20
THREE_STEPS_LINES = 100
SHORT_REQUEST_WORDS = 25
SHORT_REQUEST_STEPS = 8
TESTS = "tests"
_SHOWS = frozenset({ConditionType.TEST_PASSES, ConditionType.COMMAND_SUCCEEDS})
_IDLE = re.compile(
    r"(re-?)?(read|view|review|analy[sz]e|study|inspect|explore|understand|investigate|examine|verify|check|ensure|"
    r"validate|confirm|make sure|commit|push|run (the |all )*(\w+ )?tests?|run (the )?suite|"
    r"leer?|revisar?|analizar?|estudiar?|inspeccionar?|explorar?|entender|investigar?|examinar?|verificar?|comprobar?|"
    r"asegurar(se)?|confirmar?|(ejecutar?|correr) (las |los )?(pruebas|tests))\b",
    re.I,
)
_SAYS_TESTS = re.compile(r"test|check|verif|prueb|prob|comprob|revis", re.I)


def idle_problems(plan: Plan) -> list[Problem]:
    """Steps that only read, review or run what runs anyway."""
    what = "it changes nothing: it only reads, reviews or runs tests, which happens within every step"
    allowed = "steps that change files; leave this one out and put what it would check into another's postconditions"
    return [Problem(step_place(step), what, allowed) for step in plan.steps() if _is_idle(step)]


def _is_idle(step: Step) -> bool:
    outputs = step.expected_outputs
    if step.files or outputs.symbols or outputs.exports or outputs.tables:
        return False
    only_tests = all(one.type is ConditionType.TEST_PASSES for one in step.postconditions)
    return bool(_IDLE.match(step.title.strip())) or (bool(step.tests or step.postconditions) and only_tests)


def share_problems(plan: Plan, request: str) -> list[Problem]:
    """A small request in many steps; a reason answers it."""
    steps = [step for step in plan.steps() if not step.extra]
    if len(steps) < 2:
        return []
    lines, words = _lines(steps), len(request.split())
    if lines is not None and lines <= ONE_STEP_LINES:
        return [_too_many(len(steps), f"at most {lines} changed lines in all", "one step")]
    if lines is not None and len(steps) > 3 and lines <= THREE_STEPS_LINES:
        return [_too_many(len(steps), f"at most {lines} changed lines in all", "one to three steps")]
    if 0 < words <= SHORT_REQUEST_WORDS and len(steps) > SHORT_REQUEST_STEPS:
        return [_too_many(len(steps), f"a request of {words} words", f"at most {SHORT_REQUEST_STEPS} steps")]
    return []


def _lines(steps: Sequence[Step]) -> int | None:
    """How many lines the steps change at most; None where one does not say."""
    sized = [step.expected_outputs.lines_max for step in steps]
    return sum(sized) if all(sized) else None


def _too_many(count: int, work: str, fewer: str) -> Problem:
    allowed = f"{fewer}; or the same plan with size_reason, a sentence that says why these must be {count} steps"
    return Problem("steps", f"there are {count} steps for {work}", allowed, justifiable=True)


def silence_problems(plan: Plan, silent: Collection[str]) -> list[Problem]:
    """What the detection did not find (`tests`: how they are run) and the plan does not say either."""
    if TESTS not in silent or only_papers(plan) or any(_SAYS_TESTS.search(one) for one in plan.assumptions):
        return []
    if any(_brings_a_test(step) for step in plan.steps() if not step.extra):
        return []
    what = "no way to run tests was found in this repository, and the plan does not say how its work is tested"
    allowed = (
        "a step with a test, a critical postcondition command_succeeds that shows it works, or one sentence in "
        "assumptions that says how it is tested or who checks it"
    )
    return [Problem("assumptions", what, allowed)]


def _brings_a_test(step: Step) -> bool:
    shown = any(one.critical and one.type in _SHOWS for one in step.postconditions)
    return shown or bool(step.tests) or any(is_test(file.path) for file in step.files)
