"""Repositories, collaborators and users."""

from __future__ import annotations

from devkit.github import auth
from devkit.github.errors import Refused, not_found
from devkit.github.routing import Answer, Call, route
from devkit.github.shapes import repos, users


@route("GET", "/repos/<owner>/<repo>", "metadata=read", who="any")
@route("GET", "/repositories/<int:repo_id>", "metadata=read", who="any")
def get_repo(call: Call) -> Answer:
    role = "read" if call.viewer.kind != "user" else auth.role(call.hub, call.repo, call.viewer.user)
    return Answer(200, repos.full(call.hub, call.repo, role))


@route("GET", "/repos/<owner>/<repo>/collaborators", "metadata=read")
def list_collaborators(call: Call) -> Answer:
    members = [call.hub.store.users[call.repo.owner_id]]
    members += [call.hub.store.users[int(i)] for i, role in call.repo.roles.items() if role != "none"]

    def shape(member: object) -> object:
        row = call.hub.store.users[getattr(member, "id", 0)]
        return repos.collaborator(call.hub, call.repo, row, auth.role(call.hub, call.repo, row))["user"]

    return call.page(members, shape)


@route("GET", "/repos/<owner>/<repo>/collaborators/<login>/permission", "metadata=read")
def get_permission(call: Call, login: str) -> Answer:
    """Anyone's permission; on a public repository a stranger has read, on a private one none."""
    member = call.hub.store.user_named(login)
    if member is None:
        raise not_found()
    role = auth.role(call.hub, call.repo, member)
    return Answer(200, repos.collaborator(call.hub, call.repo, member, role))


@route("GET", "/repos/<owner>/<repo>/collaborators/<login>", "metadata=read")
def is_collaborator(call: Call, login: str) -> Answer:
    member = call.hub.store.user_named(login)
    if member is None:
        raise not_found()
    if member.id != call.repo.owner_id and call.repo.roles.get(str(member.id), "none") == "none":
        raise not_found()
    return Answer(204)


@route("GET", "/users/<login>", who="any")
def get_user(call: Call, login: str) -> Answer:
    row = call.hub.store.user_named(login)
    if row is None:
        raise not_found()
    return Answer(200, users.public_user(call.hub, row))


@route("GET", "/user/<int:user_id>", who="any")
def get_user_by_id(call: Call, user_id: int) -> Answer:
    row = call.hub.store.users.get(user_id)
    if row is None:
        raise not_found()
    return Answer(200, users.public_user(call.hub, row))


@route("GET", "/user", who="any")
def get_self(call: Call) -> Answer:
    if call.viewer.kind in ("installation", "app"):
        raise Refused(403, "Resource not accessible by integration")
    return Answer(200, users.public_user(call.hub, call.actor))
