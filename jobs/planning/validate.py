"""What a submitted plan is checked against: its form, the task's earlier ids, and the tree at the base commit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ai.planner.box import Handed, Validate
from jobs.git.facts import file_at, tree_files
from jobs.repository import Repository
from state.plan.checks import Ground, Manner, check, check_part
from state.plan.flat import read
from state.plan.model import Plan
from state.plan.problems import Problem


def ground(repository: Repository, protected: tuple[str, ...], request: str, silent: frozenset[str]) -> Ground:
    """The base commit, as the checks of a plan see it."""
    paths = frozenset(file.path for file in tree_files(repository.mirror, repository.base_sha))

    def lines(path: str) -> int | None:
        raw = file_at(repository.mirror, repository.base_sha, path)
        return None if raw is None or b"\0" in raw else len(raw.splitlines())

    return Ground(paths, lines, protected, request, silent)


def validator(base: Ground, previous: Plan | None, used: Sequence[str]) -> Validate:
    """A function from what was handed in to a plan or what is wrong with it."""
    cited = tuple(one for step in previous.steps() for one in step.citations) if previous else ()
    known = replace(base, cited=cited)

    def validate(handed: Handed) -> Plan | Sequence[Problem]:
        reading = read(handed.raw, previous, used)
        if reading.plan is None:
            return reading.problems
        manner = Manner(
            handed.seen, handed.most, str(handed.raw.get("size_reason") or ""), _kept(reading.plan, previous)
        )
        judge = check_part if handed.part else check
        return judge(reading.plan, known, manner) or reading.plan

    return validate


def _kept(plan: Plan, previous: Plan | None) -> bool:
    """Whether this is a revision without more steps: the size was approved, or asked about, before."""
    return previous is not None and len(list(plan.steps())) <= len(list(previous.steps()))
