"""Repositories as JSON: minimal, full, and as a webhook carries them."""

from __future__ import annotations

from typing import Any

from devkit.github.hub import Hub, node_id, stamp
from devkit.github.model import Json, Repo, User
from devkit.github.shapes import users

_PATHS = {
    "forks_url": "/forks",
    "keys_url": "/keys{/key_id}",
    "collaborators_url": "/collaborators{/collaborator}",
    "teams_url": "/teams",
    "hooks_url": "/hooks",
    "issue_events_url": "/issues/events{/number}",
    "events_url": "/events",
    "assignees_url": "/assignees{/user}",
    "branches_url": "/branches{/branch}",
    "tags_url": "/tags",
    "blobs_url": "/git/blobs{/sha}",
    "git_tags_url": "/git/tags{/sha}",
    "git_refs_url": "/git/refs{/sha}",
    "trees_url": "/git/trees{/sha}",
    "statuses_url": "/statuses/{sha}",
    "languages_url": "/languages",
    "stargazers_url": "/stargazers",
    "contributors_url": "/contributors",
    "subscribers_url": "/subscribers",
    "subscription_url": "/subscription",
    "commits_url": "/commits{/sha}",
    "git_commits_url": "/git/commits{/sha}",
    "comments_url": "/comments{/number}",
    "issue_comment_url": "/issues/comments{/number}",
    "contents_url": "/contents/{+path}",
    "compare_url": "/compare/{base}...{head}",
    "merges_url": "/merges",
    "archive_url": "/{archive_format}{/ref}",
    "downloads_url": "/downloads",
    "issues_url": "/issues{/number}",
    "pulls_url": "/pulls{/number}",
    "milestones_url": "/milestones{/number}",
    "notifications_url": "/notifications{?since,all,participating}",
    "labels_url": "/labels{/name}",
    "releases_url": "/releases{/id}",
    "deployments_url": "/deployments",
}


def short(hub: Hub, row: Repo) -> Json:
    """What installation webhooks list."""
    return {
        "id": row.id,
        "node_id": node_id("R", row.id),
        "name": row.name,
        "full_name": hub.store.full_name(row),
        "private": row.private,
    }


def minimal(hub: Hub, row: Repo) -> Json:
    url = hub.repo_url(row)
    return {
        **short(hub, row),
        "owner": users.user(hub, hub.store.users[row.owner_id]),
        "html_url": hub.web(row),
        "description": row.description,
        "fork": False,
        "url": url,
        **{name: url + path for name, path in _PATHS.items()},
    }


def simple(hub: Hub, row: Repo) -> Json:
    """The repository of most lists and of webhooks."""
    open_issues = sum(1 for issue in hub.store.issues_of(row) if issue.state == "open")
    full_name, host = hub.store.full_name(row), hub.base.split("://", 1)[1]
    return {
        **minimal(hub, row),
        "created_at": stamp(row.created),
        "updated_at": stamp(row.updated),
        "pushed_at": stamp(row.pushed or row.created),
        "git_url": f"git://{host}/{full_name}.git",
        "ssh_url": f"git@{host.split(':')[0]}:{full_name}.git",
        "clone_url": f"{hub.base}/{full_name}.git",
        "svn_url": hub.web(row),
        "homepage": None,
        "size": 0,
        "stargazers_count": 0,
        "watchers_count": 0,
        "language": None,
        "has_issues": True,
        "has_projects": True,
        "has_downloads": True,
        "has_wiki": False,
        "has_pages": False,
        "has_discussions": False,
        "forks_count": 0,
        "mirror_url": None,
        "archived": row.archived,
        "disabled": False,
        "open_issues_count": open_issues,
        "license": None,
        "allow_forking": True,
        "is_template": False,
        "web_commit_signoff_required": False,
        "topics": [],
        "visibility": "private" if row.private else "public",
        "forks": 0,
        "open_issues": open_issues,
        "watchers": 0,
        "default_branch": row.default_branch,
    }


def hooked(hub: Hub, row: Repo) -> Json:
    """The repository of a webhook."""
    return simple(hub, row) | {"custom_properties": {}}


def full(hub: Hub, row: Repo, role: str) -> Json:
    return simple(hub, row) | {
        "permissions": permissions(role),
        "allow_squash_merge": True,
        "allow_merge_commit": True,
        "allow_rebase_merge": True,
        "squash_merge_commit_title": "COMMIT_OR_PR_TITLE",
        "squash_merge_commit_message": row.squash_merge_commit_message,
        "subscribers_count": 0,
        "network_count": 0,
        "custom_properties": {},
    }


def permissions(role: str) -> dict[str, bool]:
    names = ("read", "triage", "write", "maintain", "admin")
    rank = names.index(role) if role in names else -1
    keys = {"pull": 0, "triage": 1, "push": 2, "maintain": 3, "admin": 4}
    return {key: rank >= at for key, at in keys.items()}


def legacy_permission(role: str) -> str:
    """The four words of ``permission``: triage counts as read, maintain as write."""
    return {"triage": "read", "maintain": "write"}.get(role, role)


def collaborator(hub: Hub, row: Repo, member: User, role: str) -> Json:
    shown: dict[str, Any] = users.user(hub, member)
    role_name = row.role_names.get(str(member.id), role)
    extra = {"permissions": permissions(role), "role_name": role_name}
    return {"permission": legacy_permission(role), "role_name": role_name, "user": shown | extra}
