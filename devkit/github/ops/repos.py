"""Repositories, roles, installations: what happens in GitHub's settings pages."""

from __future__ import annotations

import os
from typing import Any

from devkit.github import auth, gitrepo
from devkit.github.hooks import events
from devkit.github.hub import Hub
from devkit.github.model import Installation, Json, Repo, User, now
from devkit.github.shapes import users

PROTECTED: Json = {"required_reviews": 1, "enforce_admins": True}


def create(hub: Hub, full_name: str, private: bool = True, from_bare: str | None = None, branch: str = "") -> Repo:
    """A repository of an existing or new owner, empty or with all branches and tags of another one on this disk."""
    owner_login, _, name = full_name.partition("/")
    owner = hub.ensure_user(owner_login)
    if hub.store.repo_named(full_name) is not None:
        raise ValueError(f"{full_name} exists")
    source = os.path.abspath(from_bare) if from_bare else None  # noqa: PTH100 - no symlink is followed
    default = branch or (gitrepo.default_branch_of(source) if source else "main")
    row = Repo(hub.store.next_id(), owner.id, name, private, default)
    gitrepo.create(hub, row, source)
    row.pushed = now() if source else None
    hub.store.repos.save(row)
    for installation in hub.store.installations:
        if installation.selection == "all" and installation.account_id == owner.id:
            events.installation_repositories(hub, installation, owner, [row], [])
    events.repository(hub, "created", row, owner)
    return row


def set_role(hub: Hub, repo: Repo, user: User, role: str, role_name: str | None = None) -> None:
    """Give a role; ``role_name`` is a custom role built on it. ValueError: no such role."""
    if role not in auth.ROLES:
        raise ValueError(f"no role {role}")
    repo.roles[str(user.id)] = role
    repo.role_names.pop(str(user.id), None)
    if role_name:
        repo.role_names[str(user.id)] = role_name
    hub.store.repos.save(repo)


def change(hub: Hub, repo: Repo, sender: User, changes: Json) -> None:
    """Rename, transfer, archive, change visibility, description or default branch; each sends its event."""
    if "name" in changes and changes["name"] != repo.name:
        old = repo.name
        _remember(hub, repo)
        repo.name = changes["name"]
        _done(hub, repo, "renamed", sender, {"repository": {"name": {"from": old}}})
    if "owner" in changes:
        old_owner = hub.store.users[repo.owner_id]
        _remember(hub, repo)
        repo.owner_id = hub.ensure_user(changes["owner"]).id
        _done(hub, repo, "transferred", sender, {"owner": {"from": {"user": users.user(hub, old_owner)}}})
    if "archived" in changes and changes["archived"] != repo.archived:
        repo.archived = changes["archived"]
        _done(hub, repo, "archived" if repo.archived else "unarchived", sender)
    if "private" in changes and changes["private"] != repo.private:
        repo.private = changes["private"]
        _done(hub, repo, "privatized" if repo.private else "publicized", sender)
    _edit(hub, repo, sender, changes)


def _edit(hub: Hub, repo: Repo, sender: User, changes: Json) -> None:
    old: Json = {}
    for name in ("description", "default_branch", "squash_merge_commit_message"):
        if name in changes and changes[name] != getattr(repo, name):
            old[name] = {"from": getattr(repo, name)}
            setattr(repo, name, changes[name])
    if "default_branch" in old:
        gitrepo.git(hub, repo, "symbolic-ref", "HEAD", f"refs/heads/{repo.default_branch}")
    if old:
        _done(hub, repo, "edited", sender, old)


def _remember(hub: Hub, repo: Repo) -> None:
    repo.old_names.append(hub.store.full_name(repo).lower())


def _done(hub: Hub, repo: Repo, action: str, sender: User, changes: Json | None = None) -> None:
    repo.updated = now()
    hub.store.repos.save(repo)
    events.repository(hub, action, repo, sender, changes)


def delete(hub: Hub, repo: Repo, sender: User) -> None:
    events.repository(hub, "deleted", repo, sender)
    repo.deleted = True
    hub.store.repos.save(repo)
    gitrepo.remove(hub, repo)


def protect(hub: Hub, repo: Repo, pattern: str, settings: Json | None) -> None:
    """Protect branches by pattern (an empty dict takes the default: a reviewed pull request); None unprotects."""
    if settings is None:
        repo.protections.pop(pattern, None)
    else:
        repo.protections[pattern] = settings or dict(PROTECTED)
    hub.store.repos.save(repo)


def install(hub: Hub, account: User, repos: list[Repo] | None) -> Installation:
    """Install the App on an account for these repositories, or for all; an installation that is there is widened."""
    for row in hub.store.installations:
        if row.account_id == account.id and row.app_id == hub.app.id:
            if repos is not None:
                choose(hub, row, account, sorted({*row.repository_ids, *(repo.id for repo in repos)}))
            return row
    row = Installation(hub.store.next_id(), hub.app.id, account.id, dict(hub.app.permissions), list(hub.app.events))
    row.selection = "all" if repos is None else "selected"
    row.repository_ids = [repo.id for repo in repos or []]
    hub.store.installations.save(row)
    events.installation(hub, "created", row, account)
    return row


def choose(hub: Hub, row: Installation, sender: User, repository_ids: list[int]) -> None:
    """Change which repositories an installation covers."""
    before, after = set(row.repository_ids), set(repository_ids)
    row.selection, row.repository_ids, row.updated = "selected", sorted(after), now()
    hub.store.installations.save(row)
    added = [hub.store.repos[i] for i in sorted(after - before)]
    removed = [hub.store.repos[i] for i in sorted(before - after)]
    events.installation_repositories(hub, row, sender, added, removed)


def change_installation(hub: Hub, row: Installation, sender: User, changes: Json) -> Installation:
    """suspended, permissions, events, repository_ids, selection."""
    if "permissions" in changes:
        row.permissions = dict(changes["permissions"])
        _saved(hub, row, "new_permissions_accepted", sender)
    if "events" in changes:
        row.events = list(changes["events"])
    if "repository_ids" in changes:
        choose(hub, row, sender, changes["repository_ids"])
    if "selection" in changes:
        row.selection = changes["selection"]
    if "suspended" in changes:
        on: Any = changes["suspended"]
        row.suspended, row.suspended_by_id = (now(), sender.id) if on else (None, None)
        _saved(hub, row, "suspend" if on else "unsuspend", sender)
    return hub.store.installations.save(row)


def _saved(hub: Hub, row: Installation, action: str, sender: User) -> None:
    row.updated = now()
    hub.store.installations.save(row)
    events.installation(hub, action, row, sender)


def uninstall(hub: Hub, row: Installation, sender: User) -> None:
    events.installation(hub, "deleted", row, sender)
    hub.store.installations.delete(row.id)
