"""The whole route table: each call is 403 without its permission, works with it, and answers GitHub's schema."""

from __future__ import annotations

from typing import Any

import githubkit_schemas.latest.models as models
import pytest
from pydantic import TypeAdapter

from devkit.github.config import APP_PERMISSIONS
from devkit.github.routing import TABLE

R = "/repos/<owner>/<repo>"
I = R + "/issues/<int:number>"  # noqa: E741
C = R + "/issues/comments/<int:comment_id>"
ID = "/repositories/<int:repo_id>"

# (method, rule, body, model of the answer); an object in {braces} is filled in from the prepared repository.
CASES: list[tuple[str, str, Any, Any]] = [
    ("GET", "/installation/repositories", None, models.InstallationRepositoriesGetResponse200),
    ("GET", R, None, models.FullRepository),
    ("GET", ID, None, models.FullRepository),
    ("GET", R + "/collaborators", None, list[models.Collaborator]),
    ("GET", R + "/collaborators/<login>/permission", None, models.RepositoryCollaboratorPermission),
    ("GET", R + "/collaborators/<login>", None, None),
    ("GET", R + "/issues", None, list[models.Issue]),
    ("POST", R + "/issues", {"title": "new"}, models.Issue),
    ("GET", I, None, models.Issue),
    ("GET", ID + "/issues/<int:number>", None, models.Issue),
    ("PATCH", I, {"body": "changed"}, models.Issue),
    ("POST", I + "/assignees", {"assignees": ["bea"]}, models.Issue),
    ("PUT", I + "/lock", None, None),
    ("DELETE", I + "/lock", None, None),
    ("GET", I + "/comments", None, list[models.IssueComment]),
    ("GET", ID + "/issues/<int:number>/comments", None, list[models.IssueComment]),
    ("GET", R + "/issues/comments", None, list[models.IssueComment]),
    ("POST", I + "/comments", {"body": "hello"}, models.IssueComment),
    ("POST", ID + "/issues/<int:number>/comments", {"body": "hello"}, models.IssueComment),
    ("GET", C, None, models.IssueComment),
    ("PATCH", C, {"body": "changed"}, models.IssueComment),
    ("PATCH", ID + "/issues/comments/<int:comment_id>", {"body": "again"}, models.IssueComment),
    ("GET", I + "/reactions", None, list[models.Reaction]),
    ("POST", I + "/reactions", {"content": "heart"}, models.Reaction),
    ("DELETE", I + "/reactions/<int:reaction_id>", None, None),
    ("GET", C + "/reactions", None, list[models.Reaction]),
    ("POST", C + "/reactions", {"content": "heart"}, models.Reaction),
    ("DELETE", C + "/reactions/<int:reaction_id>", None, None),
    ("GET", R + "/labels", None, list[models.Label]),
    ("POST", R + "/labels", {"name": "fresh"}, models.Label),
    ("GET", R + "/labels/<path:name>", None, models.Label),
    ("PATCH", R + "/labels/<path:name>", {"color": "123456"}, models.Label),
    ("GET", I + "/labels", None, list[models.Label]),
    ("POST", I + "/labels", {"labels": ["bug", "more"]}, list[models.Label]),
    ("PUT", I + "/labels", {"labels": ["bug"]}, list[models.Label]),
    ("DELETE", I + "/labels/<path:name>", None, list[models.Label]),
    ("DELETE", I + "/labels", None, None),
    ("DELETE", R + "/labels/<path:name>", None, None),
    ("GET", R + "/branches", None, list[models.ShortBranch]),
    ("GET", R + "/branches/<path:branch>", None, models.BranchWithProtection),
    ("GET", R + "/branches/<path:branch>/protection", None, models.BranchProtection),
    ("GET", R + "/rules/branches/<path:branch>", None, list[Any]),
    ("GET", R + "/git/ref/<path:name>", None, models.GitRef),
    ("GET", R + "/git/matching-refs/<path:name>", None, list[models.GitRef]),
    ("POST", R + "/git/refs", {"ref": "refs/heads/api", "sha": "{sha}"}, models.GitRef),
    ("PATCH", R + "/git/refs/<path:name>", {"sha": "{sha}", "force": True}, models.GitRef),
    ("GET", R + "/commits", None, list[models.Commit]),
    ("GET", R + "/commits/<path:ref>", None, models.Commit),
    ("GET", R + "/git/commits/<sha>", None, models.GitCommit),
    ("GET", R + "/compare/<path:basehead>", None, models.CommitComparison),
    ("GET", R + "/contents", None, list[models.ContentDirectoryItems]),
    ("GET", R + "/contents/<path:path>", None, models.ContentFile),
    ("POST", R + "/check-runs", {"name": "devtask", "head_sha": "{sha}"}, models.CheckRun),
    ("PATCH", R + "/check-runs/<int:run_id>", {"conclusion": "success"}, models.CheckRun),
    ("GET", R + "/check-runs/<int:run_id>", None, models.CheckRun),
    ("GET", R + "/check-runs/<int:run_id>/annotations", None, list[models.CheckAnnotation]),
    ("GET", R + "/commits/<path:ref>/check-runs", None, models.ReposOwnerRepoCommitsRefCheckRunsGetResponse200),
    ("GET", R + "/commits/<path:ref>/check-suites", None, None),
    ("GET", R + "/commits/<path:ref>/status", None, models.CombinedCommitStatus),
    ("POST", R + "/statuses/<sha>", {"state": "success"}, models.Status),
    ("GET", R + "/pulls", None, list[models.PullRequestSimple]),
    ("POST", R + "/pulls", {"title": "two", "head": "api2", "base": "main"}, models.PullRequest),
    ("GET", R + "/pulls/<int:number>", None, models.PullRequest),
    ("PATCH", R + "/pulls/<int:number>", {"title": "renamed"}, models.PullRequest),
    ("GET", R + "/pulls/<int:number>/files", None, list[models.DiffEntry]),
    ("GET", R + "/pulls/<int:number>/commits", None, list[models.Commit]),
    ("DELETE", R + "/git/refs/<path:name>", None, None),
    ("DELETE", C, None, None),
]
ALL = APP_PERMISSIONS | {"statuses": "write", "administration": "read", "workflows": "write"}
# Calls that github.md does not ask a permission for; the App must do without them.
BEYOND = {"administration=read", "statuses=write"}


