"""Which repository a path names, and whether this caller may do this to it."""

from __future__ import annotations

import re

from devkit.github import auth
from devkit.github.auth import Viewer
from devkit.github.errors import Refused, not_found, not_integration
from devkit.github.hub import Hub
from devkit.github.model import Json, Repo


def resolve(hub: Hub, viewer: Viewer, owner: str, name: str, full_path: str) -> Repo:
    """The repository a path names. 404 what the viewer cannot see; 301 to ``/repositories/ID`` after a rename."""
    full_name = f"{owner}/{name}"
    repo = hub.store.repo_named(full_name)
    if repo is None or not auth.can_see(hub, viewer, repo):
        raise not_found()
    if hub.store.full_name(repo).lower() != full_name.lower():
        rest = re.sub(r"^.*?/repos/[^/]+/[^/?]+", "", full_path).rstrip("?")
        target = hub.url(f"/repositories/{repo.id}{rest}")
        raise Moved(target)
    return repo


class Moved(Refused):
    """301 with the new address in header and body."""

    def __init__(self, target: str) -> None:
        super().__init__(301, "Moved Permanently", {"Location": target})
        self.target = target

    def body(self) -> Json:
        return {
            "message": self.message,
            "url": self.target,
            "documentation_url": "https://docs.github.com/rest/guides/best-practices-for-using-the-rest-api#follow-redirects",
        }


def by_id(hub: Hub, viewer: Viewer, repo_id: int) -> Repo:
    """The repository of that id. 404 what the viewer cannot see."""
    repo = hub.store.repos.get(repo_id)
    if repo is None or repo.deleted or not auth.can_see(hub, viewer, repo):
        raise not_found()
    return repo


def check_permission(hub: Hub, accepted: str, writes: bool, viewer: Viewer, repo: Repo) -> None:
    """403 without one of the accepted permissions, or when an archived repository would change."""
    if accepted and not auth.may(hub, viewer, repo, accepted):
        if viewer.kind == "installation":
            raise not_integration(accepted)
        raise Refused(403, "Must have admin rights to Repository." if "admin" in accepted else "Forbidden")
    if writes and repo.archived:
        raise Refused(403, "Repository was archived so is read-only.")
