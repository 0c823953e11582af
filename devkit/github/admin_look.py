"""Looking at everything without a token: REST answers as the owner sees them, whole lists, no limits or lag."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import current_app
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.exceptions import NotFound

from devkit.github import gitrepo
from devkit.github.auth import person
from devkit.github.errors import not_found
from devkit.github.model import Json
from devkit.github.routing import TABLE, Call

if TYPE_CHECKING:
    from devkit.github.admin import Desk


def look(desk: Desk, owner: str, name: str, rest: str = "") -> Any:
    """The body of ``GET /repos/OWNER/NAME/REST``; of a list every page."""
    repo, path = desk.repo(owner, name), f"/api/v3/repos/{owner}/{name}/{rest}".rstrip("/")
    try:
        endpoint, values = current_app.url_map.bind("127.0.0.1").match(path, "GET")
    except NotFound as error:
        raise not_found() from error
    entry = TABLE[int(endpoint.removeprefix("rest-"))]
    values = {key: value for key, value in values.items() if key not in ("owner", "repo")}
    viewer, found = person(desk.hub.store.users[repo.owner_id]), []
    for page in range(1, 1000):
        args = ImmutableMultiDict({"per_page": "100", "page": str(page), "state": "all"})
        call = Call(desk.hub, viewer, args, {}, path, [], entry.accepted, repo, lag=False)
        body = entry.handler(call, **values).body
        if not isinstance(body, list):
            return body
        found += body
        if len(body) < 100:
            break
    return found


def where(desk: Desk, owner: str, name: str) -> Json:
    return {"path": str(gitrepo.path_of(desk.hub, desk.repo(owner, name)).resolve())}


TABLE_LOOK = [
    ("GET", "/_admin/look/<owner>/<name>", look),
    ("GET", "/_admin/look/<owner>/<name>/<path:rest>", look),
    ("GET", "/_admin/repos/<owner>/<name>/where", where),
]