@pytest.fixture
def prepared(stage) -> Any:
    """A repository with one of everything, and the values for the paths."""
    world, api = stage.world, stage.http()
    world.change_installation(stage.installation, permissions=ALL)
    number = world.issue(stage.name, "ana", "t", labels=["bug"])
    comment = world.comment(stage.name, number, "ana", "c")
    sha = world.branch(stage.name, "work")
    pull = api.post(stage.path("/pulls"), json={"title": "p", "head": "work", "base": "main"}).json()["number"]
    for branch in ("api2", "doomed"):
        api.post(stage.path("/git/refs"), json={"ref": f"refs/heads/{branch}", "sha": sha})
    note = {"path": "README.md", "start_line": 1, "end_line": 1, "annotation_level": "notice", "message": "m"}
    output = {"title": "t", "summary": "s", "annotations": [note]}
    run = api.post(stage.path("/check-runs"), json={"name": "n", "head_sha": sha, "output": output}).json()["id"]
    eyes = {"content": "eyes"}
    on_issue = api.post(stage.path(f"/issues/{number}/reactions"), json=eyes).json()["id"]
    on_comment = api.post(stage.path(f"/issues/comments/{comment}/reactions"), json=eyes).json()["id"]
    world.protect(stage.name, "main")
    world.rules(stage.name, {"type": "deletion", "pattern": "main"})

    def fill(rule: str, method: str) -> str:
        is_pull, doomed = "/pulls" in rule, method in ("DELETE", "PATCH") and "git/refs" in rule
        values = {
            "<owner>/<repo>": stage.name,
            "<int:repo_id>": stage.repo_id,
            "<int:number>": pull if is_pull else number,
            "<int:comment_id>": comment,
            "<int:reaction_id>": on_comment if "comments" in rule else on_issue,
            "<int:run_id>": run,
            "<login>": "bea",
            "<path:branch>": "main",
            "<path:ref>": "work",
            "<path:basehead>": "main...work",
            "<path:path>": "README.md",
            "<path:name>": "heads/doomed" if doomed else "heads/main" if "/git/" in rule else "bug",
            "<sha>": sha,
        }
        for key, value in values.items():
            rule = rule.replace(key, str(value))
        return rule

    yield stage, fill, sha
    world.unprotect(stage.name, "main")
    world.change_installation(stage.installation, permissions=dict(APP_PERMISSIONS))


