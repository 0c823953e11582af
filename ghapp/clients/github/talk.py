"""What the bot says to and asks about one repository."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from datetime import datetime
from itertools import islice
from typing import Any
from urllib.parse import quote

from ghapp.clients.errors import Bug, ClientError, Denied, Gone, Retry, Unanswerable
from ghapp.clients.github import read
from ghapp.clients.github.budget import Budget
from ghapp.clients.github.facts import BranchFacts, CheckOutput, Comment, Issue, Label, RepoFacts
from ghapp.clients.github.origin import clone_url_belongs
from ghapp.clients.github.session import Session
from ghapp.clients.github.tokens import Tokens
from ghapp.clients.wire import Wire
from state.views import RepoRef

LIST_LIMIT = 1_000
PUSH_RULES = frozenset({"update", "pull_request", "non_fast_forward", "creation", "merge_queue"})


class Talk:
    """Every call is one effect or one question; all raise the errors of `ghapp.clients.errors`."""

    def __init__(self, repo: RepoRef, wire: Wire, tokens: Tokens, budget: Budget) -> None:
        self._session = Session(repo, wire, tokens, budget)
        self._api_url = wire.base_url
        self.repo = repo

    def permission(self, login: str, user_id: int) -> str:
        """admin, maintain, write, triage, read or none, asked now. Raises `Unanswerable` when GitHub cannot say, and
        `Retry` when it named the time to ask again.
        """
        try:
            path = f"/collaborators/{quote(login, safe='')}/permission"
            return self._session.ask("GET", path, lambda data: read.role(data, user_id))
        except Gone:
            return "none"
        except ClientError as trouble:
            if isinstance(trouble, Retry) and trouble.after is not None:
                raise
            raise Unanswerable(f"permission of user {user_id}: {trouble}") from trouble

    def issue(self, number: int) -> Issue:
        """The issue as it is now."""
        return self._session.run(lambda repo: read.issue(repo.get_issue(number).raw_data))

    def comment(self, comment_id: int) -> Comment:
        """The comment as it is now; `Gone` when it was deleted."""
        return self._session.run(lambda repo: read.comment(repo.get_issue(0).get_comment(comment_id).raw_data))

    def comments_since(self, number: int, since: datetime | None = None) -> tuple[Comment, ...]:
        """Comments of an issue that changed since then, oldest first, at most 1,000."""
        options: dict[str, Any] = {} if since is None else {"since": since}
        return self._session.run(
            lambda repo: tuple(
                read.comment(found.raw_data)
                for found in islice(repo.get_issue(number).get_comments(**options), LIST_LIMIT)
            )
        )

    def create_comment(self, number: int, body: str) -> Comment:
        """A new comment. `Uncertain` when it may have been made: read back by marker before trying again."""
        return self._session.run(
            lambda repo: read.comment(repo.get_issue(number).create_comment(body).raw_data), write=True
        )

    def edit_comment(self, comment_id: int, body: str) -> Comment:
        """The comment with another body; repeating it changes nothing."""
        return self._session.ask("PATCH", f"/issues/comments/{comment_id}", read.comment, {"body": body})

    def delete_comment(self, comment_id: int) -> None:
        """No error when it is gone already."""
        try:
            self._session.run(lambda repo: repo.get_issue(0).get_comment(comment_id).delete(), write=True)
        except Gone:
            return

    def react(self, content: str, *, issue: int | None = None, comment: int | None = None) -> None:
        """A reaction (`eyes`, `rocket`, `+1`, `confused`, `-1`) on an issue or a comment; one that is there stays."""
        path = f"/issues/comments/{comment}" if comment is not None else f"/issues/{issue}"
        self._session.raw("POST", f"{path}/reactions", {"content": content})

    def set_label(self, number: int, wanted: Label | None, ours: Collection[str]) -> None:
        """Exactly `wanted` of our labels on the issue; labels that are not `ours` are left alone."""
        has = self.issue(number).labels
        for name in (name for name in has if name in ours and (wanted is None or name != wanted.name)):
            try:
                self._session.raw("DELETE", f"/issues/{number}/labels/{quote(name, safe='')}")
            except Gone:
                continue
        if wanted is not None and wanted.name not in has:
            self._ensure_label(wanted)
            self._session.raw("POST", f"/issues/{number}/labels", {"labels": [wanted.name]})

    def create_check_run(self, sha: str, output: CheckOutput) -> int:
        """A check run on a commit; its id."""
        body = {"head_sha": sha, **read.check_body(output, annotated=True)}
        return self._session.ask("POST", "/check-runs", read.number, body)

    def update_check_run(self, check_run_id: int, output: CheckOutput) -> None:
        """The same check run with another state. GitHub adds annotations up, so only a completed one sends them."""
        body = read.check_body(output, annotated=output.status == "completed")
        self._session.raw("PATCH", f"/check-runs/{check_run_id}", body)

    def find_check_run(self, sha: str, external_id: str) -> int | None:
        """Our check run on a commit by its external id: the read-back after an `Uncertain` create."""
        path = f"/commits/{quote(sha, safe='')}/check-runs?filter=all&per_page=100"
        return self._session.ask("GET", path, lambda data: read.check_run(data, external_id))

    def repo_facts(self) -> RepoFacts:
        """The repository by its id. `Denied("origin")` if its clone address is not on the API's own host."""
        facts = self._session.absolute(f"/repositories/{self.repo.id}", read.repo)
        if facts.id != self.repo.id:
            raise Gone(f"repository {self.repo.id} is another one now")
        if not clone_url_belongs(facts.clone_url, self._api_url):
            raise Denied(f"repository {self.repo.id}: its clone address is not on the API's host", "origin")
        return facts

    def branch_facts(self, name: str) -> BranchFacts:
        """Whether a branch exists and what guards it. Signatures asked for by old-style protection are not visible."""
        rules = self._rules(name)
        guarded = bool(rules & PUSH_RULES)
        signed = "required_signatures" in rules
        try:
            sha, protected = self._session.ask("GET", f"/branches/{quote(name)}", read.branch, purpose="read")
        except Gone:
            return BranchFacts(name, exists=False, protected=guarded, signatures_required=signed)
        return BranchFacts(name, True, sha, protected or guarded, signed)

    def user_id(self, login: str) -> int:
        """The numeric id behind a login (approvers of the configuration). `Gone` if there is none."""
        return self._session.absolute(f"/users/{quote(login, safe='')}", read.number)

    def _rules(self, branch: str) -> frozenset[str]:
        try:
            return self._session.ask("GET", f"/rules/branches/{quote(branch)}?per_page=100", read.rules, purpose="read")
        except Gone:  # a server without rulesets
            return frozenset()

    def _ensure_label(self, label: Label) -> None:
        try:
            self._session.raw("GET", f"/labels/{quote(label.name, safe='')}")
            return
        except Gone:
            wanted = {"name": label.name, "color": label.color, "description": label.description}
        with suppress(Bug):  # somebody else made it in between
            self._session.raw("POST", "/labels", wanted)
