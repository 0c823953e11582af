"""GitHub's JSON as our facts; pure. Wrong shapes raise KeyError, TypeError or ValueError: the caller classifies."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from ghapp.clients.github.facts import Annotation, CheckOutput, Comment, Issue, RepoFacts

ANNOTATIONS = 50  # GitHub takes no more in one call
ROLES = frozenset({"admin", "maintain", "write", "triage", "read"})


def comment(data: dict[str, Any]) -> Comment:
    """An issue comment."""
    author = data["user"] or {}  # a deleted account
    app = data.get("performed_via_github_app") or {}
    return Comment(
        id=int(data["id"]),
        body=str(data["body"] or ""),
        author_id=int(author.get("id", 0)),
        author_login=str(author.get("login", "ghost")),
        author_type=str(author.get("type", "User")),
        app_id=int(app["id"]) if app else None,
        html_url=str(data["html_url"]),
        created_at=moment(data["created_at"]),
        updated_at=moment(data["updated_at"]),
    )


def issue(data: dict[str, Any]) -> Issue:
    """An issue or pull request as the issues API shows it."""
    author = data["user"] or {}
    labels = (label if isinstance(label, str) else label["name"] for label in data["labels"])
    return Issue(
        number=int(data["number"]),
        title=str(data["title"]),
        body=str(data["body"] or ""),
        state=str(data["state"]),
        locked=bool(data.get("locked")),
        author_id=int(author.get("id", 0)),
        author_login=str(author.get("login", "ghost")),
        is_pull_request=data.get("pull_request") is not None,
        labels=tuple(labels),
        html_url=str(data["html_url"]),
    )


def role(data: dict[str, Any], user_id: int) -> str:
    """The role of a permission answer, `none` when it speaks of another account than `user_id`.

    A custom role counts as the base role that GitHub names in `permission`.
    """
    if int(data["user"]["id"]) != user_id:
        return "none"
    for name in (data.get("role_name"), data["permission"]):
        if name in ROLES:
            return str(name)
    return "none"


def number(data: dict[str, Any]) -> int:
    """The numeric id of anything."""
    return int(data["id"])


def repo(data: dict[str, Any]) -> RepoFacts:
    """A repository; its clone address is not checked here."""
    return RepoFacts(
        id=int(data["id"]),
        full_name=str(data["full_name"]),
        default_branch=str(data["default_branch"]),
        clone_url=str(data["clone_url"]),
        web_url=str(data["html_url"]),
        archived=bool(data["archived"]),
        private=bool(data["private"]),
        size=int(data["size"]),
    )


def branch(data: dict[str, Any]) -> tuple[str, bool]:
    """A branch's head and whether protection of the old kind guards it."""
    return str(data["commit"]["sha"]), bool(data["protected"])


def rules(data: Any) -> frozenset[str]:
    """The types of the ruleset rules that hold for a branch."""
    return frozenset(str(rule["type"]) for rule in data)


def check_run(data: dict[str, Any], external_id: str) -> int | None:
    """The id of the check run with that external id."""
    return next((int(run["id"]) for run in data["check_runs"] if run.get("external_id") == external_id), None)


def moment(text: str) -> datetime:
    """GitHub's time, UTC."""
    return datetime.fromisoformat(text.replace("Z", "+00:00")).astimezone(UTC)


def check_body(output: CheckOutput, *, annotated: bool) -> dict[str, Any]:
    """The part of a check run that both create and update send; the times are GitHub's own."""
    shown: dict[str, Any] = {"title": output.title, "summary": output.summary}
    if output.text:
        shown["text"] = output.text
    if annotated and output.annotations:
        shown["annotations"] = marked_lines(output.annotations)
    body: dict[str, Any] = {"name": output.name, "status": output.status, "output": shown}
    if output.status == "completed":
        body["conclusion"] = output.conclusion or "neutral"
    if output.details_url:
        body["details_url"] = output.details_url
    if output.external_id:
        body["external_id"] = output.external_id
    return body


def marked_lines(found: Sequence[Annotation]) -> list[dict[str, Any]]:
    """The first 50, as GitHub takes them."""
    shown: list[dict[str, Any]] = []
    for item in found[:ANNOTATIONS]:
        line = max(1, item.line)
        entry = {
            "path": item.path,
            "start_line": line,
            "end_line": line,
            "annotation_level": item.level,
            "message": item.message or item.title or "-",
        }
        shown.append(entry | ({"title": item.title[:255]} if item.title else {}))
    return shown
