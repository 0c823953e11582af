"""Everything that is checked about a plan before anyone sees it (spec section 5); the tree is passed in as data."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Final

from state.plan.check_conditions import condition_problems
from state.plan.check_files import citation_problems, existence_problems, file_problems
from state.plan.check_habits import idle_problems, share_problems, silence_problems
from state.plan.check_order import MAX_STEPS, order_problems
from state.plan.check_seen import seen_problems
from state.plan.check_size import size_problems
from state.plan.greenfield import greenfield, greenfield_problems
from state.plan.model import Citation, Plan
from state.plan.problems import Problem
from state.plan.seen import Seen


@dataclass(frozen=True)
class Ground:
    """The tree that the plan stands on: paths of all files at the base commit, and a file's number of lines.

    `protected` are gitignore-style patterns of paths that need `/allow-path`; `lines` is asked for cited files only and
    answers None for what has no lines (binary files). `request` is the text of the request, `silent` names what the
    detection did not find (`tests`), `cited` what the version before cites.
    """

    paths: Collection[str]
    lines: Callable[[str], int | None]
    protected: tuple[str, ...] = ()
    request: str = ""
    silent: frozenset[str] = frozenset()
    cited: tuple[Citation, ...] = ()


@dataclass(frozen=True)
class Manner:
    """How a plan was handed in: what had been `seen` by then (None = not asked), the most steps it may have, the reason
    that was given for many of them, and whether it is a revision that has no more of them (`kept`).
    """

    seen: Seen | None = None
    most: int = MAX_STEPS
    reason: str = ""
    kept: bool = False

    @property
    def size_is_settled(self) -> bool:
        """A reason was given, or the size was decided before: by the version it revises, or by a skeleton."""
        return bool(self.reason.strip()) or self.kept or self.most > MAX_STEPS


AT_ONCE: Final = Manner()


def check(plan: Plan, ground: Ground, manner: Manner = AT_ONCE) -> tuple[Problem, ...]:
    """Every problem of the plan, in the order in which a person would read it; empty = the plan may be shown."""
    return (
        *order_problems(plan, manner.most),
        *(() if manner.size_is_settled else share_problems(plan, ground.request)),
        *(greenfield_problems(plan) if greenfield(ground.paths) else ()),
        *_steps(plan, ground, manner),
        *existence_problems(plan, ground.paths),
        *silence_problems(plan, ground.silent),
    )


def check_part(plan: Plan, ground: Ground, manner: Manner) -> tuple[Problem, ...]:
    """What can be said of one phase of a plan in parts; files and dependencies across phases are checked at the end."""
    return tuple(_steps(plan, ground, manner))


def _steps(plan: Plan, ground: Ground, manner: Manner) -> list[Problem]:
    return [
        *size_problems(plan),
        *idle_problems(plan),
        *file_problems(plan, ground.protected),
        *citation_problems(plan, ground.paths, ground.lines),
        *(seen_problems(plan, manner.seen, ground.cited) if manner.seen is not None else ()),
        *condition_problems(plan),
    ]
