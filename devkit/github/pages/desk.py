"""What every page needs: who is signed in, the repository, templates, refusals as pages."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from flask import Flask, make_response, render_template, request
from werkzeug.wrappers import Response

from devkit.github import auth
from devkit.github.auth import Viewer
from devkit.github.errors import Refused, not_found
from devkit.github.hub import Hub
from devkit.github.markdown import render
from devkit.github.model import Repo, User, now

View = Callable[..., Any]
COOKIE = "devkit_login"


class Page:
    """One request of a person: the hub, the person (None: nobody signed in) and the repository of the address."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub
        self.user: User | None = hub.store.user_named(request.cookies.get(COOKIE, ""))
        self.found: Repo | None = None

    @property
    def viewer(self) -> Viewer:
        """The person as a caller. 401 when nobody is signed in."""
        if self.user is None:
            raise Refused(401, "Sign in first: choose who you are at the top of the page.")
        return auth.person(self.user)

    @property
    def repo(self) -> Repo:
        if self.found is None:
            raise not_found()
        return self.found

    def open(self, owner: str, name: str) -> None:
        """Find the repository. 404 for what this person cannot see."""
        repo = self.hub.store.repo_named(f"{owner}/{name}")
        viewer = Viewer("user", self.user) if self.user else Viewer()
        if repo is None or not auth.can_see(self.hub, viewer, repo):
            raise not_found()
        self.found = repo

    def link(self, path: str = "") -> str:
        return self.hub.web(self.repo, path)

    def markdown(self, body: str | None) -> str:
        return render(body, self.link() if self.found else "", self.hub.base)

    def show(self, template: str, status: int = 200, **values: Any) -> Response:
        """Render a template with what all of them use."""
        people = sorted(user.login for user in self.hub.store.users if user.type == "User")
        text = render_template(template, page=self, hub=self.hub, people=people, ago=ago, when=when, **values)
        return make_response(text, status)


def ago(seconds: float | None) -> str:
    """``3 minutes ago``."""
    passed = max(0, int(now() - (seconds or 0)))
    for size, word in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if passed >= size:
            number = passed // size
            return f"{number} {word}{'' if number == 1 else 's'} ago"
    return "now"


def when(seconds: float | None) -> str:
    return datetime.fromtimestamp(seconds or 0, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def add(app: Flask, hub: Hub, method: str, rule: str, view: View) -> None:
    """Put one page at its address."""

    def answer(**path: Any) -> Any:
        page = Page(hub)
        try:
            if "owner" in path:
                page.open(path.pop("owner"), path.pop("name"))
            return view(page, **path)
        except Refused as error:
            return page.show("refused.html", error.status, message=error.message)

    app.add_url_rule(rule, f"page-{method}-{rule}", answer, methods=[method], strict_slashes=False)
