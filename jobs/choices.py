"""What a repository chooses of models and money, held against what this installation allows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import yaml

from jobs.git.facts import file_at
from jobs.models import allowed
from jobs.repository import Repository
from jobs.runtime import Runtime
from jobs.setup.config import PATH, ConfigError, ConfigProblem, RepoConfig
from state.db.engine import write
from state.settings import DEFAULT_MODELS, Settings
from state.store import tasks
from state.views import TaskView

BUDGET_ASKED = "budget_asked"
"""In a task's options: a person named its budget, so the repository's does not count."""


def settled(runtime: Runtime, task: TaskView, repository: Repository, config: RepoConfig) -> TaskView:
    """The task with the repository's budget, unless a person named one. Raises ConfigError for its models."""
    if config.models:
        check_models(runtime.settings, config, file_at(repository.mirror, repository.base_sha, PATH) or b"")
    if config.budget is None or config.budget == task.budget or task.options.get(BUDGET_ASKED):
        return task
    with write(runtime.engine) as session:
        tasks.set_fields(session, task.id, budget=config.budget)
    return replace(task, budget=config.budget)


def check_models(known: Settings, config: RepoConfig, data: bytes) -> None:
    """Raises ConfigError with a line for each role or model that may not be chosen; `data` is the file."""
    may = allowed(known)
    problems = tuple(
        ConfigProblem(_line(data, role), said)
        for role, name in config.models.items()
        for said in _wrong(role, name, may)
    )
    if problems:
        raise ConfigError(problems)


def _wrong(role: str, name: str, may: tuple[str, ...]) -> Iterator[str]:
    if role not in DEFAULT_MODELS:
        yield f"models: there is no role {role!r}; roles are {', '.join(DEFAULT_MODELS)}"
    elif name not in may:
        yield f"models.{role}: {name!r} may not be chosen here; possible are {', '.join(may)}"


def _line(data: bytes, role: str) -> int:
    """The line of `models.<role>`, counting from 1."""
    root = yaml.compose(data.decode("utf-8", "replace"), Loader=yaml.SafeLoader)
    for key, value in _pairs(root):
        if key.value == "models":
            return next((inner.start_mark.line + 1 for inner, _ in _pairs(value) if inner.value == role), 1)
    return 1


def _pairs(node: yaml.Node | None) -> list[tuple[yaml.Node, yaml.Node]]:
    return node.value if isinstance(node, yaml.MappingNode) else []
