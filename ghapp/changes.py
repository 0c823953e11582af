"""What a decision asks of the database, as data: `jobs.reception.apply` carries each of them out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeAlias

from state.lifecycle import TaskEvent


@dataclass(frozen=True)
class NewTask:
    """A task to create. `request` is what people see rendered, `original` the text as typed, kept as it is."""

    title: str
    request: str
    original: str
    requester_id: int
    requester_login: str
    issue_number: int
    issue_hash: str
    language: str
    budget: float
    type: str | None = None
    base: str | None = None
    priority: str = "medium"
    deadline: datetime | None = None
    discovery: bool | None = None
    hidden: int = 0
    budget_asked: bool = False


@dataclass(frozen=True)
class Transition:
    """A row of the lifecycle table, with columns to set beside the status."""

    event: TaskEvent
    fields: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class ApprovePlan:
    """An approval as stored: it binds the plan, the scope, the money, the issue, the comment and the person."""

    plan_hash: str
    scope: str
    step_ids: tuple[str, ...]
    budget: float
    user_id: int
    login: str
    role: str
    comment_id: int | None
    comment_hash: str | None
    issue_hash: str
    base_sha: str | None


@dataclass(frozen=True)
class RaiseBudget:
    """More money for a task whose budget is used up, US dollars in all. It renews the approval, if there is one."""

    budget: float
    user_id: int
    login: str
    role: str
    comment_id: int | None
    comment_hash: str | None


@dataclass(frozen=True)
class AllowPath:
    """Exactly this protected path is opened for this task; `left` are those that its step still waits for."""

    path: str
    user_id: int
    login: str
    left: tuple[str, ...] = ()


@dataclass(frozen=True)
class AskCi:
    """Somebody wants CI to run on the branch: a job makes the closing commit."""

    user_id: int
    login: str


@dataclass(frozen=True)
class RetrySteps:
    """Failed steps again, by their ids, in a new round; `proposal` is the debug agent's that tells how, from 1."""

    step_ids: tuple[str, ...]
    proposal: int | None = None


@dataclass(frozen=True)
class SkipSteps:
    """Failed steps that a person leaves out, by their ids."""

    step_ids: tuple[str, ...]


@dataclass(frozen=True)
class FixPlan:
    """A new version of the plan out of the debug agent's proposal of that number, from 1."""

    proposal: int


@dataclass(frozen=True)
class RestorePlan:
    """The version that was approved before is in force again, its failed step failed."""


@dataclass(frozen=True)
class RevisePlan:
    """Text for the next round; `round` counts from 1."""

    text: str
    round: int


@dataclass(frozen=True)
class AddMessage:
    """A row of the conversation. `role` is user, assistant or system."""

    role: str
    content: str
    author: str
    intent: str | None = None
    channel: str = "github"
    external_id: str | None = None


@dataclass(frozen=True)
class Note:
    """A row of the task's log."""

    event: str
    message: str
    actor: str
    metadata: Mapping[str, Any] = field(default_factory=dict)


Change: TypeAlias = (
    NewTask
    | Transition
    | ApprovePlan
    | RaiseBudget
    | AllowPath
    | AskCi
    | RevisePlan
    | RetrySteps
    | SkipSteps
    | FixPlan
    | RestorePlan
    | AddMessage
    | Note
)
