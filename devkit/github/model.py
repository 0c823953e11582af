"""The rows of the stand-in. Times are POSIX seconds; ids are GitHub-like integers; JSON-able fields only."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]


def now() -> float:
    return time.time()


@dataclass
class User:
    id: int
    login: str
    type: str = "User"  # User | Bot | Organization
    name: str | None = None
    created: float = field(default_factory=now)


@dataclass
class Repo:
    id: int
    owner_id: int
    name: str
    private: bool = True
    default_branch: str = "main"
    description: str | None = None
    archived: bool = False
    deleted: bool = False
    created: float = field(default_factory=now)
    updated: float = field(default_factory=now)
    pushed: float | None = None
    last_number: int = 0
    roles: dict[str, str] = field(default_factory=dict)  # user id -> none|read|triage|write|maintain|admin
    role_names: dict[str, str] = field(default_factory=dict)  # user id -> custom role's name
    old_names: list[str] = field(default_factory=list)  # "owner/name" of before, answered by 301
    protections: dict[str, Json] = field(default_factory=dict)  # branch pattern -> settings
    rules: list[Json] = field(default_factory=list)  # {"pattern", "type", "parameters"}
    squash_merge_commit_message: str = "COMMIT_MESSAGES"


@dataclass
class Label:
    id: int
    repo_id: int
    name: str
    color: str = "ededed"
    description: str | None = None


@dataclass
class Issue:
    id: int
    repo_id: int
    number: int
    user_id: int
    title: str
    body: str | None
    state: str = "open"
    state_reason: str | None = None
    locked: bool = False
    deleted: bool = False
    label_ids: list[int] = field(default_factory=list)
    assignee_ids: list[int] = field(default_factory=list)
    app_id: int | None = None
    pull_id: int | None = None
    created: float = field(default_factory=now)
    updated: float = 0.0
    closed: float | None = None
    closed_by_id: int | None = None

    def __post_init__(self) -> None:
        self.updated = self.updated or self.created


@dataclass
class Comment:
    id: int
    repo_id: int
    issue_id: int
    user_id: int
    body: str
    app_id: int | None = None
    created: float = field(default_factory=now)
    updated: float = 0.0

    def __post_init__(self) -> None:
        self.updated = self.updated or self.created


@dataclass
class Reaction:
    id: int
    subject: str  # "issue:ID" | "comment:ID"
    user_id: int
    content: str
    created: float = field(default_factory=now)


@dataclass
class Pull:
    id: int
    repo_id: int
    issue_id: int
    head_ref: str
    base_ref: str
    head_repo_id: int
    draft: bool = False
    merged: float | None = None
    merged_by_id: int | None = None
    merge_sha: str | None = None


@dataclass
class CheckSuite:
    id: int
    repo_id: int
    app_id: int
    head_sha: str
    head_branch: str | None = None
    before: str | None = None
    created: float = field(default_factory=now)
    updated: float = field(default_factory=now)


@dataclass
class CheckRun:
    id: int
    repo_id: int
    suite_id: int
    app_id: int
    name: str
    head_sha: str
    status: str = "queued"
    conclusion: str | None = None
    external_id: str = ""
    details_url: str | None = None
    started: float | None = None
    completed: float | None = None
    title: str | None = None
    summary: str | None = None
    text: str | None = None
    annotations: list[Json] = field(default_factory=list)


@dataclass
class Status:
    id: int
    repo_id: int
    sha: str
    creator_id: int
    state: str
    context: str = "default"
    description: str | None = None
    target_url: str | None = None
    created: float = field(default_factory=now)


@dataclass
class App:
    id: int
    slug: str
    name: str
    bot_id: int
    owner_id: int
    permissions: dict[str, str] = field(default_factory=dict)
    events: list[str] = field(default_factory=list)
    public_key: str = ""
    hook_url: str = ""
    hook_secret: str = ""
    hook_id: int = 0
    created: float = field(default_factory=now)


@dataclass
class Installation:
    id: int
    app_id: int
    account_id: int
    permissions: dict[str, str] = field(default_factory=dict)
    events: list[str] = field(default_factory=list)
    selection: str = "selected"  # selected | all
    repository_ids: list[int] = field(default_factory=list)
    suspended: float | None = None
    suspended_by_id: int | None = None
    created: float = field(default_factory=now)
    updated: float = field(default_factory=now)


@dataclass
class Token:
    id: int
    value: str
    expires: float
    installation_id: int | None = None
    user_id: int | None = None
    permissions: dict[str, str] = field(default_factory=dict)
    repository_ids: list[int] | None = None


@dataclass
class Delivery:
    id: int
    guid: str
    event: str
    action: str | None
    payload: str
    request_headers: dict[str, str]
    installation_id: int | None
    repository_id: int | None
    redelivery: bool = False
    delivered: float | None = None
    duration: float = 0.0
    status: str = "pending"
    status_code: int = 0
    response_headers: dict[str, str] = field(default_factory=dict)
    response_body: str = ""


@dataclass
class Push:
    id: int
    repo_id: int
    ref: str
    before: str
    after: str
    user_id: int
    forced: bool = False
    created: float = field(default_factory=now)


@dataclass
class WorkflowRun:
    id: int
    repo_id: int
    head_sha: str
    head_branch: str
    event: str
    path: str
    status: str = "queued"
    conclusion: str | None = None
    created: float = field(default_factory=now)
