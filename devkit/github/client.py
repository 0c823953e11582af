"""Talking to a running stand-in from tests and the demo, in the words of people: ``World(url)``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx

from devkit.github.hub import API
from devkit.github.model import Json
from devkit.rig import RigClient


class World:
    """The admin surface of the stand-in at ``url``. httpx.HTTPStatusError carries the stand-in's refusal."""

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        self.api_url = self.url + API
        self.rig = RigClient(self.url)
        self._http = httpx.Client(base_url=f"{self.url}/_admin", timeout=60, trust_env=False, verify=False)

    def close(self) -> None:
        self._http.close()

    def _ask(self, method: str, path: str, **body: Any) -> Any:
        answer = self._http.request(method, path, json=body)
        if answer.is_error:
            message = f"{method} {path}: {answer.status_code} {answer.text}"
            raise httpx.HTTPStatusError(message, request=answer.request, response=answer)
        return answer.json() if answer.content else None

    # -- the App ------------------------------------------------------------------------------------------------

    def app(self) -> Json:
        """id, slug, bot_login, bot_id, private_key (PEM), hook_url, permissions, events."""
        return dict(self._ask("GET", "/app"))

    def app_key(self) -> str:
        return str(self.app()["private_key"])

    def hook(self, url: str, secret: str) -> None:
        """Send webhooks there from now on."""
        self._ask("PATCH", "/app", hook_url=url, hook_secret=secret)

    def install(self, account: str, repos: Sequence[str] | None = None) -> int:
        """Install the App on an account (these ``owner/name``, or all); the installation's id."""
        body: Json = {"account": account} | ({} if repos is None else {"repos": list(repos)})
        return int(self._ask("POST", "/installations", **body)["id"])

    def change_installation(self, installation_id: int, **changes: Any) -> Json:
        """suspended, permissions, events, repository_ids, selection."""
        return dict(self._ask("PATCH", f"/installations/{installation_id}", **changes))

    def uninstall(self, installation_id: int) -> None:
        self._ask("DELETE", f"/installations/{installation_id}")

    def expire_tokens(self) -> None:
        self._ask("POST", "/tokens/expire")

    # -- people and repositories --------------------------------------------------------------------------------

    def user(self, login: str, user_id: int | None = None, kind: str = "User") -> Json:
        """A user (made when new); kind is User, Bot or Organization."""
        return dict(self._ask("POST", "/users", login=login, type=kind, id=user_id))

    def token(self, login: str) -> str:
        """A personal token, to call the API as that person."""
        return str(self._ask("POST", f"/users/{login}/token")["token"])

    def repo(
        self, name: str, from_bare: Path | str | None = None, private: bool = True, default_branch: str = ""
    ) -> Json:
        """A repository ``owner/name``, with the branches and tags of ``from_bare`` (any repository on this disk)."""
        source = str(from_bare) if from_bare else None
        return dict(
            self._ask("POST", "/repos", name=name, from_bare=source, private=private, default_branch=default_branch)
        )

    def change_repo(self, repo: str, /, **changes: Any) -> Json:
        """name (rename), owner (transfer), archived, private, description, default_branch."""
        return dict(self._ask("PATCH", f"/repos/{repo}", **changes))

    def delete_repo(self, name: str) -> None:
        self._ask("DELETE", f"/repos/{name}")

    def role(self, repo: str, login: str, role: str, role_name: str | None = None) -> None:
        self._ask("PUT", f"/repos/{repo}/roles/{login}", role=role, role_name=role_name)

    def protect(self, repo: str, pattern: str, **settings: Any) -> None:
        """Protect branches; without settings pushes need a reviewed pull request."""
        self._ask("PUT", f"/repos/{repo}/protection", pattern=pattern, settings=settings)

    def unprotect(self, repo: str, pattern: str) -> None:
        self._ask("PUT", f"/repos/{repo}/protection", pattern=pattern, settings=None)

    def rules(self, repo: str, *rules: Json) -> None:
        """Rulesets: ``{"type": "pull_request", "pattern": "main"}``."""
        self._ask("PUT", f"/repos/{repo}/rules", rules=list(rules))

    # -- people speak -------------------------------------------------------------------------------------------

    def issue(self, repo: str, author: str, title: str, body: str = "", labels: Sequence[str] = ()) -> int:
        """Open an issue; its number."""
        made = self._ask("POST", f"/repos/{repo}/issues", title=title, body=body, labels=list(labels), **{"as": author})
        return int(made["number"])

    def edit_issue(self, repo: str, number: int, user: str, **changes: Any) -> Json:
        """title, body, state (open, closed), locked."""
        return dict(self._ask("PATCH", f"/repos/{repo}/issues/{number}", **{"as": user}, **changes))

    def close_issue(self, repo: str, number: int, user: str) -> None:
        self.edit_issue(repo, number, user, state="closed")

    def delete_issue(self, repo: str, number: int, user: str) -> None:
        self._ask("DELETE", f"/repos/{repo}/issues/{number}", **{"as": user})

    def comment(self, repo: str, number: int, user: str, body: str) -> int:
        """Comment; its id."""
        return int(self._ask("POST", f"/repos/{repo}/issues/{number}/comments", body=body, **{"as": user})["id"])

    def edit_comment(self, comment_id: int, user: str, body: str, web: bool = True) -> Json:
        """Edit a comment; on the web lines end with CRLF."""
        return dict(self._ask("PATCH", f"/comments/{comment_id}", body=body, web=web, **{"as": user}))

    def delete_comment(self, comment_id: int, user: str) -> None:
        self._ask("DELETE", f"/comments/{comment_id}", **{"as": user})

    def tick(self, comment_id: int, user: str, box: str | int, shown: str | None = None) -> Json:
        """Tick or untick a box by its text or number; ``shown`` is the body the person looked at (409 if changed)."""
        extra = {} if shown is None else {"shown": shown}
        return dict(self._ask("POST", f"/comments/{comment_id}/tick", box=box, **extra, **{"as": user}))

    def label(self, repo: str, number: int, user: str, *names: str) -> None:
        self._ask("POST", f"/repos/{repo}/issues/{number}/labels", labels=list(names), **{"as": user})

    def unlabel(self, repo: str, number: int, user: str, name: str) -> None:
        self._ask("DELETE", f"/repos/{repo}/issues/{number}/labels/{name}", **{"as": user})

    def react(self, comment_id: int, user: str, content: str) -> None:
        self._ask("POST", f"/comments/{comment_id}/reactions", content=content, **{"as": user})

    def merge(self, repo: str, number: int, user: str) -> str:
        return str(self._ask("POST", f"/repos/{repo}/pulls/{number}/merge", **{"as": user})["sha"])

    def end_check(self, repo: str, run_id: int, conclusion: str) -> None:
        """End a workflow's check run."""
        self._ask("POST", f"/repos/{repo}/check-runs/{run_id}", conclusion=conclusion)

    # -- looking ------------------------------------------------------------------------------------------------

    def look(self, repo: str, path: str = "") -> Any:
        """Any answer about a repository, seen as its owner, every page of a list."""
        return self._ask("GET", f"/look/{repo}{path}")

    def read_issue(self, repo: str, number: int) -> Json:
        return dict(self.look(repo, f"/issues/{number}"))

    def comments(self, repo: str, number: int) -> list[Json]:
        """All comments of an issue, oldest first."""
        return list(self.look(repo, f"/issues/{number}/comments"))

    def reactions(self, repo: str, number: int, comment_id: int | None = None) -> list[str]:
        """Contents of the reactions on the issue, or on one of its comments."""
        path = f"/issues/comments/{comment_id}" if comment_id else f"/issues/{number}"
        return [row["content"] for row in self.look(repo, f"{path}/reactions")]

    def labels(self, repo: str, number: int) -> list[str]:
        return [row["name"] for row in self.read_issue(repo, number)["labels"]]

    def branch(self, repo: str, name: str) -> str | None:
        """The commit at the head of a branch; None when there is no such branch."""
        return self.branches(repo).get(name)

    def branches(self, repo: str) -> dict[str, str]:
        return {row["name"]: row["commit"]["sha"] for row in self.look(repo, "/branches")}

    def check_runs(self, repo: str, sha: str) -> list[Json]:
        return list(self.look(repo, f"/commits/{sha}/check-runs")["check_runs"])

    def pushes(self) -> list[Json]:
        """repo, ref, before, after, actor, forced, oldest first."""
        return list(self._ask("GET", "/pushes"))

    def clone_url(self, repo: str) -> str:
        return f"{self.url}/{repo}.git"

    def bare(self, repo: str) -> Path:
        """Where the bare repository lies, for tests on the same machine."""
        return Path(str(self._ask("GET", f"/repos/{repo}/where")["path"]))

    # -- webhooks and limits ------------------------------------------------------------------------------------

    def deliveries(self, event: str | None = None) -> list[Json]:
        """The delivery log with requests and responses, oldest first."""
        return [row for row in self._ask("GET", "/deliveries") if event in (None, row["event"])]

    def wait(self, seconds: float = 10.0) -> bool:
        """Whether every webhook was sent within ``seconds``."""
        return bool(self._ask("POST", "/deliveries/wait", seconds=seconds)["idle"])

    def redeliver(self, delivery_id: int) -> None:
        self._ask("POST", f"/deliveries/{delivery_id}/redeliver")

    def tune(self, **settings: Any) -> Json:
        """Change limits and lags (``config.Settings``)."""
        return dict(self._ask("PATCH", "/settings", **settings))

    def clear_limits(self) -> None:
        self._ask("POST", "/limits/clear")
