"""Issues: get, list, create, edit, lock."""

from __future__ import annotations

from datetime import datetime

from devkit.github.errors import unprocessable
from devkit.github.model import Issue, Json
from devkit.github.ops import issues as ops
from devkit.github.ops import labels
from devkit.github.routing import Answer, Call, route, text_field
from devkit.github.shapes.issues import issue

READ = "issues=read; pull_requests=read"
WRITE = "issues=write; pull_requests=write"


def since(call: Call) -> float:
    """The ``since`` filter as POSIX seconds; 422 when it is no time."""
    value = call.args.get("since")
    if not value:
        return 0.0
    try:
        return datetime.fromisoformat(value.replace("Z", "+00:00")).timestamp()
    except ValueError as error:
        raise unprocessable("Invalid 'since' parameter") from error


def label_names(call: Call) -> list[str]:
    """Names of the ``labels`` list (strings or objects). 422 for anything else."""
    given = call.body.get("labels", call.body.get("", []))
    found = [item.get("name") if isinstance(item, dict) else item for item in given] if isinstance(given, list) else []
    names = [name for name in found if isinstance(name, str)]
    if not isinstance(given, list) or len(names) != len(given):
        raise unprocessable("Invalid request.\n\nFor 'properties/labels', nil is not a string.")
    return names


@route("GET", "/repos/<owner>/<repo>/issues", READ)
def list_issues(call: Call) -> Answer:
    state, wanted = call.args.get("state", "open"), set(filter(None, call.args.get("labels", "").split(",")))
    edge, creator = since(call), call.args.get("creator")

    def keep(row: Issue) -> bool:
        names = {call.hub.store.labels[i].name for i in row.label_ids if i in call.hub.store.labels.rows}
        mine = state in ("all", row.state)
        by = creator is None or call.hub.store.users[row.user_id].login == creator
        return mine and by and row.updated >= edge and wanted <= names

    rows = [row for row in call.hub.store.issues_of(call.repo) if keep(row)]
    key = {"updated": lambda row: row.updated, "comments": lambda row: len(call.hub.store.comments_of(row))}
    rows.sort(key=key.get(call.args.get("sort", ""), lambda row: row.number))
    if call.args.get("direction", "desc") == "desc":
        rows.reverse()
    return call.page(rows, lambda row: issue(call.hub, call.repo, row))


@route("POST", "/repos/<owner>/<repo>/issues", "issues=write", creates=True)
def create_issue(call: Call) -> Answer:
    title = text_field(call, "title", "Issue") or ""
    body = text_field(call, "body", "Issue", required=False)
    row = ops.create(call.hub, call.repo, call.viewer, title, body, label_names(call))
    shown = issue(call.hub, call.repo, row)
    return Answer(201, shown, {"Location": shown["url"]})


@route("GET", "/repos/<owner>/<repo>/issues/<int:number>", READ)
@route("GET", "/repositories/<int:repo_id>/issues/<int:number>", READ)
def get_issue(call: Call, number: int) -> Answer:
    return Answer(200, issue(call.hub, call.repo, call.issue(number)))


@route("PATCH", "/repos/<owner>/<repo>/issues/<int:number>", WRITE)
def edit_issue(call: Call, number: int) -> Answer:
    row = call.issue(number)
    changes: Json = {key: value for key, value in call.body.items() if key in ("title", "state", "state_reason")}
    if "body" in call.body:
        changes["body"] = text_field(call, "body", "Issue", required=False)
    ops.edit(call.hub, call.repo, row, call.viewer, changes)
    if "labels" in call.body:
        labels.replace(call.hub, call.repo, row, label_names(call), call.actor)
    if "assignees" in call.body:
        _assign(call, row, call.body["assignees"], replace=True)
    return Answer(200, issue(call.hub, call.repo, row))


@route("POST", "/repos/<owner>/<repo>/issues/<int:number>/assignees", WRITE)
def add_assignees(call: Call, number: int) -> Answer:
    row = call.issue(number)
    _assign(call, row, call.body.get("assignees", []), replace=False)
    return Answer(201, issue(call.hub, call.repo, row))


def _assign(call: Call, row: Issue, logins: list[str], replace: bool) -> None:
    # Bots and strangers are dropped silently: an App's bot cannot be assigned.
    found = [call.hub.store.user_named(login) for login in logins]
    members = [user.id for user in found if user is not None and user.type == "User" and _member(call, user.id)]
    row.assignee_ids = list(dict.fromkeys(([] if replace else row.assignee_ids) + members))
    call.hub.store.issues.save(row)


def _member(call: Call, user_id: int) -> bool:
    return user_id == call.repo.owner_id or call.repo.roles.get(str(user_id), "none") != "none"


@route("PUT", "/repos/<owner>/<repo>/issues/<int:number>/lock", WRITE)
def lock_issue(call: Call, number: int) -> Answer:
    ops.lock(call.hub, call.repo, call.issue(number), call.viewer, True)
    return Answer(204)


@route("DELETE", "/repos/<owner>/<repo>/issues/<int:number>/lock", WRITE)
def unlock_issue(call: Call, number: int) -> Answer:
    ops.lock(call.hub, call.repo, call.issue(number), call.viewer, False)
    return Answer(204)
