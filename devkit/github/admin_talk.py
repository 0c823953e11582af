"""The admin surface's part in which people speak: issues, comments, labels, reactions, ticks."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from devkit.github.errors import Refused, not_found
from devkit.github.model import Comment, Issue, Json, Repo
from devkit.github.ops import issues, labels, reactions, ticks
from devkit.github.shapes import issues as shapes

if TYPE_CHECKING:
    from devkit.github.admin import Desk

ISSUES = "/_admin/repos/<owner>/<name>/issues"
ONE = ISSUES + "/<int:number>"
COMMENT = "/_admin/comments/<int:comment_id>"


def _find(desk: Desk, owner: str, name: str, number: int) -> tuple[Repo, Issue]:
    repo = desk.repo(owner, name)
    row = desk.hub.store.issue_numbered(repo, number)
    if row is None:
        raise not_found()
    return repo, row


def _comment(desk: Desk, comment_id: int) -> tuple[Repo, Comment]:
    row = desk.hub.store.comments.get(comment_id)
    if row is None:
        raise not_found()
    return desk.hub.store.repos[row.repo_id], row


def open_issue(desk: Desk, owner: str, name: str) -> Json:
    repo, body = desk.repo(owner, name), desk.body
    row = issues.create(desk.hub, repo, desk.viewer(), body["title"], body.get("body"), body.get("labels", []))
    return shapes.issue(desk.hub, repo, row)


def edit_issue(desk: Desk, owner: str, name: str, number: int) -> Json:
    repo, row = _find(desk, owner, name, number)
    issues.edit(desk.hub, repo, row, desk.viewer(), desk.body)
    if "locked" in desk.body:
        issues.lock(desk.hub, repo, row, desk.viewer(), desk.body["locked"])
    return shapes.issue(desk.hub, repo, row)


def delete_issue(desk: Desk, owner: str, name: str, number: int) -> None:
    repo, row = _find(desk, owner, name, number)
    issues.delete(desk.hub, repo, row, desk.viewer())


def add_comment(desk: Desk, owner: str, name: str, number: int) -> Json:
    repo, parent = _find(desk, owner, name, number)
    row = issues.comment(desk.hub, repo, parent, desk.viewer(), desk.body["body"])
    return shapes.comment(desk.hub, repo, row)


def add_labels(desk: Desk, owner: str, name: str, number: int) -> Json:
    repo, row = _find(desk, owner, name, number)
    labels.add(desk.hub, repo, row, desk.body["labels"], desk.user())
    return shapes.issue(desk.hub, repo, row)


def remove_label(desk: Desk, owner: str, name: str, number: int, label: str) -> Json:
    repo, row = _find(desk, owner, name, number)
    labels.remove(desk.hub, repo, row, label, desk.user())
    return shapes.issue(desk.hub, repo, row)


def react_to_issue(desk: Desk, owner: str, name: str, number: int) -> Json:
    _, row = _find(desk, owner, name, number)
    made, _ = reactions.react(desk.hub, f"issue:{row.id}", row, desk.user(), desk.body["content"], True)
    return shapes.reaction(desk.hub, made)


def edit_comment(desk: Desk, comment_id: int) -> Json:
    repo, row = _comment(desk, comment_id)
    body = ticks.web_text(desk.body["body"]) if desk.body.get("web") else desk.body["body"]
    issues.edit_comment(desk.hub, repo, row, desk.viewer(), body)
    return shapes.comment(desk.hub, repo, row)


def delete_comment(desk: Desk, comment_id: int) -> None:
    repo, row = _comment(desk, comment_id)
    issues.delete_comment(desk.hub, repo, row, desk.viewer())


def tick(desk: Desk, comment_id: int) -> Json:
    repo, row = _comment(desk, comment_id)
    ticks.check_unchanged(ticks.version(desk.body.get("shown", row.body)), row.body)
    box = desk.body["box"]
    position = box if isinstance(box, int) else ticks.position_of(row.body, box)
    if not issues.may_write(desk.hub, repo, desk.viewer()) and row.user_id != desk.user().id:
        raise Refused(403, "Must have admin rights to Repository.")
    body = ticks.web_text(ticks.toggled(row.body, position))
    issues.edit_comment(desk.hub, repo, row, desk.viewer(), body)
    return shapes.comment(desk.hub, repo, row)


def react_to_comment(desk: Desk, comment_id: int) -> Json:
    _, row = _comment(desk, comment_id)
    parent = desk.hub.store.issues[row.issue_id]
    made, _ = reactions.react(desk.hub, f"comment:{row.id}", parent, desk.user(), desk.body["content"], True)
    return shapes.reaction(desk.hub, made)


TABLE: list[tuple[str, str, Callable[..., Any]]] = [
    ("POST", ISSUES, open_issue),
    ("PATCH", ONE, edit_issue),
    ("DELETE", ONE, delete_issue),
    ("POST", ONE + "/comments", add_comment),
    ("POST", ONE + "/labels", add_labels),
    ("DELETE", ONE + "/labels/<path:label>", remove_label),
    ("POST", ONE + "/reactions", react_to_issue),
    ("PATCH", COMMENT, edit_comment),
    ("DELETE", COMMENT, delete_comment),
    ("POST", COMMENT + "/tick", tick),
    ("POST", COMMENT + "/reactions", react_to_comment),
]
