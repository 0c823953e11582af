"""Issues, comments, labels and reactions as JSON."""

from __future__ import annotations

from collections import Counter

from devkit.github.hub import Hub, node_id, stamp
from devkit.github.model import Comment, Issue, Json, Label, Reaction, Repo
from devkit.github.shapes import users

REACTIONS = ("+1", "-1", "laugh", "hooray", "confused", "heart", "rocket", "eyes")


def label(hub: Hub, repo: Repo, row: Label) -> Json:
    return {
        "id": row.id,
        "node_id": node_id("LA", row.id),
        "url": hub.repo_url(repo, f"/labels/{row.name}"),
        "name": row.name,
        "color": row.color,
        "default": False,
        "description": row.description,
        "archived_at": None,
        "archived_by": None,
    }


def reaction(hub: Hub, row: Reaction) -> Json:
    return {
        "id": row.id,
        "node_id": node_id("REA", row.id),
        "user": users.user_by_id(hub, row.user_id),
        "content": row.content,
        "created_at": stamp(row.created),
    }


def rollup(hub: Hub, subject: str, url: str) -> Json:
    counts = Counter(row.content for row in hub.store.reactions_of(subject))
    return {"url": f"{url}/reactions", "total_count": counts.total()} | {name: counts[name] for name in REACTIONS}


def association(hub: Hub, repo: Repo, user_id: int) -> str:
    if user_id == repo.owner_id:
        return "OWNER"
    return "COLLABORATOR" if repo.roles.get(str(user_id), "none") != "none" else "NONE"


def via_app(hub: Hub, app_id: int | None) -> Json | None:
    return users.app(hub, hub.store.apps[app_id]) if app_id in hub.store.apps.rows and app_id is not None else None


def issue_labels(hub: Hub, repo: Repo, row: Issue) -> list[Json]:
    return [label(hub, repo, hub.store.labels[i]) for i in row.label_ids if i in hub.store.labels.rows]


def issue(hub: Hub, repo: Repo, row: Issue) -> Json:
    url = hub.repo_url(repo, f"/issues/{row.number}")
    assignees = [users.user(hub, hub.store.users[i]) for i in row.assignee_ids]
    comments = len(hub.store.comments_of(row))
    body: Json = {
        "url": url,
        "repository_url": hub.repo_url(repo),
        "labels_url": f"{url}/labels{{/name}}",
        "comments_url": f"{url}/comments",
        "events_url": f"{url}/events",
        "html_url": hub.web(repo, f"/{'pull' if row.pull_id else 'issues'}/{row.number}"),
        "id": row.id,
        "node_id": node_id("I", row.id),
        "number": row.number,
        "title": row.title,
        "user": users.user_by_id(hub, row.user_id),
        "labels": issue_labels(hub, repo, row),
        "state": row.state,
        "locked": row.locked,
        "assignee": assignees[0] if assignees else None,
        "assignees": assignees,
        "milestone": None,
        "comments": comments,
        "created_at": stamp(row.created),
        "updated_at": stamp(row.updated),
        "closed_at": stamp(row.closed),
        "author_association": association(hub, repo, row.user_id),
        "active_lock_reason": None,
        "body": row.body,
        "closed_by": users.user_by_id(hub, row.closed_by_id),
        "reactions": rollup(hub, f"issue:{row.id}", url),
        "timeline_url": f"{url}/timeline",
        "performed_via_github_app": via_app(hub, row.app_id),
        "state_reason": row.state_reason,
    }
    return body | (_pull_links(hub, repo, row) if row.pull_id else {})


def _pull_links(hub: Hub, repo: Repo, row: Issue) -> Json:
    page = hub.web(repo, f"/pull/{row.number}")
    pull = hub.store.pulls[row.pull_id or 0]
    links = {
        "url": hub.repo_url(repo, f"/pulls/{row.number}"),
        "html_url": page,
        "diff_url": f"{page}.diff",
        "patch_url": f"{page}.patch",
        "merged_at": stamp(pull.merged),
    }
    return {"draft": pull.draft, "pull_request": links}


def comment(hub: Hub, repo: Repo, row: Comment) -> Json:
    parent = hub.store.issues[row.issue_id]
    url = hub.repo_url(repo, f"/issues/comments/{row.id}")
    kind = "pull" if parent.pull_id else "issues"
    return {
        "url": url,
        "html_url": hub.web(repo, f"/{kind}/{parent.number}#issuecomment-{row.id}"),
        "issue_url": hub.repo_url(repo, f"/issues/{parent.number}"),
        "id": row.id,
        "node_id": node_id("IC", row.id),
        "user": users.user_by_id(hub, row.user_id),
        "created_at": stamp(row.created),
        "updated_at": stamp(row.updated),
        "author_association": association(hub, repo, row.user_id),
        "body": row.body,
        "reactions": rollup(hub, f"comment:{row.id}", url),
        "performed_via_github_app": via_app(hub, row.app_id),
    }
