"""Users, organisations, Apps and installations as JSON."""

from __future__ import annotations

from devkit.github.auth import client_id
from devkit.github.hub import Hub, node_id, stamp
from devkit.github.model import App, Installation, Json, User

_LINKS = {
    "followers_url": "/followers",
    "following_url": "/following{/other_user}",
    "gists_url": "/gists{/gist_id}",
    "starred_url": "/starred{/owner}{/repo}",
    "subscriptions_url": "/subscriptions",
    "organizations_url": "/orgs",
    "repos_url": "/repos",
    "events_url": "/events{/privacy}",
    "received_events_url": "/received_events",
}


def user(hub: Hub, row: User) -> Json:
    """The simple user of nearly every answer."""
    url = hub.url(f"/users/{row.login}")
    page = f"apps/{row.login.removesuffix('[bot]')}" if row.type == "Bot" else row.login
    return {
        "login": row.login,
        "id": row.id,
        "node_id": node_id({"Bot": "BOT", "Organization": "O"}.get(row.type, "U"), row.id),
        "avatar_url": f"{hub.base}/_avatars/{row.id}.svg",
        "gravatar_id": "",
        "url": url,
        "html_url": f"{hub.base}/{page}",
        **{name: url + path for name, path in _LINKS.items()},
        "type": row.type,
        "user_view_type": "public",
        "site_admin": False,
    }


def user_by_id(hub: Hub, user_id: int | None) -> Json | None:
    found = hub.store.users.get(user_id or 0)
    return user(hub, found) if found else None


def public_user(hub: Hub, row: User) -> Json:
    repos = sum(1 for repo in hub.store.repos if repo.owner_id == row.id and not repo.private and not repo.deleted)
    empty: Json = dict.fromkeys(("company", "location", "email", "hireable", "bio", "twitter_username"))
    return (
        user(hub, row)
        | empty
        | {
            "name": row.name,
            "blog": "",
            "public_repos": repos,
            "public_gists": 0,
            "followers": 0,
            "following": 0,
            "created_at": stamp(row.created),
            "updated_at": stamp(row.created),
        }
    )


def app(hub: Hub, row: App) -> Json:
    return {
        "id": row.id,
        "client_id": client_id(row),
        "slug": row.slug,
        "node_id": node_id("A", row.id),
        "owner": user_by_id(hub, row.owner_id),
        "name": row.name,
        "description": "",
        "external_url": hub.base,
        "html_url": f"{hub.base}/apps/{row.slug}",
        "created_at": stamp(row.created),
        "updated_at": stamp(row.created),
        "permissions": row.permissions,
        "events": row.events,
    }


def installation(hub: Hub, row: Installation) -> Json:
    owner = hub.store.users[row.account_id]
    app_row = hub.store.apps[row.app_id]
    url = hub.url(f"/app/installations/{row.id}")
    return {
        "id": row.id,
        "client_id": client_id(app_row),
        "account": user(hub, owner),
        "repository_selection": row.selection,
        "access_tokens_url": f"{url}/access_tokens",
        "repositories_url": hub.url("/installation/repositories"),
        "html_url": f"{hub.base}/settings/installations/{row.id}",
        "app_id": row.app_id,
        "app_slug": app_row.slug,
        "target_id": row.account_id,
        "target_type": owner.type,
        "permissions": row.permissions,
        "events": row.events,
        "created_at": stamp(row.created),
        "updated_at": stamp(row.updated),
        "single_file_name": None,
        "has_multiple_single_files": False,
        "single_file_paths": [],
        "suspended_by": user_by_id(hub, row.suspended_by_id),
        "suspended_at": stamp(row.suspended),
    }
