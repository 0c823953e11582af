"""What GitHub told us, as values of our own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Comment:
    """An issue comment. `app_id` is the App that wrote it, None for a person's own; times are UTC."""

    id: int
    body: str
    author_id: int
    author_login: str
    author_type: str
    app_id: int | None
    html_url: str
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True)
class Issue:
    """An issue or pull request. `state` is open or closed."""

    number: int
    title: str
    body: str
    state: str
    locked: bool
    author_id: int
    author_login: str
    is_pull_request: bool
    labels: tuple[str, ...]
    html_url: str


@dataclass(frozen=True)
class RepoFacts:
    """A repository. `size` is KiB as GitHub counts; `web_url` is the page, `clone_url` has passed the origin rule."""

    id: int
    full_name: str
    default_branch: str
    clone_url: str
    web_url: str
    archived: bool
    private: bool
    size: int


@dataclass(frozen=True)
class BranchFacts:
    """A branch; `protected` counts branch protection and rulesets that restrict pushes, existing branch or not."""

    name: str
    exists: bool
    sha: str = ""
    protected: bool = False
    signatures_required: bool = False


@dataclass(frozen=True)
class Annotation:
    """One finding on a line; `level` is notice, warning or failure."""

    path: str
    line: int
    level: str
    message: str
    title: str = ""


@dataclass(frozen=True)
class Label:
    """A label of ours; `color` is six hex digits."""

    name: str
    color: str
    description: str


@dataclass(frozen=True)
class CheckOutput:
    """What a check run shows. `status` queued, in_progress or completed; `conclusion` only with completed."""

    name: str
    status: str
    title: str
    summary: str
    conclusion: str | None = None
    text: str = ""
    details_url: str = ""
    external_id: str = ""
    annotations: tuple[Annotation, ...] = ()
