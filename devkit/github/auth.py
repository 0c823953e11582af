"""Who is calling and what they may: App JWTs, installation tokens, people's tokens."""

from __future__ import annotations

import base64
import binascii
import secrets
from dataclasses import dataclass, field

from devkit.github.errors import Refused
from devkit.github.hub import Hub
from devkit.github.model import App, Installation, Repo, Token, User, now

LEVELS = {"none": 0, "read": 1, "write": 2, "admin": 3}
ROLES = {"none": 0, "read": 1, "triage": 2, "write": 3, "maintain": 4, "admin": 5}
# What a person's role must be for a permission of the table; None: people never (only Apps write checks).
ROLE_FOR = {"write": "write", "admin": "admin", "read": "read"}


@dataclass(frozen=True)
class Viewer:
    """The caller. ``permissions`` is set for installation tokens only."""

    kind: str = "anonymous"  # anonymous | app | installation | user
    user: User | None = None
    app: App | None = None
    installation: Installation | None = None
    permissions: dict[str, str] = field(default_factory=dict)
    repository_ids: frozenset[int] | None = None

    @property
    def name(self) -> str:
        if self.installation is not None:
            return f"installation-{self.installation.id}"
        return f"{self.kind}-{self.user.id if self.user else 0}"

    @property
    def app_id(self) -> int | None:
        return self.app.id if self.app else None


def person(user: User) -> Viewer:
    return Viewer("user", user)


