"""Issues and comments: create, edit, close, delete."""

from __future__ import annotations

from devkit.github import auth
from devkit.github.auth import ROLES, Viewer
from devkit.github.errors import Refused, invalid, too_long
from devkit.github.hooks import events
from devkit.github.hub import Hub
from devkit.github.model import Comment, Issue, Json, Repo, User, now
from devkit.github.ops import labels

MAX_BODY = 65536


def actor_of(viewer: Viewer) -> User:
    if viewer.user is None:
        raise Refused(401, "Requires authentication")
    return viewer.user


def check_length(body: str | None, resource: str) -> None:
    if body is not None and len(body) > MAX_BODY:
        raise too_long(resource, "body", MAX_BODY)


def next_number(hub: Hub, repo: Repo) -> int:
    repo.last_number += 1
    hub.store.repos.save(repo)
    return repo.last_number


def create(hub: Hub, repo: Repo, viewer: Viewer, title: str, body: str | None, label_names: list[str]) -> Issue:
    """Open an issue. Labels of people below triage are dropped silently, as GitHub does."""
    user = actor_of(viewer)
    if not title.strip():
        raise invalid("Issue", "title", "missing_field")
    check_length(body, "Issue")
    with hub.lock:
        row = Issue(hub.store.next_id(), repo.id, next_number(hub, repo), user.id, title.strip(), body)
        row.app_id = viewer.app_id
        if may_triage(hub, repo, viewer):
            row.label_ids = [labels.ensure(hub, repo, name).id for name in dict.fromkeys(label_names)]
        hub.store.add_issue(row)
    events.issue(hub, "opened", repo, row, user)
    for label_id in row.label_ids:
        events.labelled(hub, "labeled", repo, row, hub.store.labels[label_id], user)
    return row


def may_triage(hub: Hub, repo: Repo, viewer: Viewer) -> bool:
    return viewer.kind == "installation" or ROLES[auth.role(hub, repo, viewer.user)] >= ROLES["triage"]


def may_write(hub: Hub, repo: Repo, viewer: Viewer) -> bool:
    return viewer.kind == "installation" or ROLES[auth.role(hub, repo, viewer.user)] >= ROLES["write"]


def may_speak_when_locked(hub: Hub, repo: Repo, viewer: Viewer) -> bool:
    """People with write may; an App never does, whatever its permissions."""
    return viewer.kind == "user" and ROLES[auth.role(hub, repo, viewer.user)] >= ROLES["write"]


def edit(hub: Hub, repo: Repo, row: Issue, viewer: Viewer, changes: Json) -> Issue:
    """Apply title, body, state, state_reason; one webhook for the texts and one for the state."""
    user = actor_of(viewer)
    mine = row.user_id == user.id
    if not (mine or may_triage(hub, repo, viewer)):
        raise Refused(403, "Must have admin rights to Repository.")
    old = _set_texts(row, changes, allowed=mine or may_write(hub, repo, viewer))
    moved = _set_state(row, user, changes)
    if old or moved:
        row.updated = now()
        hub.store.issues.save(row)
    if old:
        events.issue(hub, "edited", repo, row, user, changes=old)
    if moved:
        events.issue(hub, moved, repo, row, user)
    return row


def _set_texts(row: Issue, changes: Json, allowed: bool) -> Json:
    """What the texts were that are others now, as the webhook tells it."""
    old: Json = {}
    for name in ("title", "body"):
        if name not in changes or changes[name] == getattr(row, name):
            continue
        if not allowed:
            raise Refused(403, "Must have admin rights to Repository.")
        check_length(changes[name], "Issue")
        old[name] = {"from": getattr(row, name) or ""}
        setattr(row, name, changes[name])
    return old


def _set_state(row: Issue, user: User, changes: Json) -> str | None:
    state = changes.get("state", row.state)
    if state not in ("open", "closed"):
        raise invalid("Issue", "state", "invalid")
    if state == row.state:
        return None
    row.state = state
    if state == "closed":
        row.closed, row.closed_by_id = now(), user.id
        row.state_reason = changes.get("state_reason") or "completed"
        return "closed"
    row.closed, row.closed_by_id, row.state_reason = None, None, "reopened"
    return "reopened"


def lock(hub: Hub, repo: Repo, row: Issue, viewer: Viewer, locked: bool) -> None:
    row.locked = locked
    hub.store.issues.save(row)
    events.issue(hub, "locked" if locked else "unlocked", repo, row, actor_of(viewer))


def delete(hub: Hub, repo: Repo, row: Issue, viewer: Viewer) -> None:
    row.deleted = True
    hub.store.issues.save(row)
    events.issue(hub, "deleted", repo, row, actor_of(viewer))


def comment(hub: Hub, repo: Repo, parent: Issue, viewer: Viewer, body: str) -> Comment:
    """Add a comment. 403 on a locked issue without write, 422 when empty or too long."""
    user = actor_of(viewer)
    if not body.strip():
        raise invalid("IssueComment", "body", "missing_field", "Body can't be blank")
    check_length(body, "IssueComment")
    if parent.locked and not may_speak_when_locked(hub, repo, viewer):
        raise Refused(403, "Unable to create comment because issue is locked.")
    row = Comment(hub.store.next_id(), repo.id, parent.id, user.id, body, viewer.app_id)
    with hub.lock:
        hub.store.add_comment(row)
        parent.updated = row.created
        hub.store.issues.save(parent)
    events.issue_comment(hub, "created", repo, row, user)
    return row


def edit_comment(hub: Hub, repo: Repo, row: Comment, viewer: Viewer, body: str) -> Comment:
    """Change a comment's text; someone else's needs write."""
    user = actor_of(viewer)
    _check_touch(hub, repo, row, viewer)
    if not body.strip():
        raise invalid("IssueComment", "body", "missing_field", "Body can't be blank")
    check_length(body, "IssueComment")
    old, row.body, row.updated = row.body, body, now()
    hub.store.comments.save(row)
    if old != body:
        events.issue_comment(hub, "edited", repo, row, user, old)
    return row


def delete_comment(hub: Hub, repo: Repo, row: Comment, viewer: Viewer) -> None:
    _check_touch(hub, repo, row, viewer)
    hub.store.comments.delete(row.id)
    events.issue_comment(hub, "deleted", repo, row, actor_of(viewer))


def _check_touch(hub: Hub, repo: Repo, row: Comment, viewer: Viewer) -> None:
    if row.user_id != actor_of(viewer).id and not may_write(hub, repo, viewer):
        raise Refused(403, "Must have admin rights to Repository.")
    if hub.store.issues[row.issue_id].locked and not may_write(hub, repo, viewer):
        raise Refused(403, "Unable to edit comment because issue is locked.")
