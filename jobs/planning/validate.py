"""What a submitted plan is checked against: its form, the task's earlier ids, and the tree at the base commit."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from jobs.git.facts import file_at, tree_files
from jobs.repository import Repository
from state.plan.checks import Ground, check
from state.plan.flat import read
from state.plan.model import Plan
from state.plan.problems import Problem


def validator(
    repository: Repository, previous: Plan | None, used: Sequence[str], protected: tuple[str, ...]
) -> Callable[[Mapping[str, Any]], Plan | Sequence[Problem]]:
    """A function from the tool's input to a plan or what is wrong with it."""
    paths = frozenset(file.path for file in tree_files(repository.mirror, repository.base_sha))

    def lines(path: str) -> int | None:
        raw = file_at(repository.mirror, repository.base_sha, path)
        return None if raw is None or b"\0" in raw else len(raw.splitlines())

    ground = Ground(paths, lines, protected)

    def validate(raw: Mapping[str, Any]) -> Plan | Sequence[Problem]:
        reading = read(raw, previous, used)
        if reading.plan is None:
            return reading.problems
        return check(reading.plan, ground) or reading.plan

    return validate
