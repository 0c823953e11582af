"""Frozen views of stored rows: what pure code may know about a task.

Built by `state.store`, read by `ghapp` (decisions, texts) and `jobs`. Times are UTC, money is US dollars, durations
are seconds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from state.lifecycle import FailReason, PauseReason, StepStatus, TaskStatus
from state.plan.model import Plan


@dataclass(frozen=True)
class RepoRef:
    """A repository as GitHub names it; the numeric id is its identity, the full name is for people."""

    id: int
    full_name: str
    installation_id: int


@dataclass(frozen=True)
class StepView:
    """One step with its live state. `number` is its place in the shown version, `id` is stable."""

    id: str
    number: int
    title: str
    status: StepStatus
    attempts: int = 0
    commit_sha: str | None = None
    started_at: datetime | None = None
    completed_at: datetime | None = None
    last_error: str | None = None
    tests_passed: int | None = None
    tests_failed: int | None = None
    files: tuple[str, ...] = ()
    row_id: str = ""  # steps.id, for foreign keys
    round: int = 0
    takes: int = 0
    complexity: str = "low"
    depends_on: tuple[str, ...] = ()
    handoff: str | None = None
    pushed_sha: str | None = None


@dataclass(frozen=True)
class PlanView:
    """One stored plan version; `plan_hash` is the full sha256 hex digest, people see the first four digits."""

    number: int
    plan_hash: str
    plan: Plan
    kind: str
    change_summary: str
    created_at: datetime
    comment_id: int | None = None
    posted_at: datetime | None = None
    approved: bool = False
    parent_plan: Plan | None = None
    row_id: str = ""  # plan_versions.id
    comment_hash: str | None = None


@dataclass(frozen=True)
class CostLine:
    """What some calls of models came to; `tokens_in` is the whole input, `cached` and `written` are parts of it.

    `name` is a role (`about`: provider:model), a step's number (`about`: its title), or empty for what has no step.
    """

    name: str
    about: str
    calls: int = 0
    tokens_in: int = 0
    cached: int = 0
    written: int = 0
    out: int = 0
    dollars: float = 0.0

    @property
    def cache_hit_rate(self) -> float:
        """The share of the input that came out of a cache, from 0 to 1."""
        return self.cached / self.tokens_in if self.tokens_in else 0.0


@dataclass(frozen=True)
class CostView:
    """A task's calls of models in all, by role and by step."""

    total: CostLine
    roles: tuple[CostLine, ...] = ()
    steps: tuple[CostLine, ...] = ()


@dataclass(frozen=True)
class TaskView:
    """A task as people and decisions see it."""

    id: str
    seq: int
    key: str
    repo: RepoRef
    issue_number: int
    requester_id: int
    requester_login: str
    title: str
    request: str
    type: str
    status: TaskStatus
    revision: int
    language: str = "en"
    branch: str | None = None
    base_branch: str | None = None
    base_sha: str | None = None
    head_sha: str | None = None
    status_reason: str | None = None
    pause_reason: PauseReason | None = None
    rounds: int = 0
    budget: float | None = None
    spent: float = 0.0
    tokens: int = 0
    cached_tokens: int = 0
    plan: PlanView | None = None
    steps: tuple[StepView, ...] = ()
    status_comment_id: int | None = None
    issue_hash: str | None = None
    activity: str | None = None  # what runs now, in one short line
    created_at: datetime | None = None
    approved_at: datetime | None = None
    completed_at: datetime | None = None
    updated_at: datetime | None = None
    fail_reason: FailReason | None = None
    came_from: TaskStatus | None = None  # the state that PAUSED keeps
    before: TaskStatus | None = None  # COMPLETED or FAILED, where a later plan was made after the end
    simulating: bool = False
    priority: str = "medium"
    options: Mapping[str, Any] = field(default_factory=dict)
    resume_at: datetime | None = None

    @property
    def finished_last(self) -> str | None:
        """The commit of the step that was finished last, which holds the work of all before it; None before the first.
        Steps are finished by priority and dependencies, so that is not always the last of the plan.
        """
        done = [step for step in self.steps if step.commit_sha and step.completed_at]
        return max(done, key=lambda step: step.completed_at or NEVER).commit_sha if done else None


NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Place:
    """A place in the line, counted from 1, of so many that wait."""

    place: int
    waiting: int


HELD, ALLOWED, CI = "held", "allowed_paths", "ci"
"""Keys of a task's options: protected paths that its step waits for; {path, user_id, login, at} of those allowed;
{state: asked | done | failed, user_id, login, at, sha} of the last `/ci`.
"""
