"""Atomicity: a step is neither too big to be judged at once nor too small to be judged at all."""

from __future__ import annotations

from state.plan.flat import is_test
from state.plan.model import Change, Plan, Step
from state.plan.problems import Problem, step_place

MAX_LINES = 300
MAX_MINUTES = 15


def size_problems(plan: Plan) -> list[Problem]:
    """Problems of single steps: lines, minutes, one main file, one testable result."""
    return [problem for step in plan.steps() for problem in (*_too_big(step), *_main_file(step), *_too_small(step))]


def _too_big(step: Step) -> list[Problem]:
    place, outputs = step_place(step), step.expected_outputs
    problems = []
    if outputs.lines_max > MAX_LINES:
        allowed = f"at most {MAX_LINES}; split the step"
        problems.append(Problem(f"{place}, lines_max", f"{outputs.lines_max} lines are too many", allowed))
    if outputs.lines_max and outputs.lines_min > outputs.lines_max:
        what = f"{outputs.lines_min} is more than lines_max {outputs.lines_max}"
        problems.append(Problem(f"{place}, lines_min", what, "at most lines_max"))
    if step.estimated_minutes > MAX_MINUTES:
        allowed = f"at most {MAX_MINUTES}; split the step"
        problems.append(
            Problem(f"{place}, estimated_minutes", f"{step.estimated_minutes} minutes are too long", allowed)
        )
    return problems


def _main_file(step: Step) -> list[Problem]:
    touched = [file.path for file in step.files]
    main, place = step.expected_outputs.main_file, f"{step_place(step)}, main_file"
    if main:
        return (
            []
            if main in touched
            else [Problem(place, f'"{main}" is not among the files of the step', _listed(touched))]
        )
    candidates = [path for path in touched if not is_test(path)] or touched
    changed = [file.path for file in step.files if file.change is not Change.DELETE and file.path in candidates]
    if len(changed) < 2:
        return []
    what = f"the step touches {len(changed)} files and names no main one"
    return [Problem(place, what, f"one of {_listed(changed)}; split the step if two are equally important")]


def _listed(paths: list[str]) -> str:
    return ", ".join(paths) or "no file; add it to files"


def _too_small(step: Step) -> list[Problem]:
    place, outputs = step_place(step), step.expected_outputs
    problems = []
    if step.estimated_minutes < 1:
        problems.append(Problem(f"{place}, estimated_minutes", "less than a minute is no step", f"1 to {MAX_MINUTES}"))
    critical = [condition for condition in step.postconditions if condition.critical]
    created = [file for file in step.files if file.change is not Change.MODIFY]
    if not (critical or step.tests or outputs.symbols or outputs.exports or outputs.tables or created):
        what = "the step is too small: it leaves nothing that a program can check"
        allowed = (
            "a test, a critical postcondition, or a symbol that exists afterwards; else merge it into another step"
        )
        problems.append(Problem(place, what, allowed))
    return problems
