"""What a decision is made from and what comes out of it, as data.

A decision reads a `Context` (values the caller has fetched just now), and returns changes for the database and effects
for the outbox. The caller applies both in one transaction and adds the derived effects (status comment, labels, rings).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from ghapp.changes import Change
from ghapp.say.facts import Proposal
from state.effects import Effect
from state.plan.overlap import Touching
from state.quota import Crowd
from state.views import CostView, Place, RepoRef, TaskView


class Who(StrEnum):
    """Who may give a command (spec 3.1, last column)."""

    WRITE = "write"
    TRIAGE = "triage"
    TRIAGE_OR_REQUESTER = "triage or requester"
    APPROVER = "approver"
    NOT_STRANGER = "not a stranger"


RANK: Mapping[str, int] = {"none": 0, "read": 1, "triage": 2, "write": 3, "maintain": 4, "admin": 5}


@dataclass(frozen=True)
class Actor:
    """Who gave the command, with the role GitHub named just now; `role` is None where GitHub could not be asked."""

    id: int
    login: str
    role: str | None
    is_requester: bool = False

    def at_least(self, role: str) -> bool:
        """Unknown roles and no answer rank below everything."""
        return RANK.get(self.role or "none", 0) >= RANK[role]


@dataclass(frozen=True)
class IssueNow:
    """The issue as it is now."""

    number: int
    title: str
    body: str
    is_pr: bool = False

    @property
    def hash(self) -> str:
        """Names exactly this title and body."""
        return issue_hash(self.title, self.body)


class SourceKind(StrEnum):
    """Where a command was given; with `id` and the command's index it is the key that is never executed twice."""

    COMMENT = "comment"
    ISSUE = "issue"
    LABEL = "label"
    TICK = "tick"
    TELEGRAM = "telegram"
    CLI = "cli"


@dataclass(frozen=True)
class Source:
    """`comment_id` is the comment to react to (None: the issue); `restore` is the body to put back after a tick."""

    kind: SourceKind
    id: str
    created_at: datetime
    comment_id: int | None = None
    body_hash: str | None = None
    restore: str | None = None


class PlanComment(StrEnum):
    """The plan's own comment, read just now."""

    INTACT = "intact"
    EDITED = "edited"
    MISSING = "missing"
    UNKNOWN = "unknown"


class CommandComment(StrEnum):
    """The comment that carries the command, read just now."""

    SAME = "same"
    EDITED = "edited"
    DELETED = "deleted"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Live:
    """Facts asked for an approval only. `issue_then` and `plan_text` are the issue and the plan comment as stored."""

    plan_comment: PlanComment = PlanComment.UNKNOWN
    command_comment: CommandComment = CommandComment.UNKNOWN
    dependencies_done: bool = True
    issue_then: str | None = None
    plan_text: str | None = None
    approved_by: str | None = None


@dataclass(frozen=True)
class Limits:
    """Numbers of the settings that decisions need: rounds of revision, a task's budget in US dollars, MAX_TASKS."""

    rounds: int = 10
    budget: float = 5.0
    tasks: int = 20


@dataclass(frozen=True)
class Context:
    """Everything a decision may look at; `cost` and the debugger's `proposals` only where a command asks for them."""

    actor: Actor
    repo: RepoRef
    issue: IssueNow
    source: Source
    now: datetime
    task: TaskView | None = None
    live: Live = field(default_factory=Live)
    limits: Limits = field(default_factory=Limits)
    approvers: frozenset[int] | None = None
    language: str = "en"
    may_react: bool = True
    cost: CostView | None = None
    proposals: tuple[Proposal, ...] = ()
    place: Place | None = None
    crowd: Crowd = field(default_factory=Crowd)
    others: tuple[Touching, ...] = ()


@dataclass(frozen=True)
class Decision:
    """`refused`: not permitted; `failed`: understood, but not possible now. Neither has changes."""

    changes: tuple[Change, ...] = ()
    effects: tuple[Effect, ...] = ()
    refused: bool = False
    failed: bool = False


def issue_hash(title: str, body: str) -> str:
    """sha256 over title and body with line ends normalised, hex."""
    return text_hash(f"{title}\n{body}")


def text_hash(text: str) -> str:
    """sha256 of a comment's text with line ends normalised, hex; `state.store` uses the same for bodies we sent."""
    return hashlib.sha256(text.replace("\r\n", "\n").encode("utf-8", "replace")).hexdigest()


def permitted(who: Who, actor: Actor, approvers: frozenset[int] | None = None) -> bool:
    """Whether the actor may; a role that could not be asked is no."""
    if actor.role is None:
        return False
    if who is Who.WRITE:
        return actor.at_least("write")
    if who is Who.APPROVER:
        return actor.at_least("write") and (approvers is None or actor.id in approvers)
    if who is Who.TRIAGE:
        return actor.at_least("triage")
    return actor.at_least("triage") or actor.is_requester
