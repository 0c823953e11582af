"""Check suites and check runs."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from devkit.github.errors import invalid, unprocessable
from devkit.github.hooks import events
from devkit.github.hub import Hub
from devkit.github.model import CheckRun, CheckSuite, Json, Repo, User, WorkflowRun, now
from devkit.github.shapes.checks import ACTIONS_APP

STATUSES = ("queued", "in_progress", "completed", "waiting", "requested", "pending")
CONCLUSIONS = ("success", "failure", "neutral", "cancelled", "skipped", "timed_out", "action_required", "stale")
LEVELS = ("notice", "warning", "failure")
MAX_ANNOTATIONS = 50
MAX_TEXT = 65535


def ensure_suite(
    hub: Hub, repo: Repo, app_id: int, sha: str, branch: str | None = None, before: str | None = None
) -> CheckSuite:
    """The App's one suite of a commit, made when there is none."""
    for row in hub.store.suites:
        if (row.repo_id, row.app_id, row.head_sha) == (repo.id, app_id, sha):
            return row
    return hub.store.suites.save(CheckSuite(hub.store.next_id(), repo.id, app_id, sha, branch, before))


def create(hub: Hub, repo: Repo, app_id: int, user: User, sha: str, fields: Json) -> CheckRun:
    """A new run from the JSON of ``POST check-runs``. 422 for what GitHub refuses."""
    name = fields.get("name")
    if not name:
        raise invalid("CheckRun", "name", "missing_field")
    with hub.lock:
        suite = ensure_suite(hub, repo, app_id, sha)
        row = CheckRun(hub.store.next_id(), repo.id, suite.id, app_id, name, sha, started=now())
        _apply(row, fields)
        hub.store.checks.save(row)
    events.check_run(hub, "created", repo, row, user)
    if row.status == "completed":
        events.check_run(hub, "completed", repo, row, user)
    return row


def update(hub: Hub, repo: Repo, row: CheckRun, user: User, fields: Json) -> CheckRun:
    """Change a run; annotations are added to those there."""
    was = row.status
    with hub.lock:
        row.name = fields.get("name") or row.name
        _apply(row, fields)
        hub.store.checks.save(row)
    if row.status == "completed" and was != "completed":
        events.check_run(hub, "completed", repo, row, user)
    return row


def _apply(row: CheckRun, fields: Json) -> None:
    output = fields.get("output") or {}
    _check_output(output)
    _check_state(row, fields.get("status"), fields.get("conclusion"))
    _set_state(row, fields)
    row.started = _time(fields.get("started_at")) or row.started
    row.external_id = fields.get("external_id") or row.external_id
    row.details_url = fields.get("details_url") or row.details_url
    for key in ("title", "summary", "text"):
        setattr(row, key, output.get(key, getattr(row, key)))
    row.annotations = row.annotations + list(output.get("annotations") or [])


def _check_state(row: CheckRun, status: Any, conclusion: Any) -> None:
    if status not in (None, *STATUSES) or conclusion not in (None, *CONCLUSIONS):
        raise unprocessable("Invalid request.\n\nStatus or conclusion is not a possible value.")
    if status == "completed" and not (conclusion or row.conclusion):
        raise unprocessable("Invalid request.\n\nMissing conclusion for a completed check run.")


def _set_state(row: CheckRun, fields: Json) -> None:
    """A conclusion completes the run; a status other than completed opens it again."""
    status, conclusion = fields.get("status"), fields.get("conclusion")
    row.status = "completed" if conclusion else status or row.status
    if row.status == "completed":
        row.conclusion = conclusion or row.conclusion
        row.completed = _time(fields.get("completed_at")) or now()
    elif status:
        row.conclusion, row.completed = None, None


def _check_output(output: Json) -> None:
    notes = output.get("annotations") or []
    if output and not ("title" in output and "summary" in output):
        raise unprocessable('Invalid request.\n\n"title", "summary" weren\'t supplied.')
    if len(notes) > MAX_ANNOTATIONS:
        message = f"Invalid request.\n\nNo more than {MAX_ANNOTATIONS} items are allowed; {len(notes)} were supplied."
        raise unprocessable(message)
    for key in ("summary", "text"):
        if len((output.get(key) or "").encode()) > MAX_TEXT:
            raise invalid("CheckRun", key, "custom", f"{key} exceeds a maximum bytesize of {MAX_TEXT}")
    _check_annotations(notes)


def _check_annotations(notes: list[Json]) -> None:
    needed = ("path", "start_line", "end_line", "annotation_level", "message")
    if any(key not in note for note in notes for key in needed):
        raise unprocessable("Invalid request.\n\nAn annotation lacks a required key.")
    if any(note["annotation_level"] not in LEVELS for note in notes):
        raise unprocessable("Invalid request.\n\nannotation_level is not a possible value.")


def _time(value: Any) -> float | None:
    return datetime.fromisoformat(str(value).replace("Z", "+00:00")).timestamp() if value else None


def actions_run(hub: Hub, repo: Repo, run: WorkflowRun) -> CheckRun:
    """The check run by which a started workflow shows on the commit."""
    user = hub.store.users[41898282]
    name = run.path.rsplit("/", 1)[-1].rsplit(".", 1)[0]
    return create(hub, repo, ACTIONS_APP, user, run.head_sha, {"name": name, "status": "queued"})
