"""The App itself: its signed identity, tokens for one repository and purpose, and a `Talk` per repository."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ghapp.clients.errors import Denied
from ghapp.clients.github.budget import Budget, NoBudget
from ghapp.clients.github.classify import Expired
from ghapp.clients.github.connection import github
from ghapp.clients.github.talk import Talk
from ghapp.clients.github.tokens import Tokens
from ghapp.clients.wire import DEADLINE, Wire
from state.views import RepoRef

if TYPE_CHECKING:
    from github import Github

JWT_SECONDS = 540
CLOCK_SLACK = -60  # `iat` a minute back, since GitHub refuses a token from the future


@dataclass(frozen=True)
class AppIdentity:
    """Who we are on GitHub: `bot_login` is `<slug>[bot]`, `bot_id` its numeric user id."""

    app_id: int
    slug: str
    bot_login: str
    bot_id: int

    @property
    def noreply(self) -> str:
        """The address of commits: numeric id, so that a rename keeps them ours."""
        return f"{self.bot_id}+{self.bot_login}@users.noreply.github.com"


class GitHubApp:
    """Everything that is asked of GitHub. Safe for threads; nothing is called before it is needed.

    `budget(installation_id)` gives the shared limits; `on_token` is told each new token, for the redactor.
    """

    def __init__(
        self,
        app_id: int,
        private_key: str,
        api_url: str = "https://api.github.com",
        *,
        budget: Callable[[int], Budget] | None = None,
        on_token: Callable[[str], None] | None = None,
        deadline: float = DEADLINE,
    ) -> None:
        self.app_id = app_id
        self.api_url = api_url.rstrip("/")
        self.wire = Wire(api_url, deadline)
        self._private_key = private_key
        self._budget = budget or (lambda _: NoBudget())
        self._lock = threading.Lock()
        self._client: Github | None = None
        self._identity: AppIdentity | None = None
        self.tokens = Tokens(self._mint, on_token)

    def talk(self, repo: RepoRef) -> Talk:
        """Everything that is said and asked about one repository."""
        return Talk(repo, self.wire, self.tokens, self._budget(repo.installation_id))

    def token_for(self, repo: RepoRef, purpose: str) -> str:
        """A token for `talk`, `push`, `read` or `ci`. Raises `Denied`, `Retry`."""
        return self.tokens.get(repo, purpose)

    def identity(self, repo: RepoRef) -> AppIdentity:
        """Slug and bot user, asked once; the user is asked with the token of any repository that has the App."""
        if self._identity is None:
            slug = str(self.as_app("GET", "/app")["slug"])
            login = f"{slug}[bot]"
            self._identity = AppIdentity(self.app_id, slug, login, self.talk(repo).user_id(login))
        return self._identity

    def as_app(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """A call with the App's own JWT (delivery log, installations); the answer's JSON."""
        try:
            _, data = self._as_app().requester.requestJsonAndCheck(method, path, input=body)
        except Expired as refusal:
            raise Denied(str(refusal), "credentials") from None
        return data

    def close(self) -> None:
        """Close the kept connections."""
        self.wire.close()

    def _mint(self, installation_id: int, body: Mapping[str, Any]) -> Any:
        return self.as_app("POST", f"/app/installations/{installation_id}/access_tokens", body)

    def _as_app(self) -> Github:
        from github import Auth

        with self._lock:
            if self._client is None:
                auth = Auth.AppAuth(self.app_id, self._private_key, jwt_expiry=JWT_SECONDS, jwt_issued_at=CLOCK_SLACK)
                self._client = github(auth, self.wire, NoBudget())
            return self._client

    def __repr__(self) -> str:
        return f"GitHubApp({self.app_id}, {self.api_url})"
