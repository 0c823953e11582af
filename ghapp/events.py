"""What GitHub's webhooks say, read into one small value.

Only the fields used are looked at: payload shapes differ between GitHub versions, and a strict reader refuses a third
of the published examples. Nothing here is authority: permission, repository and installation are asked from GitHub
afterwards. Shapes: https://docs.github.com/webhooks/webhook-events-and-payloads, npm `@octokit/webhooks-examples`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

MAX_BYTES = 25 * 1024 * 1024 + 64 * 1024


class BadPayload(ValueError):
    """The body is not what GitHub sends: not JSON, too deep, too large, or a needed field is missing."""


class Kind(StrEnum):
    """What happened, as far as anything here acts on it; every other event reads as `None`."""

    ISSUE_OPENED = "issues.opened"
    ISSUE_EDITED = "issues.edited"
    ISSUE_LABELED = "issues.labeled"
    ISSUE_CLOSED = "issues.closed"
    ISSUE_REOPENED = "issues.reopened"
    ISSUE_DELETED = "issues.deleted"
    ISSUE_TRANSFERRED = "issues.transferred"
    COMMENT_CREATED = "issue_comment.created"
    COMMENT_EDITED = "issue_comment.edited"
    COMMENT_DELETED = "issue_comment.deleted"


KINDS = {kind.value: kind for kind in Kind}
EVENTS = frozenset(kind.partition(".")[0] for kind in KINDS)
"""The events that are read."""
EVENTS_LATER = frozenset(
    (
        "pull_request",
        "pull_request_review",
        "pull_request_review_comment",
        "check_run",
        "workflow_run",
        "push",
        "repository",
    )
)
"""Subscribed in app.yml already, since each installation would have to accept a later change."""


@dataclass(frozen=True)
class Person:
    """An account; the numeric id is its identity, the login may be given to someone else tomorrow."""

    id: int
    login: str
    type: str


@dataclass(frozen=True)
class Repo:
    """The repository the event names."""

    id: int
    full_name: str
    private: bool
    default_branch: str


@dataclass(frozen=True)
class Issue:
    """The issue (or pull request) as it was when the event was sent. A deleted account leaves no author."""

    id: int
    number: int
    node_id: str
    title: str
    body: str
    author: Person | None
    is_pr: bool
    locked: bool
    state: str
    updated_at: datetime


@dataclass(frozen=True)
class Comment:
    """The comment as it was when the event was sent; `app_id` names the App through which it was written."""

    id: int
    body: str
    author: Person | None
    created_at: datetime
    updated_at: datetime
    app_id: int | None


@dataclass(frozen=True)
class Incoming:
    """One event to act on. `body_from` is the text before an edit, `label` the label just added."""

    kind: Kind
    installation_id: int | None
    repo: Repo
    issue: Issue
    sender: Person
    comment: Comment | None = None
    body_from: str | None = None
    label: str | None = None


def parse_json(raw: bytes) -> object:
    """Parse a webhook body; raises `BadPayload` for anything that is not JSON of a sane size and depth."""
    if len(raw) > MAX_BYTES:
        raise BadPayload("the body is larger than GitHub sends")
    try:
        return json.loads(raw)
    except RecursionError:
        raise BadPayload("the body is nested too deeply") from None
    except ValueError as error:
        raise BadPayload(f"the body is not JSON: {type(error).__name__}") from None


def read(event: str, payload: object) -> Incoming | None:
    """Read one delivery; `None` for events nothing acts on, `BadPayload` when a needed field is missing or odd."""
    action = payload.get("action") if isinstance(payload, dict) else None
    kind = KINDS.get(f"{event}.{action}") if isinstance(action, str) else None
    if kind is None:
        return None
    try:
        seen = _Payload.model_validate(payload)
    except ValidationError as error:
        raise BadPayload(_first(error)) from None
    if event == "issue_comment" and seen.comment is None:
        raise BadPayload("comment: missing")
    return _incoming(kind, seen)


def _first(error: ValidationError) -> str:
    found = error.errors(include_url=False, include_context=False, include_input=False)[0]
    return f"{'.'.join(str(part) for part in found['loc'])}: {found['type']}"


def _clean(value: Any) -> Any:
    """Databases store neither NUL nor half of a surrogate pair; JSON can carry both."""
    if not isinstance(value, str):
        return value
    return value.replace("\0", "").encode("utf-8", "replace").decode("utf-8")


Text = Annotated[str, BeforeValidator(_clean)]
Id = Annotated[int, Field(strict=True, ge=1, lt=2**63)]
Login = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,100}(\[bot\])?$")]
FullName = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,100}/[A-Za-z0-9_.-]{1,100}$")]


class _Model(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class _Person(_Model):
    id: Id
    login: Login
    type: Text = "User"


class _Repo(_Model):
    id: Id
    full_name: FullName
    private: bool = True
    default_branch: Text = ""


class _Issue(_Model):
    id: Id
    number: Id
    node_id: Text = ""
    title: Text
    body: Text | None = None
    user: _Person | None = None
    pull_request: dict[str, Any] | None = None
    locked: bool = False
    state: Text = "open"
    updated_at: AwareDatetime


class _App(_Model):
    id: Id


class _Comment(_Model):
    id: Id
    body: Text | None = None
    user: _Person | None = None
    created_at: AwareDatetime
    updated_at: AwareDatetime
    performed_via_github_app: _App | None = None


class _From(_Model):
    from_: Text | None = Field(default=None, alias="from")


class _Changes(_Model):
    body: _From | None = None


class _Label(_Model):
    name: Text


class _Installation(_Model):
    id: Id


class _Payload(_Model):
    installation: _Installation | None = None
    repository: _Repo
    issue: _Issue
    sender: _Person
    comment: _Comment | None = None
    changes: _Changes | None = None
    label: _Label | None = None


def _incoming(kind: Kind, seen: _Payload) -> Incoming:
    before = seen.changes.body if seen.changes else None
    return Incoming(
        kind=kind,
        installation_id=seen.installation.id if seen.installation else None,
        repo=Repo(**seen.repository.model_dump()),
        issue=_issue(seen.issue),
        sender=Person(**seen.sender.model_dump()),
        comment=_comment(seen.comment) if seen.comment else None,
        body_from=before.from_ if before else None,
        label=seen.label.name if seen.label else None,
    )


def _person(seen: _Person | None) -> Person | None:
    return Person(**seen.model_dump()) if seen else None


def _issue(seen: _Issue) -> Issue:
    return Issue(
        id=seen.id,
        number=seen.number,
        node_id=seen.node_id,
        title=seen.title,
        body=seen.body or "",
        author=_person(seen.user),
        is_pr=seen.pull_request is not None,
        locked=seen.locked,
        state=seen.state,
        updated_at=seen.updated_at,
    )


def _comment(seen: _Comment) -> Comment:
    app = seen.performed_via_github_app
    return Comment(
        seen.id, seen.body or "", _person(seen.user), seen.created_at, seen.updated_at, app.id if app else None
    )
