"""Labels of a repository and on an issue."""

from __future__ import annotations

from devkit.github.errors import Refused, not_found
from devkit.github.model import Issue
from devkit.github.ops import issues as issue_ops
from devkit.github.ops import labels as ops
from devkit.github.rest.issues import READ, WRITE, label_names
from devkit.github.routing import Answer, Call, route, text_field
from devkit.github.shapes.issues import issue_labels, label

OF_REPO = "/repos/<owner>/<repo>/labels"
OF_ISSUE = "/repos/<owner>/<repo>/issues/<int:number>/labels"


@route("GET", OF_REPO, READ)
def list_labels(call: Call) -> Answer:
    rows = [row for row in call.hub.store.labels if row.repo_id == call.repo.id]
    return call.page(rows, lambda row: label(call.hub, call.repo, row))


@route("POST", OF_REPO, WRITE)
def create_label(call: Call) -> Answer:
    _need_triage(call)
    name = text_field(call, "name", "Label") or ""
    color = str(call.body.get("color") or "ededed")
    row = ops.create(call.hub, call.repo, name, color, call.body.get("description"))
    shown = label(call.hub, call.repo, row)
    return Answer(201, shown, {"Location": shown["url"]})


@route("GET", OF_REPO + "/<path:name>", READ)
def get_label(call: Call, name: str) -> Answer:
    row = ops.find(call.hub, call.repo, name)
    if row is None:
        raise not_found()
    return Answer(200, label(call.hub, call.repo, row))


@route("PATCH", OF_REPO + "/<path:name>", WRITE)
def edit_label(call: Call, name: str) -> Answer:
    _need_triage(call)
    row = ops.find(call.hub, call.repo, name)
    if row is None:
        raise not_found()
    row.name = call.body.get("new_name") or row.name
    row.color = call.body.get("color") or row.color
    row.description = call.body.get("description", row.description)
    call.hub.store.labels.save(row)
    return Answer(200, label(call.hub, call.repo, row))


@route("DELETE", OF_REPO + "/<path:name>", WRITE)
def delete_label(call: Call, name: str) -> Answer:
    _need_triage(call)
    ops.delete(call.hub, call.repo, name)
    return Answer(204)


@route("GET", OF_ISSUE, READ)
def list_on_issue(call: Call, number: int) -> Answer:
    rows = [call.hub.store.labels[i] for i in call.issue(number).label_ids if i in call.hub.store.labels.rows]
    return call.page(rows, lambda row: label(call.hub, call.repo, row))


@route("POST", OF_ISSUE, WRITE)
def add_to_issue(call: Call, number: int) -> Answer:
    row = _triaged(call, number)
    ops.add(call.hub, call.repo, row, label_names(call), call.actor)
    return Answer(200, issue_labels(call.hub, call.repo, row))


@route("PUT", OF_ISSUE, WRITE)
def replace_on_issue(call: Call, number: int) -> Answer:
    row = _triaged(call, number)
    ops.replace(call.hub, call.repo, row, label_names(call), call.actor)
    return Answer(200, issue_labels(call.hub, call.repo, row))


@route("DELETE", OF_ISSUE, WRITE)
def clear_issue(call: Call, number: int) -> Answer:
    ops.replace(call.hub, call.repo, _triaged(call, number), [], call.actor)
    return Answer(204)


@route("DELETE", OF_ISSUE + "/<path:name>", WRITE)
def remove_from_issue(call: Call, number: int, name: str) -> Answer:
    row = _triaged(call, number)
    ops.remove(call.hub, call.repo, row, name, call.actor)
    return Answer(200, issue_labels(call.hub, call.repo, row))


def _triaged(call: Call, number: int) -> Issue:
    row = call.issue(number)
    _need_triage(call)
    return row


def _need_triage(call: Call) -> None:
    if not issue_ops.may_triage(call.hub, call.repo, call.viewer):
        raise Refused(403, "Must have admin rights to Repository.")
