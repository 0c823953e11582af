"""Check runs, their annotations, and commit statuses."""

from __future__ import annotations

from devkit.github.errors import Refused, invalid, not_found, unprocessable
from devkit.github.model import CheckRun, Json, Status
from devkit.github.ops import checks as ops
from devkit.github.rest.commits import sha_or_404
from devkit.github.routing import Answer, Call, route
from devkit.github.shapes import checks, repos, users

RUNS = "/repos/<owner>/<repo>/check-runs"
STATES = ("error", "failure", "pending", "success")


def _find(call: Call, run_id: int) -> CheckRun:
    row = call.hub.store.checks.get(run_id)
    if row is None or row.repo_id != call.repo.id:
        raise not_found()
    return row


@route("POST", RUNS, "checks=write", reads_git=True)
def create_run(call: Call) -> Answer:
    if call.viewer.app_id is None:
        raise Refused(403, "You must authenticate via a GitHub App.")
    head = str(call.body.get("head_sha") or "")
    if not head:
        raise unprocessable('Invalid request.\n\n"head_sha" wasn\'t supplied.')
    row = ops.create(call.hub, call.repo, call.viewer.app_id, call.actor, sha_or_404(call, head), call.body)
    shown = checks.run(call.hub, call.repo, row)
    return Answer(201, shown, {"Location": shown["url"]})


@route("PATCH", RUNS + "/<int:run_id>", "checks=write")
def update_run(call: Call, run_id: int) -> Answer:
    row = _find(call, run_id)
    if row.app_id != call.viewer.app_id:
        raise Refused(403, "Invalid app_id `%s` - check run can only be modified by the GitHub App that created it.")
    ops.update(call.hub, call.repo, row, call.actor, call.body)
    return Answer(200, checks.run(call.hub, call.repo, row))


@route("GET", RUNS + "/<int:run_id>", "checks=read")
def get_run(call: Call, run_id: int) -> Answer:
    return Answer(200, checks.run(call.hub, call.repo, _find(call, run_id)))


@route("GET", RUNS + "/<int:run_id>/annotations", "checks=read")
def list_annotations(call: Call, run_id: int) -> Answer:
    row = _find(call, run_id)
    return call.page(row.annotations, lambda item: checks.annotation(call.hub, call.repo, row, item))


@route("GET", "/repos/<owner>/<repo>/commits/<path:ref>/check-runs", "checks=read", reads_git=True)
def list_runs(call: Call, ref: str) -> Answer:
    sha = sha_or_404(call, ref)
    rows = [row for row in call.hub.store.checks if (row.repo_id, row.head_sha) == (call.repo.id, sha)]
    name, app, status = call.args.get("check_name"), call.args.get("app_id"), call.args.get("status")
    rows = [row for row in rows if name in (None, row.name) and app in (None, str(row.app_id))]
    rows = [row for row in rows if status in (None, row.status)]
    if call.args.get("filter", "latest") == "latest":
        rows = list({(row.app_id, row.name): row for row in rows}.values())
    answer = call.page(rows, lambda row: checks.run(call.hub, call.repo, row))
    answer.body = {"total_count": len(rows), "check_runs": answer.body}
    return answer


@route("GET", "/repos/<owner>/<repo>/commits/<path:ref>/check-suites", "checks=read", reads_git=True)
def list_suites(call: Call, ref: str) -> Answer:
    sha = sha_or_404(call, ref)
    rows = [row for row in call.hub.store.suites if (row.repo_id, row.head_sha) == (call.repo.id, sha)]
    answer = call.page(rows, lambda row: checks.hooked_suite(call.hub, call.repo, row))
    answer.body = {"total_count": len(rows), "check_suites": answer.body}
    return answer


@route("GET", "/repos/<owner>/<repo>/commits/<path:ref>/status", "statuses=read; contents=read", reads_git=True)
def combined(call: Call, ref: str) -> Answer:
    hub, repo, sha = call.hub, call.repo, sha_or_404(call, ref)
    rows = [row for row in hub.store.statuses if (row.repo_id, row.sha) == (repo.id, sha)]
    latest = list({row.context: row for row in rows}.values())
    states = {row.state for row in latest}
    bad = states & {"error", "failure"}
    state = "failure" if bad else "pending" if "pending" in states or not latest else "success"
    body: Json = {
        "state": state,
        "statuses": [checks.status(hub, repo, row) for row in latest],
        "sha": sha,
        "total_count": len(latest),
        "repository": repos.minimal(hub, repo),
        "commit_url": hub.repo_url(repo, f"/commits/{sha}"),
        "url": hub.repo_url(repo, f"/commits/{sha}/status"),
    }
    return Answer(200, body)


@route("POST", "/repos/<owner>/<repo>/statuses/<sha>", "statuses=write", reads_git=True)
def create_status(call: Call, sha: str) -> Answer:
    state = str(call.body.get("state"))
    if state not in STATES:
        raise invalid("Status", "state", "invalid")
    found = sha_or_404(call, sha)
    row = Status(call.hub.store.next_id(), call.repo.id, found, call.actor.id, state)
    row.context = call.body.get("context") or row.context
    row.description, row.target_url = call.body.get("description"), call.body.get("target_url")
    call.hub.store.statuses.save(row)
    return Answer(201, checks.status(call.hub, call.repo, row) | {"creator": users.user(call.hub, call.actor)})
