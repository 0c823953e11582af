"""One repository's PyGithub objects per purpose, with a fresh token after a 401 and a checked new name after a 301."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from ghapp.clients.errors import Denied, Gone, Retry, Uncertain
from ghapp.clients.github.budget import Budget
from ghapp.clients.github.classify import Expired, Moved
from ghapp.clients.github.connection import github
from ghapp.clients.github.tokens import Tokens
from ghapp.clients.wire import Wire
from state.views import RepoRef

if TYPE_CHECKING:
    from github import Github
    from github.Repository import Repository

T = TypeVar("T")


class Session:
    """Work on one repository; its name is what GitHub last confirmed for its numeric id."""

    def __init__(self, repo: RepoRef, wire: Wire, tokens: Tokens, budget: Budget) -> None:
        self.repo = repo
        self.full_name = repo.full_name
        self._wire = wire
        self._tokens = tokens
        self._budget = budget
        self._clients: dict[str, tuple[str, Github]] = {}

    def run(self, work: Callable[[Repository], T], purpose: str = "talk", *, write: bool = False) -> T:
        """`work(repository)` with a token of `purpose`. Raises the errors of `ghapp.clients.errors`."""
        try:
            return self._attempt(work, purpose, write)
        except Expired:
            self._tokens.forget(self.repo, purpose)
        except Moved as moved:
            self._follow(moved)
        try:
            return self._attempt(work, purpose, write)
        except Expired as refusal:
            raise Denied(str(refusal), "credentials") from None
        except Moved as moved:
            raise Gone(str(moved), moved.location) from None

    def raw(self, method: str, path: str, body: Any = None, purpose: str = "talk") -> None:
        """A write below the repository's address whose answer says nothing that we need."""
        self.ask(method, path, lambda _: None, body, purpose)

    def ask(self, method: str, path: str, parse: Callable[[Any], T], body: Any = None, purpose: str = "talk") -> T:
        """A call below the repository's address that PyGithub lacks: its JSON, parsed."""

        def work(repository: Repository) -> T:
            address = f"/repos/{self.full_name}{path}"
            return parse(repository.requester.requestJsonAndCheck(method, address, input=body)[1])

        return self.run(work, purpose, write=method != "GET")

    def absolute(self, path: str, parse: Callable[[Any], T], purpose: str = "talk") -> T:
        """A read outside the repository's address: its JSON, parsed."""
        return self.run(lambda repository: parse(repository.requester.requestJsonAndCheck("GET", path)[1]), purpose)

    def _attempt(self, work: Callable[[Repository], T], purpose: str, write: bool) -> T:
        from github import GithubException
        from github.GithubException import BadAttributeException

        wrong_shape = (BadAttributeException, AssertionError, KeyError, TypeError, ValueError, AttributeError)
        try:
            return work(self._repository(purpose))
        except (GithubException, *wrong_shape) as answer:
            text = f"{self.full_name}: the answer was not understood ({type(answer).__name__})"
            raise (Uncertain(text) if write else Retry(text)) from answer

    def _repository(self, purpose: str) -> Repository:
        from github import Auth

        token = self._tokens.get(self.repo, purpose)
        kept = self._clients.get(purpose)
        if kept is None or kept[0] != token:
            kept = self._clients[purpose] = (token, github(Auth.Token(token), self._wire, self._budget))
        return kept[1].get_repo(self.full_name)

    def _follow(self, moved: Moved) -> None:
        """Take the repository's new name if it is the same repository; anything else that moved is gone."""
        try:
            found = self._attempt(
                lambda old: old.requester.requestJsonAndCheck("GET", f"/repositories/{self.repo.id}")[1], "talk", False
            )
        except (Expired, Moved, Gone):
            raise Gone(str(moved), moved.location) from None
        if int(found.get("id", 0)) != self.repo.id or found.get("full_name") in (None, self.full_name):
            raise Gone(str(moved), moved.location)
        self.full_name = str(found["full_name"])
