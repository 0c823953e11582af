"""Citations: what a step builds on was read before it was planned."""

from __future__ import annotations

import re
from collections.abc import Collection

from state.plan.model import Citation, Plan
from state.plan.problems import Problem, step_place
from state.plan.seen import Seen

LINES = re.compile(r"(\d+)(?:\s*-\s*(\d+))?")


def seen_problems(plan: Plan, seen: Seen, known: Collection[Citation] = ()) -> list[Problem]:
    """Citations of lines that were not shown; `known` are those of the version that this one revises."""
    problems = []
    for step in plan.steps():
        for citation in step.citations:
            what = "" if citation in known else _unread(citation, seen)
            if what:
                shown = seen.shown(citation.path)
                lines = f"its lines {shown}" if shown else "nothing of it yet"
                allowed = f"lines that you have read ({lines}); read these now with read_file, or cite fewer"
                problems.append(Problem(f"{step_place(step)}, citations", what, allowed))
    return problems


def _unread(citation: Citation, seen: Seen) -> str:
    if not citation.lines.strip():
        return "" if seen.any_of(citation.path) else f"{citation.path} is cited but was not read"
    found = LINES.fullmatch(citation.lines.strip())
    if not found or seen.covers(citation.path, int(found[1]), int(found[2] or found[1])):
        return ""
    return f"lines {citation.lines} of {citation.path} are cited but were not read"
