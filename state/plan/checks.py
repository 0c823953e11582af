"""Everything that is checked about a plan before anyone sees it (spec section 5); the tree is passed in as data."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from state.plan.check_conditions import condition_problems
from state.plan.check_files import file_problems
from state.plan.check_order import order_problems
from state.plan.check_size import size_problems
from state.plan.model import Plan
from state.plan.problems import Problem


@dataclass(frozen=True)
class Ground:
    """The tree that the plan stands on: paths of all files at the base commit, and a file's number of lines.

    `protected` are gitignore-style patterns of paths that need `/allow-path`; `lines` is asked for cited files only and
    answers None for what has no lines (binary files).
    """

    paths: Collection[str]
    lines: Callable[[str], int | None]
    protected: tuple[str, ...] = ()


def check(plan: Plan, ground: Ground) -> tuple[Problem, ...]:
    """Every problem of the plan, in the order in which a person would read it; empty = the plan may be shown."""
    return (
        *order_problems(plan),
        *size_problems(plan),
        *file_problems(plan, ground.paths, ground.lines, ground.protected),
        *condition_problems(plan),
    )
