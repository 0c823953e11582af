"""Issue comments."""

from __future__ import annotations

from devkit.github.errors import Refused, not_found
from devkit.github.model import Comment
from devkit.github.ops import issues as ops
from devkit.github.rest.issues import READ, WRITE, since
from devkit.github.routing import Answer, Call, route, text_field
from devkit.github.shapes.issues import comment


def find(call: Call, comment_id: int) -> Comment:
    """The comment of that id in this repository. 404 none, 410 when its issue was deleted."""
    row = call.hub.store.comments.get(comment_id)
    if row is None or row.repo_id != call.repo.id:
        raise not_found()
    parent = call.hub.store.issues[row.issue_id]
    if parent.deleted:
        raise Refused(410, "This issue was deleted")
    call.check_kind(parent)
    return row


@route("GET", "/repos/<owner>/<repo>/issues/<int:number>/comments", READ)
@route("GET", "/repositories/<int:repo_id>/issues/<int:number>/comments", READ)
def list_for_issue(call: Call, number: int) -> Answer:
    edge = since(call)
    rows = [row for row in call.hub.store.comments_of(call.issue(number)) if row.updated >= edge]
    return call.page(rows, lambda row: comment(call.hub, call.repo, row))


@route("GET", "/repos/<owner>/<repo>/issues/comments", READ)
def list_for_repo(call: Call) -> Answer:
    edge = since(call)
    rows = [row for row in call.hub.store.comments if row.repo_id == call.repo.id and row.updated >= edge]
    if call.args.get("sort") == "updated":
        rows.sort(key=lambda row: row.updated)
    if call.args.get("sort") and call.args.get("direction", "desc") == "desc":
        rows.reverse()
    return call.page(rows, lambda row: comment(call.hub, call.repo, row))


@route("POST", "/repos/<owner>/<repo>/issues/<int:number>/comments", WRITE, creates=True)
@route("POST", "/repositories/<int:repo_id>/issues/<int:number>/comments", WRITE, creates=True)
def create_comment(call: Call, number: int) -> Answer:
    body = text_field(call, "body", "IssueComment") or ""
    row = ops.comment(call.hub, call.repo, call.issue(number), call.viewer, body)
    shown = comment(call.hub, call.repo, row)
    return Answer(201, shown, {"Location": shown["url"]})


@route("GET", "/repos/<owner>/<repo>/issues/comments/<int:comment_id>", READ)
def get_comment(call: Call, comment_id: int) -> Answer:
    return Answer(200, comment(call.hub, call.repo, find(call, comment_id)))


@route("PATCH", "/repos/<owner>/<repo>/issues/comments/<int:comment_id>", WRITE)
@route("PATCH", "/repositories/<int:repo_id>/issues/comments/<int:comment_id>", WRITE)
def edit_comment(call: Call, comment_id: int) -> Answer:
    body = text_field(call, "body", "IssueComment") or ""
    row = ops.edit_comment(call.hub, call.repo, find(call, comment_id), call.viewer, body)
    return Answer(200, comment(call.hub, call.repo, row))


@route("DELETE", "/repos/<owner>/<repo>/issues/comments/<int:comment_id>", WRITE)
def delete_comment(call: Call, comment_id: int) -> Answer:
    ops.delete_comment(call.hub, call.repo, find(call, comment_id), call.viewer)
    return Answer(204)
