"""Files and citations: inside the repository, not protected, there when they must be and only then."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Collection, Sequence
from pathlib import PurePosixPath

import pathspec

from state.plan.check_seen import LINES
from state.plan.graph import Cycle, Graph
from state.plan.model import Change, Citation, FileChange, Plan, Step
from state.plan.problems import Problem, step_place

OUR_FOLDER = ".dev-tasks"
_NOT_IN_PATHS = re.compile(r"[\\\x00-\x1f]")
_LEADS_OUT = re.compile(r"[/~]|[A-Za-z]:")


def outside(path: str) -> str | None:
    """Why a path cannot be one of the repository's files, or None if it can."""
    parts = PurePosixPath(path).parts
    if not path or path != path.strip() or _NOT_IN_PATHS.search(path):
        return "it is empty, or has blanks at its ends, backslashes or control characters"
    if _LEADS_OUT.match(path) or ".." in parts:
        return "it leads out of the repository"
    if ".git" in PurePosixPath(path.lower()).parts:
        return "it is git's own"
    if not _plain(path):
        return "it is no plain file path"
    return "it belongs to the bot" if parts[0] == OUR_FOLDER else None


def _plain(path: str) -> bool:
    """Whether it is written as a file's path is: no slash at the end, no `.` as a part, not the root itself."""
    return path != "." and not path.endswith("/") and str(PurePosixPath(path)) == path


def file_problems(plan: Plan, protected: Sequence[str]) -> list[Problem]:
    """Paths that are none, protected or listed twice."""
    held = pathspec.GitIgnoreSpec.from_lines([line.lower() for line in protected])
    problems = []
    for step in plan.steps():
        for file in step.files:
            problems += _path(f"{step_place(step)}, files", file.path, held)
        problems += _repeated(step)
    return problems


def citation_problems(plan: Plan, paths: Collection[str], lines: Callable[[str], int | None]) -> list[Problem]:
    """Cited files and lines that do not exist; parameters as in `checks.Ground`."""
    cited = [(step, citation) for step in plan.steps() for citation in step.citations]
    return [problem for step, citation in cited for problem in _citation(step, citation, paths, lines)]


def _path(place: str, path: str, held: pathspec.GitIgnoreSpec) -> list[Problem]:
    if reason := outside(path):
        return [
            Problem(
                place, f'"{path}" is not possible: {reason}', "paths from the root of the repository, like src/app.py"
            )
        ]
    if held.match_file(path.lower()):
        return [
            Problem(place, f'"{path}" is protected', "other files; say in out_of_scope what a person has to do there")
        ]
    return []


def _repeated(step: Step) -> list[Problem]:
    touched = [file.path for file in step.files]
    twice = sorted({path for path in touched if touched.count(path) > 1})
    return [Problem(f"{step_place(step)}, files", f'"{path}" is listed twice', "one change per file") for path in twice]


def _citation(
    step: Step, citation: Citation, paths: Collection[str], lines: Callable[[str], int | None]
) -> list[Problem]:
    place = f"{step_place(step)}, citations"
    if citation.path not in paths:
        return [
            Problem(place, f'there is no file "{citation.path}"{_meant(citation.path, paths)}', "files that exist now")
        ]
    if not citation.lines.strip():
        return []
    found = LINES.fullmatch(citation.lines.strip())
    if not found:
        return [Problem(place, f'"{citation.lines}" names no lines', "12 or 12-40, or empty for the whole file")]
    first, last = int(found[1]), int(found[2] or found[1])
    count = lines(citation.path) or 0
    if 1 <= first <= last <= count:
        return []
    return [Problem(place, f"{citation.path} has no lines {citation.lines}", f"1-{count}" if count else "no lines")]


def _meant(path: str, paths: Collection[str]) -> str:
    name = PurePosixPath(path).name
    same = [other for other in paths if PurePosixPath(other).name == name]
    close = sorted(same)[:1] or difflib.get_close_matches(path, list(paths)[:5000], n=1)
    return f' (did you mean "{close[0]}"?)' if close else ""


def existence_problems(plan: Plan, paths: Collection[str]) -> list[Problem]:
    """Each change against the tree as the steps before it leave it; silent while the order itself is broken."""
    graph = Graph((step.id, step.depends_on) for step in plan.steps())
    try:
        graph.waves()
    except Cycle:
        return []
    steps = {step.id: step for step in plan.steps()}
    problems = []
    for step in steps.values():
        before = [steps[other] for other in graph.needed_by([step.id]) - {step.id}]
        for file in step.files:
            if not outside(file.path):
                problems += _change(step, file, paths, before, list(steps.values()))
    return problems


def _change(
    step: Step, file: FileChange, paths: Collection[str], before: list[Step], steps: list[Step]
) -> list[Problem]:
    place = f"{step_place(step)}, files"
    made, gone = _who(before, file.path, Change.CREATE), _who(before, file.path, Change.DELETE)
    exists = (file.path in paths and not gone) or bool(made)
    others = [one for one in _who(steps, file.path, Change.CREATE) if one.id != step.id]
    if file.change is not Change.CREATE:
        return [] if exists else [_nothing_to_change(place, file.path, paths, others, gone)]
    if exists:
        maker = f"{step_place(made[0])} creates it" if made else "it exists"
        return [Problem(place, f'"{file.path}" cannot be created: {maker}', "change: modify, or another path")]
    twins = [one for one in others if one.number < step.number]
    return [Problem(place, f'{step_place(one)} creates "{file.path}" too', "one step that creates it") for one in twins]


def _nothing_to_change(place: str, path: str, paths: Collection[str], makers: list[Step], gone: list[Step]) -> Problem:
    if makers:
        what = f'"{path}" is created by {step_place(makers[0])}, which need not be done before'
        return Problem(place, what, "name that step in depends_on")
    why = f"{step_place(gone[0])} deletes it" if gone else f"there is no such file{_meant(path, paths)}"
    return Problem(place, f'"{path}" cannot be changed: {why}', "files that exist, or change: create")


def _who(steps: list[Step], path: str, change: Change) -> list[Step]:
    return [step for step in steps if any(file.path == path and file.change is change for file in step.files)]
