"""The front page, signing in, people, avatars."""

from __future__ import annotations

from pathlib import Path

from flask import redirect, request
from werkzeug.wrappers import Response

from devkit.github import auth
from devkit.github.auth import Viewer
from devkit.github.errors import not_found
from devkit.github.pages.desk import COOKIE, Page, View

COLOURS = ("#0969da", "#1a7f37", "#9a6700", "#bc4c00", "#cf222e", "#8250df", "#bf3989", "#57606a")


def front(page: Page) -> Response:
    viewer = Viewer("user", page.user) if page.user else Viewer()
    seen = [row for row in page.hub.store.repos if not row.deleted and auth.can_see(page.hub, viewer, row)]
    return page.show("home.html", repos=seen)


def sign_in(page: Page) -> Response:
    """Sign in as any person: ``/_login?as=LOGIN&to=/address``."""
    login, target = request.values.get("as", ""), request.values.get("to", "/")
    answer = redirect(target if target.startswith("/") and not target.startswith("//") else "/")
    answer.set_cookie(COOKIE, login, samesite="Lax")
    return answer


def person(page: Page, login: str) -> Response:
    row = page.hub.store.user_named(login)
    if row is None:
        raise not_found()
    page_repos = [repo for repo in page.hub.store.repos if repo.owner_id == row.id and not repo.deleted]
    viewer = Viewer("user", page.user) if page.user else Viewer()
    return page.show(
        "home.html", repos=[repo for repo in page_repos if auth.can_see(page.hub, viewer, repo)], owner=row
    )


def avatar(page: Page, user_id: int) -> Response:
    row = page.hub.store.users.get(user_id)
    letter = row.login[0].upper() if row else "?"
    colour = COLOURS[user_id % len(COLOURS)]
    shape = '<rect width="40" height="40" rx="8"' if row and row.type == "Bot" else '<circle cx="20" cy="20" r="20"'
    text = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 40">{shape} fill="{colour}"/>'
        '<text x="20" y="27" font-family="sans-serif" font-size="20" fill="#fff" text-anchor="middle">'
        f"{letter}</text></svg>"
    )
    return Response(text, content_type="image/svg+xml", headers={"Cache-Control": "max-age=3600"})


STATIC = {"style.css": "text/css; charset=utf-8", "page.js": "text/javascript; charset=utf-8"}


def static(page: Page, name: str) -> Response:
    if name not in STATIC:
        raise not_found()
    text = Path(__file__).parent.with_name("static").joinpath(name).read_bytes()
    return Response(text, content_type=STATIC[name], headers={"Cache-Control": "max-age=60"})


TABLE: list[tuple[str, str, View]] = [
    ("GET", "/", front),
    ("GET", "/_login", sign_in),
    ("POST", "/_login", sign_in),
    ("GET", "/_avatars/<int:user_id>.svg", avatar),
    ("GET", "/_static/<name>", static),
    ("GET", "/<login>", person),
]
