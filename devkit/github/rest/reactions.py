"""Reactions on issues and on issue comments."""

from __future__ import annotations

from devkit.github.model import Issue, Reaction
from devkit.github.ops import issues as issue_ops
from devkit.github.ops import reactions as ops
from devkit.github.rest.comments import find
from devkit.github.rest.issues import READ, WRITE
from devkit.github.routing import Answer, Call, route, text_field
from devkit.github.shapes.issues import reaction

ON_ISSUE = "/repos/<owner>/<repo>/issues/<int:number>/reactions"
ON_COMMENT = "/repos/<owner>/<repo>/issues/comments/<int:comment_id>/reactions"


def _list(call: Call, subject: str) -> Answer:
    wanted = call.args.get("content")
    rows = [row for row in call.hub.store.reactions_of(subject) if wanted in (None, row.content)]
    return call.page(rows, lambda row: reaction(call.hub, row))


def _create(call: Call, subject: str, parent: Issue) -> Answer:
    content = text_field(call, "content", "Reaction") or ""
    strong = issue_ops.may_speak_when_locked(call.hub, call.repo, call.viewer)
    row: Reaction
    row, fresh = ops.react(call.hub, subject, parent, call.actor, content, strong)
    return Answer(201 if fresh else 200, reaction(call.hub, row))


@route("GET", ON_ISSUE, READ)
def list_on_issue(call: Call, number: int) -> Answer:
    return _list(call, f"issue:{call.issue(number).id}")


@route("POST", ON_ISSUE, WRITE, creates=True)
def react_to_issue(call: Call, number: int) -> Answer:
    row = call.issue(number)
    return _create(call, f"issue:{row.id}", row)


@route("DELETE", ON_ISSUE + "/<int:reaction_id>", WRITE)
def remove_from_issue(call: Call, number: int, reaction_id: int) -> Answer:
    ops.remove(call.hub, f"issue:{call.issue(number).id}", reaction_id, call.actor)
    return Answer(204)


@route("GET", ON_COMMENT, READ)
def list_on_comment(call: Call, comment_id: int) -> Answer:
    return _list(call, f"comment:{find(call, comment_id).id}")


@route("POST", ON_COMMENT, WRITE, creates=True)
def react_to_comment(call: Call, comment_id: int) -> Answer:
    row = find(call, comment_id)
    return _create(call, f"comment:{row.id}", call.hub.store.issues[row.issue_id])


@route("DELETE", ON_COMMENT + "/<int:reaction_id>", WRITE)
def remove_from_comment(call: Call, comment_id: int, reaction_id: int) -> Answer:
    ops.remove(call.hub, f"comment:{find(call, comment_id).id}", reaction_id, call.actor)
    return Answer(204)