def credential(header: str) -> str:
    """The secret of an Authorization header: ``token``, ``Bearer``, or the password of ``Basic``."""
    scheme, _, value = header.partition(" ")
    if scheme.lower() != "basic":
        return value.strip()
    try:
        name, _, password = base64.b64decode(value, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "malformed"
    return password if password and password != "x-oauth-basic" else name


def authenticate(hub: Hub, header: str | None) -> Viewer:
    """The viewer of an Authorization header. Refused: 401 for anything unknown or expired."""
    if not header:
        return Viewer()
    value = credential(header)
    if value.count(".") == 2 and not value.startswith("gh"):
        return Viewer("app", app=_app_of(hub, value))
    token = hub.store.by_token.get(value)
    if token is None or token.expires <= now():
        raise Refused(401, "Bad credentials")
    if token.user_id is not None:
        return person(hub.store.users[token.user_id])
    return _installation_viewer(hub, token)


def _installation_viewer(hub: Hub, token: Token) -> Viewer:
    installation = hub.store.installations.get(token.installation_id or 0)
    if installation is None:
        raise Refused(401, "Bad credentials")
    if installation.suspended is not None:
        raise Refused(403, "This installation has been suspended")
    app = hub.store.apps[installation.app_id]
    granted = {
        name: level
        for name, level in token.permissions.items()
        if LEVELS[level] <= LEVELS[installation.permissions.get(name, "none")]
    }
    chosen = None if token.repository_ids is None else frozenset(token.repository_ids)
    return Viewer("installation", hub.store.users[app.bot_id], app, installation, granted, chosen)


def _app_of(hub: Hub, value: str) -> App:
    import jwt

    try:
        issuer = str(jwt.decode(value, options={"verify_signature": False}).get("iss"))
        app = next((a for a in hub.store.apps if issuer in (str(a.id), client_id(a))), None)
        if app is None:
            raise Refused(404, "Integration not found")
        claims = jwt.decode(
            value,
            app.public_key,
            algorithms=["RS256"],
            leeway=60,
            options={"require": ["exp", "iat", "iss"], "verify_iat": True},
        )
    except jwt.ExpiredSignatureError as error:
        message = (
            "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the "
            "assertion expires"
        )
        raise Refused(401, message) from error
    except jwt.PyJWTError as error:
        raise Refused(401, "A JSON web token could not be decoded") from error
    if claims["exp"] > now() + 600 + 60:
        raise Refused(401, "'Expiration time' claim ('exp') is too far in the future")
    return app


def client_id(app: App) -> str:
    return f"Iv23li{app.id:014d}"


def mint(hub: Hub, installation: Installation, permissions: dict[str, str], repository_ids: list[int] | None) -> Token:
    """A fresh installation token, living ``token_seconds``."""
    if hub.settings.long_tokens:
        parts = ".".join(secrets.token_urlsafe(size) for size in (24, 300, 48))
        value = f"ghs_{installation.app_id}_{parts}"
    else:
        value = "ghs_" + secrets.token_hex(18)
    token = Token(hub.store.next_id(), value, now() + hub.settings.token_seconds)
    token.installation_id, token.permissions, token.repository_ids = installation.id, permissions, repository_ids
    return hub.store.add_token(token)


def personal_token(hub: Hub, user: User) -> Token:
    """A person's token that lives a year."""
    token = Token(hub.store.next_id(), "ghp_" + secrets.token_hex(18), now() + 365 * 86400, user_id=user.id)
    return hub.store.add_token(token)


def role(hub: Hub, repo: Repo, user: User | None) -> str:
    """none, read, triage, write, maintain or admin: what this user is on this repository."""
    public = "none" if repo.private else "read"
    if user is None:
        return public
    if user.id == repo.owner_id:
        return "admin"
    given = repo.roles.get(str(user.id), "none")
    return given if ROLES[given] > ROLES[public] else public


def covers(installation: Installation, repo: Repo) -> bool:
    """Whether an installation is on this repository; a transfer to another account ends it."""
    if repo.owner_id != installation.account_id:
        return False
    return installation.selection == "all" or repo.id in installation.repository_ids


def can_see(hub: Hub, viewer: Viewer, repo: Repo) -> bool:
    if viewer.kind == "installation" and viewer.installation is not None:
        if covers(viewer.installation, repo):
            return viewer.repository_ids is None or repo.id in viewer.repository_ids
        return not repo.private
    if viewer.kind == "app":
        return not repo.private or any(covers(i, repo) for i in hub.store.installations if i.app_id == viewer.app_id)
    return role(hub, repo, viewer.user) != "none"


def allows(granted: dict[str, str], alternative: str) -> bool:
    """Whether ``a=read,b=write`` is all granted."""
    needs = [need.split("=") for need in alternative.split(",")]
    return all(LEVELS[granted.get(name, "none")] >= LEVELS[level] for name, level in needs)


def may(hub: Hub, viewer: Viewer, repo: Repo, accepted: str) -> bool:
    """Whether the viewer has one of the alternatives ``a=read,b=write; c=read`` on this repository."""
    alternatives = [part.strip() for part in accepted.split(";")]
    if viewer.kind == "installation" and viewer.installation is not None:
        return _installation_may(viewer.installation, viewer.permissions, repo, alternatives)
    if viewer.kind == "app":
        return False
    return any(_person_may(hub, viewer, repo, alternative) for alternative in alternatives)


def _installation_may(
    installation: Installation, permissions: dict[str, str], repo: Repo, alternatives: list[str]
) -> bool:
    if covers(installation, repo):
        return any(allows(permissions, alternative) for alternative in alternatives)
    if repo.private:
        return any(allows({"metadata": "read"}, alternative) for alternative in alternatives)
    return all("=write" not in alternative for alternative in alternatives)


def _person_may(hub: Hub, viewer: Viewer, repo: Repo, alternative: str) -> bool:
    if alternative.startswith("checks=write"):
        return False
    if viewer.user is None:
        return "=write" not in alternative and not repo.private
    return ROLES[role(hub, repo, viewer.user)] >= ROLES["read" if _open_to_readers(alternative) else _role(alternative)]


def _open_to_readers(alternative: str) -> bool:
    # Readers open issues and comment; the handlers ask for more where more is needed.
    return alternative in ("issues=write", "pull_requests=write")


def _role(alternative: str) -> str:
    levels = [need.split("=")[1] for need in alternative.split(",")]
    return ROLE_FOR[max(levels, key=LEVELS.__getitem__)]