def names(accepted: str) -> set[str]:
    return {need.split("=")[0] for part in accepted.split("; ") for need in part.split(",")}


def test_the_cases_are_the_whole_table():
    ours = {(entry.method, entry.rule) for entry in TABLE if entry.who != "app" and entry.accepted}
    assert ours == {(method, rule) for method, rule, _, _ in CASES}


def test_each_call_fails_without_its_permission_and_works_with_it(prepared):
    stage, fill, sha = prepared
    accepted = {(entry.method, entry.rule): entry.accepted for entry in TABLE}
    clients: dict[frozenset[str], Any] = {}
    for method, rule, body, _ in CASES:
        needs = names(accepted[method, rule])
        if "metadata" in needs:
            continue  # every installation has it
        key = frozenset(needs)
        if key not in clients:
            kept = {name: level for name, level in ALL.items() if name not in needs}
            clients[key] = stage.http(stage.mint(permissions=kept))
        answer = clients[key].request(method, fill(rule, method), json=_body(body, sha))
        assert answer.status_code == 403, (method, rule, answer.text)
        assert answer.json()["message"] == "Resource not accessible by integration"
        assert answer.headers["X-Accepted-GitHub-Permissions"] == accepted[method, rule]
    full = stage.http(stage.mint())
    for method, rule, body, model in CASES:
        answer = full.request(method, fill(rule, method), json=_body(body, sha))
        assert answer.status_code < 300, (method, rule, answer.text)
        if model is not None:
            TypeAdapter(model).validate_python(answer.json())


def _body(body: Any, sha: str) -> Any:
    return {
        key: value.replace("{sha}", sha) if isinstance(value, str) else value for key, value in (body or {}).items()
    }


def test_writing_needs_write_where_read_is_not_enough(prepared):
    stage, fill, sha = prepared
    api = stage.http(stage.mint(permissions=dict.fromkeys(ALL, "read")))
    for method, rule, body, _ in CASES:
        if method != "GET":
            assert api.request(method, fill(rule, method), json=_body(body, sha)).status_code == 403, (method, rule)


def test_a_plain_issue_needs_the_issues_permission_even_with_pull_requests(stage):
    number = stage.world.issue(stage.name, "ana", "t")
    api = stage.http(stage.mint(permissions={"pull_requests": "write"}))
    answer = api.post(stage.path(f"/issues/{number}/comments"), json={"body": "x"})
    assert (answer.status_code, answer.json()["message"]) == (403, "Resource not accessible by integration")
    full = stage.http()
    pull = full.post(stage.path("/pulls"), json={"title": "p", "head": "work", "base": "main"}).json()["number"]
    assert api.post(stage.path(f"/issues/{pull}/comments"), json={"body": "x"}).status_code == 201


def test_the_app_asks_for_exactly_the_permissions_that_its_calls_need():
    assert APP_PERMISSIONS == {
        "contents": "write",
        "issues": "write",
        "pull_requests": "write",
        "checks": "write",
        "metadata": "read",
        "actions": "read",
    }
    needed = {need for entry in TABLE for need in entry.accepted.split("; ") if need} - BEYOND
    rank = {"read": 1, "write": 2}
    for need in needed - {"statuses=read"}:
        name, level = need.split("=")
        assert rank[APP_PERMISSIONS[name]] >= rank[level], need


def test_answers_without_a_permission_follow_the_schema(stage):
    api, app = stage.http(), stage.as_app()
    checks: list[tuple[Any, str, Any]] = [
        (app, "/app", models.Integration),
        (app, "/apps/devtask", models.Integration),
        (app, "/app/installations", list[models.Installation]),
        (app, f"/app/installations/{stage.installation}", models.Installation),
        (app, stage.path("/installation"), models.Installation),
        (app, "/app/hook/config", models.WebhookConfig),
        (api, "/users/ana", models.PublicUser),
        (api, f"/user/{stage.world.user('ana')['id']}", models.PublicUser),
        (api, "/rate_limit", models.RateLimitOverview),
        (api, "/meta", models.ApiOverview),
    ]
    for client, path, model in checks:
        answer = client.get(path)
        assert answer.status_code == 200, path
        TypeAdapter(model).validate_python(answer.json())
    minted = app.post(
        f"/app/installations/{stage.installation}/access_tokens", json={"repository_ids": [stage.repo_id]}
    )
    models.InstallationToken.model_validate(minted.json())
