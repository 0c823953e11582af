"""Pull requests: create, get, list, edit; enough for a draft PR of a branch."""

from __future__ import annotations

from devkit.github import gitrepo
from devkit.github.errors import invalid, not_found
from devkit.github.model import Json, Pull
from devkit.github.ops import issues as issue_ops
from devkit.github.ops import pulls as ops
from devkit.github.routing import Answer, Call, route, text_field
from devkit.github.shapes import commits
from devkit.github.shapes.pulls import pull, pull_simple

PULLS = "/repos/<owner>/<repo>/pulls"


def find(call: Call, number: int) -> Pull:
    parent = call.hub.store.issue_numbered(call.repo, number)
    if parent is None or parent.pull_id is None:
        raise not_found()
    return call.hub.store.pulls[parent.pull_id]


@route("GET", PULLS, "pull_requests=read", reads_git=True)
def list_pulls(call: Call) -> Answer:
    state, head, base = call.args.get("state", "open"), call.args.get("head"), call.args.get("base")
    rows = [row for row in call.hub.store.pulls if row.repo_id == call.repo.id]
    rows = [row for row in rows if state in ("all", call.hub.store.issues[row.issue_id].state)]
    rows = [row for row in rows if head in (None, _label(call, row)) and base in (None, row.base_ref)]
    return call.page(rows[::-1], lambda row: pull_simple(call.hub, call.repo, row))


def _label(call: Call, row: Pull) -> str:
    owner = call.hub.store.users[call.hub.store.repos[row.head_repo_id].owner_id]
    return f"{owner.login}:{row.head_ref}"


@route("POST", PULLS, "pull_requests=write", creates=True, reads_git=True)
def create_pull(call: Call) -> Answer:
    title, body = (
        text_field(call, "title", "PullRequest") or "",
        text_field(call, "body", "PullRequest", required=False),
    )
    head, base = str(call.body.get("head", "")).split(":")[-1], str(call.body.get("base", ""))
    for field, name in (("head", head), ("base", base)):
        if gitrepo.sha_of(call.hub, call.repo, f"refs/heads/{name}") is None:
            raise invalid("PullRequest", field, "invalid")
    row = ops.create(call.hub, call.repo, call.viewer, title, body, head, base, bool(call.body.get("draft")))
    shown = pull(call.hub, call.repo, row)
    return Answer(201, shown, {"Location": shown["url"]})


@route("GET", PULLS + "/<int:number>", "pull_requests=read", reads_git=True)
def get_pull(call: Call, number: int) -> Answer:
    return Answer(200, pull(call.hub, call.repo, find(call, number)))


@route("PATCH", PULLS + "/<int:number>", "pull_requests=write", reads_git=True)
def edit_pull(call: Call, number: int) -> Answer:
    row = find(call, number)
    changes: Json = {name: call.body[name] for name in ("title", "body", "state") if name in call.body}
    issue_ops.edit(call.hub, call.repo, call.hub.store.issues[row.issue_id], call.viewer, changes)
    return Answer(200, pull(call.hub, call.repo, row))


@route("GET", PULLS + "/<int:number>/files", "pull_requests=read", reads_git=True)
def list_files(call: Call, number: int) -> Answer:
    shown = pull_simple(call.hub, call.repo, find(call, number))
    base, head = shown["base"]["sha"], shown["head"]["sha"]
    merge_base = gitrepo.text(call.hub, call.repo, "merge-base", base, head, check=False) or base
    return call.page(commits.files(call.hub, call.repo, merge_base, head), lambda row: row)


@route("GET", PULLS + "/<int:number>/commits", "pull_requests=read", reads_git=True)
def list_commits(call: Call, number: int) -> Answer:
    shown = pull_simple(call.hub, call.repo, find(call, number))
    rows = gitrepo.commits(call.hub, call.repo, "--reverse", f"{shown['base']['sha']}..{shown['head']['sha']}")
    return call.page(rows, lambda row: commits.commit(call.hub, call.repo, row))
