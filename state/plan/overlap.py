"""Approved plans that change the same files: told at approval, never forbidden. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from state.plan.model import Plan


@dataclass(frozen=True)
class Touching:
    """Another approved task of the repository that is not over, and the files that its plan changes."""

    key: str
    issue_number: int
    files: frozenset[str]


@dataclass(frozen=True)
class Overlap:
    """Files that both change, sorted."""

    task: Touching
    files: tuple[str, ...]


def files_of(plan: Plan, steps: Collection[str]) -> frozenset[str]:
    """The files that these steps of a plan name: to create, to modify or to delete, and what else will exist."""
    chosen = [step for step in plan.steps() if step.id in steps]
    named = {file.path for step in chosen for file in step.files}
    outputs = {path for step in chosen for path in (step.expected_outputs.main_file, *step.expected_outputs.files)}
    return frozenset((named | outputs) - {""})


def overlaps(files: Collection[str], others: Iterable[Touching]) -> list[Overlap]:
    """With which other tasks the files clash, the one with most of them first."""
    found = [Overlap(other, tuple(sorted(other.files & set(files)))) for other in others]
    return sorted((one for one in found if one.files), key=lambda one: (-len(one.files), one.task.issue_number))
