"""The maps that the two agents get: what each asks about, and how many tokens it may take."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from ai.executor.texts import step_text
from jobs.git.mirror import Mirror
from jobs.repomap.build import repository_map
from jobs.repomap.query import Query
from state.plan.model import Step

PLANNER_TOKENS: Final = 4_000
EXECUTOR_TOKENS: Final = 2_000


def planner_map(mirror: Mirror, commit: str, request: str, conversation: str, data: Path) -> str:
    """What the request and the conversation since are about; `data` is DATA_PATH. Raises GitError."""
    return repository_map(mirror, commit, Query(f"{request}\n{conversation}"), PLANNER_TOKENS, cache(data))


def executor_map(mirror: Mirror, commit: str, step: Step, data: Path) -> str:
    """What a step is about: its own files first, then those that it builds on. Raises GitError."""
    return repository_map(mirror, commit, step_query(step), EXECUTOR_TOKENS, cache(data))


def step_query(step: Step) -> Query:
    """A step's text and the files that it names."""
    named = [step.expected_outputs.main_file, *(file.path for file in step.files)]
    named += [cited.path for cited in step.citations]
    return Query(step_text(step), tuple(dict.fromkeys(path for path in named if path)))


def cache(data: Path) -> Path:
    """The folder for what can be lost."""
    return data / "cache"
