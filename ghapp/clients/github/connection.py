"""PyGithub's connection, over our wire.

PyGithub lets the connection class be chosen. Ours turns every answer that is not good into the errors of
`ghapp.clients` before PyGithub sees it: one classification for its calls and raw ones, no redirect followed, no POST
repeated.
"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

from ghapp.clients.errors import Retry, Uncertain
from ghapp.clients.github.budget import Budget
from ghapp.clients.github.classify import problem
from ghapp.clients.wire import SAFE, Reply, Wire

if TYPE_CHECKING:
    from github import Github
    from github.Auth import Auth

READ_TRIES = 3
READ_PAUSE = 0.1
USER_AGENT = "dev-task-orchestrator"
API_VERSION = "2022-11-28"
_injecting = threading.Lock()


class Answer:
    """What PyGithub reads from a response."""

    def __init__(self, reply: Reply) -> None:
        self.status = reply.status
        self._reply = reply

    def getheaders(self) -> list[tuple[str, str]]:
        """Header pairs."""
        return list(self._reply.headers.items())

    def read(self) -> str:
        """The body."""
        return self._reply.body.decode("utf-8", "replace")


def call(wire: Wire, budget: Budget, method: str, path: str, headers: dict[str, str], content: bytes | None) -> Reply:
    """One call under the budget; a read is tried three times while it fails fast. Raises `ghapp.clients.errors`."""
    began = time.monotonic()
    for last in range(READ_TRIES if method in SAFE else 1, 0, -1):
        wait = budget.wait(write=method not in SAFE)
        if wait > 0:
            raise Retry(f"{method} {path.partition('?')[0]}: waiting for the rate limit", wait)
        try:
            return _once(wire, budget, method, path, headers, content)
        except Retry as trouble:
            if last == 1 or trouble.after is not None or time.monotonic() - began > wire.deadline / 2:
                raise
            time.sleep(READ_PAUSE * (READ_TRIES + 1 - last))
    raise AssertionError("unreachable")


def _once(wire: Wire, budget: Budget, method: str, path: str, headers: dict[str, str], content: bytes | None) -> Reply:
    try:
        reply = wire.send(method, path, headers, content)
    except Uncertain as trouble:
        error = problem(method, path, Reply(599, {}, b""), 0)
        raise type(error or trouble)(str(trouble)) from None
    error = problem(method, path, reply, time.time())
    if error is None:
        return reply
    if isinstance(error, Retry) and error.after is not None:
        budget.paused(error.after)
    raise error


def github(auth: Auth, wire: Wire, budget: Budget) -> Github:
    """A lazy PyGithub client whose every request goes through `wire` and `budget`."""
    from github import Github
    from github.Requester import Requester

    class Connection:
        """Bound to one wire; PyGithub makes it with host and port, which the wire knows already."""

        def __init__(self, host: str, *_: Any, **__: Any) -> None:
            self.host = host
            self._reply: Reply | None = None

        def request(self, verb: str, url: str, input: Any, headers: dict[str, str], stream: bool = False) -> None:
            content = input.encode() if isinstance(input, str) else input
            self._reply = call(wire, budget, verb, url, headers, content)

        def getresponse(self) -> Answer:
            assert self._reply is not None
            return Answer(self._reply)

        def close(self) -> None:
            pass

    with _injecting:  # the choice is global in PyGithub; a client keeps the class that it was made with
        Requester.injectConnectionClasses(Connection, Connection)  # type: ignore[arg-type]
        try:
            return Github(
                auth=auth,
                base_url=wire.base_url,
                user_agent=USER_AGENT,
                lazy=True,
                retry=None,
                seconds_between_requests=0,
                seconds_between_writes=0,
                per_page=100,
                api_version=API_VERSION,
            )
        finally:
            Requester.resetConnectionClasses()
