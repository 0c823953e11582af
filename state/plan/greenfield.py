"""A repository that has only its first commit: what to build with is still to be chosen."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from state.plan.flat import is_test
from state.plan.model import Plan, Step, StepKind
from state.plan.problems import Problem, step_place

_PAPERS = re.compile(
    r"(readme|licen[cs]e|copying|notice|authors|contributing|changelog|code_of_conduct|security|agents|claude|gemini)"
    r"(\.(md|rst|txt|adoc))?|\.gitignore|\.gitattributes|\.editorconfig|codeowners",
    re.I,
)
_PROSE = (".md", ".rst", ".txt", ".adoc")


def greenfield(paths: Collection[str]) -> bool:
    """Whether there is nothing but papers: no code, no manifest, no test."""
    return all(_is_paper(path) for path in paths)


def _is_paper(path: str) -> bool:
    folder, _, name = path.rpartition("/")
    return folder.split("/")[0] in (".github", ".devtask") or (not folder and bool(_PAPERS.fullmatch(name)))


def only_papers(plan: Plan) -> bool:
    """Whether the plan touches files, and none that is more than a text for people."""
    touched = [file.path for step in plan.steps() if not step.extra for file in step.files]
    return bool(touched) and all(_is_paper(path) or path.endswith(_PROSE) for path in touched)


def greenfield_problems(plan: Plan) -> list[Problem]:
    """What a plan for an empty repository must say: the stack with reasons, the setup, tests from the first step.

    Nothing where only texts are written, as no stack is needed for these.
    """
    steps = [step for step in plan.steps() if not step.extra]
    if only_papers(plan):
        return []
    return [*_stack(plan), *_setup(steps), *_tests(steps)]


def _stack(plan: Plan) -> list[Problem]:
    if not plan.stack:
        what = "the repository has no code yet, and the plan does not say what it is built with"
        return [Problem("stack", what, "one entry for each technology, at least language and tests, each with why")]
    return [
        Problem(f"stack[{place}], why", f'"{item.technology}" is chosen without a reason', "one sentence")
        for place, item in enumerate(plan.stack, 1)
        if not item.why.strip()
    ]


def _setup(steps: Sequence[Step]) -> list[Problem]:
    if not steps or any(step.kind is StepKind.SETUP for step in steps):
        return []
    what = "no step sets the project up (manifest, layout, how tests are run)"
    return [Problem("steps", what, "a first step of kind setup")]


def _tests(steps: Sequence[Step]) -> list[Problem]:
    first = next((step for step in steps if not step.depends_on), None)
    if first is None or first.tests or any(is_test(file.path) for file in first.files):
        return []
    what = "the first step of a new project leaves no test"
    return [Problem(f"{step_place(first)}, tests", what, "a first test that runs, made together with the setup")]
