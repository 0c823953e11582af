"""Check runs, suites, annotations, statuses and workflow runs as JSON."""

from __future__ import annotations

from devkit.github.hub import Hub, node_id, stamp
from devkit.github.model import CheckRun, CheckSuite, Json, Repo, Status
from devkit.github.shapes import pushes, users

ACTIONS_APP = 15368


def app_of(hub: Hub, app_id: int) -> Json:
    row = hub.store.apps.get(app_id)
    if row is not None:
        return users.app(hub, row)
    shown = users.app(hub, hub.app)
    slug = "github-actions"
    return shown | {"id": app_id, "slug": slug, "name": "GitHub Actions", "html_url": f"{hub.base}/apps/{slug}"}


def run(hub: Hub, repo: Repo, row: CheckRun) -> Json:
    url = hub.repo_url(repo, f"/check-runs/{row.id}")
    page = hub.web(repo, f"/runs/{row.id}")
    return {
        "id": row.id,
        "name": row.name,
        "node_id": node_id("CR", row.id),
        "head_sha": row.head_sha,
        "external_id": row.external_id,
        "url": url,
        "html_url": page,
        "details_url": row.details_url or page,
        "status": row.status,
        "conclusion": row.conclusion,
        "started_at": stamp(row.started),
        "completed_at": stamp(row.completed),
        "output": {
            "title": row.title,
            "summary": row.summary,
            "text": row.text,
            "annotations_count": len(row.annotations),
            "annotations_url": f"{url}/annotations",
        },
        "check_suite": {"id": row.suite_id},
        "app": app_of(hub, row.app_id),
        "pull_requests": [],
    }


def annotation(hub: Hub, repo: Repo, row: CheckRun, item: Json) -> Json:
    optional = dict.fromkeys(("start_column", "end_column", "title", "raw_details"))
    return optional | item | {"blob_href": hub.web(repo, f"/blob/{row.head_sha}/{item['path']}")}


def suite_state(hub: Hub, row: CheckSuite) -> tuple[str, str | None]:
    """(status, conclusion) of a suite from its runs."""
    runs = [run for run in hub.store.checks if run.suite_id == row.id]
    if not runs or any(run.status != "completed" for run in runs):
        return ("in_progress" if runs else "queued"), None
    bad = next((run.conclusion for run in runs if run.conclusion not in ("success", "neutral", "skipped")), None)
    return "completed", bad or "success"


def suite(hub: Hub, repo: Repo, row: CheckSuite) -> Json:
    status, conclusion = suite_state(hub, row)
    return {
        "id": row.id,
        "node_id": node_id("CS", row.id),
        "head_branch": row.head_branch,
        "head_sha": row.head_sha,
        "status": status,
        "conclusion": conclusion,
        "url": hub.repo_url(repo, f"/check-suites/{row.id}"),
        "before": row.before,
        "after": row.head_sha,
        "pull_requests": [],
        "app": app_of(hub, row.app_id),
        "created_at": stamp(row.created),
        "updated_at": stamp(row.updated),
    }


def hooked_run(hub: Hub, repo: Repo, row: CheckRun) -> Json:
    return run(hub, repo, row) | {"check_suite": suite(hub, repo, hub.store.suites[row.suite_id])}


def hooked_suite(hub: Hub, repo: Repo, row: CheckSuite) -> Json:
    runs = sum(1 for run in hub.store.checks if run.suite_id == row.id)
    extra = {
        "latest_check_runs_count": runs,
        "check_runs_url": hub.repo_url(repo, f"/check-suites/{row.id}/check-runs"),
        "head_commit": pushes.one(hub, repo, row.head_sha),
        "rerequestable": True,
        "runs_rerequestable": False,
    }
    return suite(hub, repo, row) | extra


def status(hub: Hub, repo: Repo, row: Status) -> Json:
    return {
        "url": hub.repo_url(repo, f"/statuses/{row.sha}"),
        "avatar_url": f"{hub.base}/_avatars/{row.creator_id}.svg",
        "id": row.id,
        "node_id": node_id("SC", row.id),
        "state": row.state,
        "description": row.description,
        "target_url": row.target_url,
        "context": row.context,
        "created_at": stamp(row.created),
        "updated_at": stamp(row.created),
    }
