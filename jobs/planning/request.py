"""What the planner is told: the request, the conversation since, the repository's own rules and what there is in it."""

from __future__ import annotations

import json
from pathlib import Path

from sqlalchemy.orm import Session

from ai.planner.agent import PlanRequest
from jobs.git.facts import file_at, tree_files
from jobs.planning.named import named_paths
from jobs.repomap.asked import planner_map
from jobs.repository import Repository
from state.plan.flat import flatten
from state.plan.greenfield import greenfield
from state.store import talk
from state.views import TaskView

CONVENTIONS = ("AGENTS.md", "CONTRIBUTING.md", ".github/CONTRIBUTING.md", "README.md")
CONVENTION_BYTES = 6_000


def plan_request(
    task: TaskView,
    repository: Repository,
    conversation: str,
    commands: dict[str, str],
    protected: tuple[str, ...],
    base_said: bool = True,
    *,
    data: Path,
) -> PlanRequest:
    """The request with everything that a planner may know; `data` is DATA_PATH."""
    paths = [file.path for file in tree_files(repository.mirror, repository.base_sha)]
    return PlanRequest(
        repo=task.repo.full_name,
        base=repository.base,
        request=task.request,
        language=task.language,
        conversation=conversation,
        previous=json.dumps(flatten(task.plan.plan), ensure_ascii=False, indent=1) if task.plan else "",
        conventions=conventions_text(repository),
        repo_map=planner_map(repository.mirror, repository.base_sha, task.request, conversation, data),
        commands=commands,
        protected=protected,
        named=tuple(named_paths(task.request, paths)),
        greenfield=greenfield(paths),
        base_said=base_said,
    )


def conversation_text(session: Session, task: TaskView) -> str:
    """What people said in the thread to the planner since the request, oldest first."""
    said = [one for one in talk.conversation(session, task.id) if one.intent == "PLAN_REVISE"]
    return "\n\n".join(f"{one.author}: {one.content}" for one in said)


def conventions_found(repository: Repository) -> tuple[str, ...]:
    """Which files of conventions the base commit has."""
    paths = {file.path for file in tree_files(repository.mirror, repository.base_sha)}
    return tuple(name for name in CONVENTIONS if name in paths)


def conventions_text(repository: Repository) -> str:
    """The files of conventions at the base commit, each cut to 6,000 bytes."""
    parts = []
    for name in conventions_found(repository):
        raw = file_at(repository.mirror, repository.base_sha, name) or b""
        cut = "\n[cut; read_file shows the rest]" if len(raw) > CONVENTION_BYTES else ""
        parts.append(f"--- {name}\n{raw[:CONVENTION_BYTES].decode('utf-8', 'replace')}{cut}")
    return "\n\n".join(parts)
