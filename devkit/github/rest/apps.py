"""The App's own endpoints: installations, tokens, the delivery log."""

from __future__ import annotations

from typing import Any

from devkit.github import auth
from devkit.github.errors import Refused, not_found, unprocessable
from devkit.github.hub import stamp
from devkit.github.model import Delivery, Installation, Json, Repo
from devkit.github.routing import Answer, Call, route
from devkit.github.shapes import deliveries, repos, users


@route("GET", "/app", who="app")
def get_app(call: Call) -> Answer:
    count = len([row for row in call.hub.store.installations if row.app_id == call.viewer.app_id])
    assert call.viewer.app is not None
    return Answer(200, users.app(call.hub, call.viewer.app) | {"installations_count": count})


@route("GET", "/apps/<slug>", who="any")
def get_app_by_slug(call: Call, slug: str) -> Answer:
    found = next((row for row in call.hub.store.apps if row.slug == slug), None)
    if found is None:
        raise not_found()
    return Answer(200, users.app(call.hub, found))


@route("GET", "/app/installations", who="app")
def list_installations(call: Call) -> Answer:
    rows = [row for row in call.hub.store.installations if row.app_id == call.viewer.app_id]
    return call.page(rows, lambda row: users.installation(call.hub, row))


def _installation(call: Call, installation_id: int) -> Installation:
    row = call.hub.store.installations.get(installation_id)
    if row is None or row.app_id != call.viewer.app_id:
        raise not_found()
    return row


@route("GET", "/app/installations/<int:installation_id>", who="app")
def get_installation(call: Call, installation_id: int) -> Answer:
    return Answer(200, users.installation(call.hub, _installation(call, installation_id)))


@route("GET", "/repos/<owner>/<repo>/installation", who="app")
def get_repo_installation(call: Call) -> Answer:
    for row in call.hub.store.installations:
        if row.app_id == call.viewer.app_id and auth.covers(row, call.repo):
            return Answer(200, users.installation(call.hub, row))
    raise not_found()


@route("POST", "/app/installations/<int:installation_id>/access_tokens", who="app")
def create_token(call: Call, installation_id: int) -> Answer:
    row = _installation(call, installation_id)
    if row.suspended is not None:
        raise Refused(403, "This installation has been suspended")
    permissions = _permissions(row, call.body.get("permissions"))
    chosen = _chosen(call, row)
    token = auth.mint(call.hub, row, permissions, [repo.id for repo in chosen] if chosen is not None else None)
    body: Json = {
        "token": token.value,
        "expires_at": stamp(token.expires),
        "permissions": permissions,
        "repository_selection": "selected" if chosen is not None else row.selection,
    }
    if chosen is not None:
        body["repositories"] = [repos.simple(call.hub, repo) for repo in chosen]
    return Answer(201, body)


def _permissions(row: Installation, wanted: Any) -> dict[str, str]:
    if not wanted:
        return dict(row.permissions)
    if not isinstance(wanted, dict) or not all(level in auth.LEVELS for level in wanted.values()):
        raise unprocessable("Invalid request.")
    if not all(auth.allows(row.permissions, f"{name}={level}") for name, level in wanted.items()):
        raise unprocessable("The permissions requested are not granted to this installation.")
    return {"metadata": "read"} | wanted


def _chosen(call: Call, row: Installation) -> list[Repo] | None:
    """Repositories of ``repository_ids`` or ``repositories``; 422 for one that the installation does not cover."""
    by_id, by_name = call.body.get("repository_ids"), call.body.get("repositories")
    if by_id is None and by_name is None:
        return None
    ids, names = by_id or [], by_name or []
    mine = [repo for repo in call.hub.store.repos if not repo.deleted and auth.covers(row, repo)]
    found = [repo for repo in mine if repo.id in ids or repo.name in names]
    if len(found) != len({*ids, *names}):
        raise unprocessable(
            "There is at least one repository that does not exist or is not accessible to the parent installation."
        )
    return found


@route("GET", "/installation/repositories", "metadata=read")
def list_repositories(call: Call) -> Answer:
    installation, chosen = call.viewer.installation, call.viewer.repository_ids
    if installation is None:
        raise Refused(403, "You must authenticate with an installation access token in order to list repositories.")
    mine = [repo for repo in call.hub.store.repos if not repo.deleted and auth.covers(installation, repo)]
    mine = [repo for repo in mine if chosen is None or repo.id in chosen]
    answer = call.page(mine, lambda repo: repos.simple(call.hub, repo))
    answer.body = {
        "total_count": len(mine),
        "repository_selection": installation.selection,
        "repositories": answer.body,
    }
    return answer


@route("DELETE", "/installation/token", "")
def revoke_token(call: Call) -> Answer:
    from flask import request

    token = call.hub.store.by_token.get(auth.credential(request.headers.get("Authorization", "")))
    if token is not None:
        token.expires = 0
        call.hub.store.tokens.save(token)
    return Answer(204)


@route("GET", "/app/hook/config", who="app")
def get_hook_config(call: Call) -> Answer:
    app = call.hub.app
    secret = "********" if app.hook_secret else ""
    return Answer(200, {"content_type": "json", "secret": secret, "url": app.hook_url, "insecure_ssl": "0"})


@route("PATCH", "/app/hook/config", who="app")
def edit_hook_config(call: Call) -> Answer:
    app = call.hub.app
    app.hook_url = call.body.get("url", app.hook_url)
    app.hook_secret = call.body.get("secret", app.hook_secret)
    call.hub.store.apps.save(app)
    return get_hook_config(call)


@route("GET", "/app/hook/deliveries", who="app")
def list_deliveries(call: Call) -> Answer:
    """Newest first, paged by cursor as GitHub does."""
    rows = sorted(call.hub.store.deliveries, key=lambda row: row.id, reverse=True)
    status, cursor = call.args.get("status"), call.args.get("cursor")
    rows = [row for row in rows if row.delivered is not None and _matches(row, status)]
    if cursor:
        rows = [row for row in rows if row.id <= int(cursor.removeprefix("v1_"))]
    per_page = min(int(call.args.get("per_page", 30)), 100)
    headers = {}
    if len(rows) > per_page:
        target = f"{call.hub.url('/app/hook/deliveries')}?per_page={per_page}&cursor=v1_{rows[per_page].id}"
        headers["Link"] = f'<{target}>; rel="next"'
    return Answer(200, [deliveries.item(row) for row in rows[:per_page]], headers)


def _matches(row: Delivery, status: str | None) -> bool:
    good = 200 <= row.status_code < 400
    return status is None or (status == "success") == good


def _delivery(call: Call, delivery_id: int) -> Delivery:
    row = call.hub.store.deliveries.get(delivery_id)
    if row is None:
        raise not_found()
    return row


@route("GET", "/app/hook/deliveries/<int:delivery_id>", who="app")
def get_delivery(call: Call, delivery_id: int) -> Answer:
    return Answer(200, deliveries.whole(call.hub, _delivery(call, delivery_id)))


@route("POST", "/app/hook/deliveries/<int:delivery_id>/attempts", who="app")
def redeliver(call: Call, delivery_id: int) -> Answer:
    call.hub.sender.redeliver(_delivery(call, delivery_id))
    return Answer(202, {})
