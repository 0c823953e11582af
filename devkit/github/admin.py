"""Admin surface, JSON in and out, no authentication (loopback only). REPO is OWNER/NAME; texts as the API returns them.

POST   /_admin/users                       {login, type?, id?}        a person, Bot or Organization
POST   /_admin/users/LOGIN/token           {}                         a personal token (to call the API as that person)
POST   /_admin/repos                       {name: OWNER/NAME, private?, from_bare?, default_branch?}
GET    /_admin/repos/REPO                  the repository
PATCH  /_admin/repos/REPO                  {name?, owner?, archived?, private?, description?, default_branch?,
                                            squash_merge_commit_message?, as?}   rename, transfer, archive ...
DELETE /_admin/repos/REPO
PUT    /_admin/repos/REPO/roles/LOGIN      {role: none|read|triage|write|maintain|admin, role_name?}
PUT    /_admin/repos/REPO/protection       {pattern, settings?}    settings null: unprotect, {}: reviewed pull request
PUT    /_admin/repos/REPO/rules            {rules: [{type, pattern?, parameters?}]}
POST   /_admin/repos/REPO/issues           {as, title, body?, labels?}
PATCH  /_admin/repos/REPO/issues/N         {as, title?, body?, state?, locked?}
DELETE /_admin/repos/REPO/issues/N         {as}
POST   /_admin/repos/REPO/issues/N/comments {as, body}
POST   /_admin/repos/REPO/issues/N/labels  {as, labels}               DELETE .../labels/NAME {as}
POST   /_admin/repos/REPO/issues/N/reactions {as, content}
PATCH  /_admin/comments/ID                 {as, body, web?}           web: lines end with CRLF, as from the page
DELETE /_admin/comments/ID                 {as}
POST   /_admin/comments/ID/tick            {as, box: text or number, shown?}  409 when the body is no longer ``shown``
POST   /_admin/comments/ID/reactions       {as, content}
POST   /_admin/repos/REPO/pulls/N/merge    {as}
POST   /_admin/repos/REPO/check-runs/ID    {conclusion}               end a workflow's check run
GET    /_admin/app                         id, slug, bot, private_key
PATCH  /_admin/app                         {hook_url?, hook_secret?, permissions?, events?}
POST   /_admin/installations               {account, repos?: [OWNER/NAME]}   repos left out: all
PATCH  /_admin/installations/ID            {suspended?, permissions?, events?, repository_ids?, selection?, as?}
DELETE /_admin/installations/ID            {as?}
POST   /_admin/tokens/expire               {}                         every installation token ends now
GET    /_admin/pushes                      GET /_admin/deliveries     the ledgers
POST   /_admin/deliveries/wait             {seconds}                  until everything was sent: {idle}
POST   /_admin/deliveries/ID/redeliver     {}
GET    /_admin/settings                    PATCH /_admin/settings     limits and lags (config.Settings)
POST   /_admin/limits/clear                {}
GET    /_admin/look/REPO/...               any GET of /repos/REPO/... as the owner sees it, whole lists
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask, Response, request

from devkit.github import admin_look, admin_talk
from devkit.github.auth import Viewer, person, personal_token
from devkit.github.errors import Refused, not_found, unprocessable
from devkit.github.hub import Hub
from devkit.github.model import Installation, Json, Repo, User
from devkit.github.ops import checks, pulls, repos
from devkit.github.routing import Answer, reply
from devkit.github.shapes import checks as check_shapes
from devkit.github.shapes import deliveries, users
from devkit.github.shapes import repos as shapes

Action = Callable[..., Any]
REPO = "/_admin/repos/<owner>/<name>"


class Desk:
    """One request to the admin surface."""

    def __init__(self, hub: Hub, body: Json) -> None:
        self.hub = hub
        self.body = body

    def user(self, key: str = "as") -> User:
        """The person in the body. 422 when there is no such user."""
        found = self.hub.store.user_named(str(self.body.get(key, "")))
        if found is None:
            raise unprocessable(f"no user {self.body.get(key)!r} in {key!r}")
        return found

    def viewer(self) -> Viewer:
        return person(self.user())

    def repo(self, owner: str, name: str) -> Repo:
        found = self.hub.store.repo_named(f"{owner}/{name}")
        if found is None:
            raise not_found()
        return found

    def sender(self, repo: Repo) -> User:
        return self.user() if "as" in self.body else self.hub.store.users[repo.owner_id]

    def installation(self, installation_id: int) -> Installation:
        found = self.hub.store.installations.get(installation_id)
        if found is None:
            raise not_found()
        return found


def create_user(desk: Desk) -> Json:
    row = desk.hub.ensure_user(desk.body["login"], desk.body.get("type", "User"), desk.body.get("id"))
    return users.public_user(desk.hub, row)


def user_token(desk: Desk, login: str) -> Json:
    row = desk.hub.store.user_named(login)
    if row is None:
        raise not_found()
    return {"token": personal_token(desk.hub, row).value}


def create_repo(desk: Desk) -> Json:
    body = desk.body
    row = repos.create(
        desk.hub, body["name"], body.get("private", True), body.get("from_bare"), body.get("default_branch", "")
    )
    return shapes.full(desk.hub, row, "admin")


def get_repo(desk: Desk, owner: str, name: str) -> Json:
    return shapes.full(desk.hub, desk.repo(owner, name), "admin")


def change_repo(desk: Desk, owner: str, name: str) -> Json:
    row = desk.repo(owner, name)
    repos.change(desk.hub, row, desk.sender(row), desk.body)
    return shapes.full(desk.hub, row, "admin")


def delete_repo(desk: Desk, owner: str, name: str) -> None:
    row = desk.repo(owner, name)
    repos.delete(desk.hub, row, desk.sender(row))


def set_role(desk: Desk, owner: str, name: str, login: str) -> Json:
    row, member = desk.repo(owner, name), desk.hub.ensure_user(login)
    repos.set_role(desk.hub, row, member, desk.body["role"], desk.body.get("role_name"))
    return shapes.collaborator(desk.hub, row, member, desk.body["role"])


def protect(desk: Desk, owner: str, name: str) -> Json:
    row = desk.repo(owner, name)
    repos.protect(desk.hub, row, desk.body["pattern"], desk.body.get("settings", {}))
    return row.protections


def set_rules(desk: Desk, owner: str, name: str) -> list[Json]:
    row = desk.repo(owner, name)
    row.rules = desk.body["rules"]
    desk.hub.store.repos.save(row)
    return row.rules


def merge(desk: Desk, owner: str, name: str, number: int) -> Json:
    return {"sha": pulls.merge(desk.hub, desk.repo(owner, name), number, desk.viewer()).merge_sha}


def end_check(desk: Desk, owner: str, name: str, run_id: int) -> Json:
    row, repo = desk.hub.store.checks.get(run_id), desk.repo(owner, name)
    if row is None:
        raise not_found()
    bot = desk.hub.ensure_user("github-actions[bot]")
    checks.update(desk.hub, repo, row, bot, desk.body)
    return check_shapes.run(desk.hub, repo, row)


def get_app(desk: Desk) -> Json:
    app = desk.hub.app
    bot = desk.hub.store.users[app.bot_id]
    keys = {"private_key": desk.hub.private_key, "bot_login": bot.login, "bot_id": bot.id}
    return users.app(desk.hub, app) | keys | {"hook_url": app.hook_url, "hook_secret": app.hook_secret}


def change_app(desk: Desk) -> Json:
    for name in ("hook_url", "hook_secret", "permissions", "events"):
        if name in desk.body:
            setattr(desk.hub.app, name, desk.body[name])
    desk.hub.store.apps.save(desk.hub.app)
    return get_app(desk)


def install(desk: Desk) -> Json:
    names = desk.body.get("repos")
    chosen = None if names is None else [desk.repo(*name.split("/")) for name in names]
    account = desk.hub.ensure_user(desk.body["account"])
    return users.installation(desk.hub, repos.install(desk.hub, account, chosen))


def change_installation(desk: Desk, installation_id: int) -> Json:
    row = desk.installation(installation_id)
    sender = desk.user() if "as" in desk.body else desk.hub.store.users[row.account_id]
    return users.installation(desk.hub, repos.change_installation(desk.hub, row, sender, desk.body))


def uninstall(desk: Desk, installation_id: int) -> None:
    row = desk.installation(installation_id)
    repos.uninstall(desk.hub, row, desk.user() if "as" in desk.body else desk.hub.store.users[row.account_id])


def expire_tokens(desk: Desk) -> None:
    for token in desk.hub.store.tokens:
        if token.installation_id is not None:
            token.expires = 0
            desk.hub.store.tokens.save(token)


def list_pushes(desk: Desk) -> list[Json]:
    store = desk.hub.store
    named: Callable[[Any], Json] = lambda row: {  # noqa: E731 - one shape, used once
        "repo": store.full_name(store.repos[row.repo_id]),
        "actor": store.users[row.user_id].login,
    }
    return [vars(row) | named(row) for row in store.pushes]


def list_deliveries(desk: Desk) -> list[Json]:
    return [deliveries.whole(desk.hub, row) for row in desk.hub.store.deliveries]


def wait_for_deliveries(desk: Desk) -> Json:
    return {"idle": desk.hub.sender.wait(float(desk.body.get("seconds", 10)))}


def redeliver(desk: Desk, delivery_id: int) -> Json:
    row = desk.hub.store.deliveries.get(delivery_id)
    if row is None:
        raise not_found()
    return deliveries.item(desk.hub.sender.redeliver(row))


def get_settings(desk: Desk) -> Json:
    return vars(desk.hub.settings)


def change_settings(desk: Desk) -> Json:
    return vars(desk.hub.tune(desk.body))


def clear_limits(desk: Desk) -> None:
    desk.hub.limits.clear()


# Not under the lock: they wait for others, or run git.
FREE = (wait_for_deliveries, create_repo, merge, admin_look.look)

TABLE: list[tuple[str, str, Action]] = [
    ("POST", "/_admin/users", create_user),
    ("POST", "/_admin/users/<login>/token", user_token),
    ("POST", "/_admin/repos", create_repo),
    ("GET", REPO, get_repo),
    ("PATCH", REPO, change_repo),
    ("DELETE", REPO, delete_repo),
    ("PUT", REPO + "/roles/<login>", set_role),
    ("PUT", REPO + "/protection", protect),
    ("PUT", REPO + "/rules", set_rules),
    ("POST", REPO + "/pulls/<int:number>/merge", merge),
    ("POST", REPO + "/check-runs/<int:run_id>", end_check),
    ("GET", "/_admin/app", get_app),
    ("PATCH", "/_admin/app", change_app),
    ("POST", "/_admin/installations", install),
    ("PATCH", "/_admin/installations/<int:installation_id>", change_installation),
    ("DELETE", "/_admin/installations/<int:installation_id>", uninstall),
    ("POST", "/_admin/tokens/expire", expire_tokens),
    ("GET", "/_admin/pushes", list_pushes),
    ("GET", "/_admin/deliveries", list_deliveries),
    ("POST", "/_admin/deliveries/wait", wait_for_deliveries),
    ("POST", "/_admin/deliveries/<int:delivery_id>/redeliver", redeliver),
    ("GET", "/_admin/settings", get_settings),
    ("PATCH", "/_admin/settings", change_settings),
    ("POST", "/_admin/limits/clear", clear_limits),
    *admin_talk.TABLE,
    *admin_look.TABLE_LOOK,
]


def mount(app: Flask, hub: Hub) -> None:
    """Every line of the table."""
    for index, (method, rule, action) in enumerate(TABLE):
        app.add_url_rule(rule, f"admin-{index}", _view(hub, action), methods=[method])


def _view(hub: Hub, action: Action) -> Callable[..., Response]:
    def view(**path: Any) -> Response:
        try:
            desk = Desk(hub, request.get_json(silent=True) or {})
            if action in FREE:
                return reply(Answer(200, action(desk, **path)))
            with hub.lock:
                return reply(Answer(200, action(desk, **path)))
        except Refused as error:
            return reply(Answer(error.status, error.body()))
        except (ValueError, KeyError, AttributeError) as error:
            return reply(Answer(422, {"message": f"{type(error).__name__}: {error}"}))

    return view
