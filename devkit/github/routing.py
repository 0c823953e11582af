"""The route table and what happens around every REST call: who, what permission, limits, paging, errors."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from flask import Flask, Request, Response, request
from werkzeug.exceptions import MethodNotAllowed, NotFound

from devkit.github import access, auth
from devkit.github.auth import Viewer
from devkit.github.errors import Refused, invalid, not_found, not_integration, too_long, unprocessable
from devkit.github.hub import API, Hub
from devkit.github.model import Issue, Json, Repo, User, now

Body = Json | list[Json] | list[str] | None


@dataclass
class Answer:
    """Status, JSON body (None: empty) and extra headers."""

    status: int
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Call:
    """One request, resolved: the caller, the repository if the path names one, the query and the JSON body."""

    hub: Hub
    viewer: Viewer
    args: Mapping[str, str]
    body: Json
    path: str
    query: Sequence[tuple[str, str]]
    accepted: str = ""
    found: Repo | None = None
    lag: bool = True

    @property
    def repo(self) -> Repo:
        if self.found is None:
            raise not_found()
        return self.found

    @property
    def actor(self) -> User:
        if self.viewer.user is None:
            raise Refused(401, "Requires authentication")
        return self.viewer.user

    def issue(self, number: int) -> Issue:
        """The issue of that number. 410 deleted, 404 none, 403 where only the pull request permission is there."""
        row = self.hub.store.issue_numbered(self.repo, number)
        if row is None:
            raise not_found()
        if row.deleted:
            raise Refused(410, "This issue was deleted")
        self.check_kind(row)
        return row

    def check_kind(self, row: Issue) -> None:
        """An App reaches plain issues with ``issues`` only; pull requests with either permission."""
        if row.pull_id or self.viewer.kind != "installation":
            return
        kept = [part for part in self.accepted.split("; ") if part.startswith("issues")]
        if kept and not any(auth.may(self.hub, self.viewer, self.repo, part) for part in kept):
            raise not_integration(self.accepted)

    def page(self, items: Sequence[Any], shape: Callable[[Any], Any]) -> Answer:
        """One page of rows with the Link header. Rows younger than the list lag are left out."""
        edge = now() - (self.hub.settings.list_lag if self.lag else 0.0)
        rows = [row for row in items if getattr(row, "created", 0.0) <= edge]
        per_page = min(max(_number(self.args.get("per_page"), 30), 1), 100)
        page = max(_number(self.args.get("page"), 1), 1)
        last = max(1, -(-len(rows) // per_page))
        start = (page - 1) * per_page
        shown = [shape(row) for row in rows[start : start + per_page]]
        link = self._link(page, last)
        return Answer(200, shown, {"Link": link} if link else {})

    def _link(self, page: int, last: int) -> str:
        targets = {"prev": page - 1, "next": page + 1, "last": last, "first": 1}
        wanted = (["prev"] if page > 1 else []) + (["next", "last"] if page < last else [])
        wanted += ["first"] if page > 1 else []
        others = [(name, value) for name, value in self.query if name != "page"]
        links = []
        for name in wanted:
            query = urlencode([*others, ("page", str(targets[name]))])
            links.append(f'<{self.hub.base}{self.path}?{query}>; rel="{name}"')
        return ", ".join(links)


def _number(value: str | None, default: int) -> int:
    return int(value) if value and value.isdigit() else default


Handler = Callable[..., Answer]


@dataclass(frozen=True)
class Route:
    """One line of the table: method, path, accepted permissions, who may call, whether it creates content."""

    method: str
    rule: str
    accepted: str
    who: str
    creates: bool
    reads_git: bool
    handler: Handler

    @property
    def writes(self) -> bool:
        return self.method != "GET"


TABLE: list[Route] = []


def route(
    method: str, rule: str, accepted: str = "", who: str = "token", creates: bool = False, reads_git: bool = False
) -> Callable[[Handler], Handler]:
    """Put a handler in the table. ``who``: token (installation or person), app (JWT), any."""

    def keep(handler: Handler) -> Handler:
        TABLE.append(Route(method, rule, accepted, who, creates, reads_git, handler))
        return handler

    return keep


def mount(app: Flask, hub: Hub) -> None:
    """Every route of the table under the API prefix."""
    for index, entry in enumerate(TABLE):
        view = _view(hub, entry)
        app.add_url_rule(API + entry.rule, f"rest-{index}", view, methods=[entry.method], strict_slashes=False)
    app.register_error_handler(NotFound, _unknown)
    app.register_error_handler(MethodNotAllowed, _unknown)


def _unknown(error: Exception) -> Response | tuple[str, int]:
    if not request.path.startswith(API):
        return "Not Found", 404
    return reply(Answer(404, not_found().body()))


def reply(answer: Answer) -> Response:
    text = "" if answer.body is None else json.dumps(answer.body, ensure_ascii=False, separators=(",", ":"))
    response = Response(text, answer.status, content_type="application/json; charset=utf-8")
    response.headers.update(answer.headers)
    return response


def _view(hub: Hub, entry: Route) -> Callable[..., Response]:
    def view(**path: Any) -> Response:
        headers = {"X-GitHub-Media-Type": "github.v3; format=json", "X-GitHub-Api-Version-Selected": _version()}
        try:
            viewer = auth.authenticate(hub, request.headers.get("Authorization"))
            headers |= _budget(hub, viewer)
            if entry.reads_git:
                answer = _answer(hub, entry, viewer, request, path)
            else:
                with hub.lock:
                    answer = _answer(hub, entry, viewer, request, path)
        except Refused as error:
            answer = Answer(error.status, error.body(), error.headers)
        if entry.accepted:
            headers["X-Accepted-GitHub-Permissions"] = entry.accepted
        answer.headers = headers | answer.headers
        return reply(answer)

    return view


def _version() -> str:
    return request.headers.get("X-GitHub-Api-Version", "2022-11-28")


def _budget(hub: Hub, viewer: Viewer) -> dict[str, str]:
    limit, remaining, used, reset = hub.limits.use(viewer.name)
    headers = {
        "X-RateLimit-Limit": str(limit),
        "X-RateLimit-Remaining": str(max(remaining, 0)),
        "X-RateLimit-Used": str(used),
        "X-RateLimit-Reset": str(reset),
        "X-RateLimit-Resource": "core",
    }
    if remaining < 0:
        raise Refused(403, f"API rate limit exceeded for {viewer.name}.", headers)
    return headers


def _answer(hub: Hub, entry: Route, viewer: Viewer, asked: Request, path: dict[str, Any]) -> Answer:
    _check_who(entry, viewer)
    query = [(name, value) for name, values in asked.args.lists() for value in values]
    call = Call(hub, viewer, asked.args, _json_body(asked), asked.path, query, entry.accepted)
    if "owner" in path:
        owner, name = path.pop("owner"), path.pop("repo")
        call.found = access.resolve(hub, viewer, owner, name, asked.full_path)
    elif "repo_id" in path:
        call.found = access.by_id(hub, viewer, path.pop("repo_id"))
    if call.found is not None:
        access.check_permission(hub, entry.accepted, entry.writes, viewer, call.found)
    elif entry.accepted and viewer.kind == "installation" and not auth.allows(viewer.permissions, entry.accepted):
        raise not_integration(entry.accepted)
    if entry.creates:
        _check_creates(hub, viewer)
    return entry.handler(call, **path)


def _check_who(entry: Route, viewer: Viewer) -> None:
    if entry.who == "any":
        return
    if entry.who == "app" and viewer.kind != "app":
        raise Refused(401, "A JSON web token could not be decoded")
    if entry.who == "token" and viewer.kind == "app":
        raise Refused(403, "Resource not accessible by integration")
    if entry.writes and viewer.kind == "anonymous":
        raise Refused(401, "Requires authentication")


def _json_body(asked: Request) -> Json:
    raw = asked.get_data()
    if not raw:
        return {}
    try:
        body = json.loads(raw)
    except ValueError as error:
        raise Refused(400, "Problems parsing JSON") from error
    if isinstance(body, list):
        return {"": body}
    if not isinstance(body, dict):
        raise Refused(400, "Body should be a JSON object")
    return body


def _check_creates(hub: Hub, viewer: Viewer) -> None:
    wait = hub.limits.create(viewer.name)
    if wait:
        message = (
            "You have exceeded a secondary rate limit and have been temporarily blocked from content creation. "
            "Please retry your request again later."
        )
        raise Refused(hub.settings.secondary_status, message, {"Retry-After": str(wait)})


def text_field(call: Call, name: str, resource: str, required: bool = True) -> str | None:
    """A string of the body, at most 65,536 characters long. 422 otherwise."""
    value = call.body.get(name)
    if value is None:
        if required:
            raise invalid(resource, name, "missing_field")
        return None
    if not isinstance(value, str):
        raise unprocessable(f"Invalid request.\n\nFor 'properties/{name}', {value!r} is not a string.")
    if len(value) > 65536:
        raise too_long(resource, name, 65536)
    return value
