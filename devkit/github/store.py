"""All rows in memory, written through to one SQLite table, so that a restart keeps them.

Reads never touch SQLite; a write costs one upsert without fsync (a killed process loses nothing, a power cut may).
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import asdict, is_dataclass
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

from devkit.github import model


class Row(Protocol):
    id: int


R = TypeVar("R", bound=Row)


class Table(Generic[R]):
    """Rows of one kind by id, oldest first."""

    def __init__(self, disk: Disk, kind: str, cls: type[R]) -> None:
        self._disk = disk
        self._kind = kind
        self.rows: dict[int, R] = {row_id: cls(**body) for row_id, body in disk.load(kind)}

    def __iter__(self) -> Iterator[R]:
        return iter(list(self.rows.values()))

    def __len__(self) -> int:
        return len(self.rows)

    def get(self, row_id: int) -> R | None:
        return self.rows.get(row_id)

    def __getitem__(self, row_id: int) -> R:
        return self.rows[row_id]

    def save(self, row: R) -> R:
        self.rows[row.id] = row
        self._disk.put(self._kind, row.id, vars(row))
        return row

    def delete(self, row_id: int) -> None:
        self.rows.pop(row_id, None)
        self._disk.drop(self._kind, row_id)


class Disk:
    """The SQLite file: (kind, id) -> JSON."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.Lock()
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=OFF")
        self._db.execute("CREATE TABLE IF NOT EXISTS rows(kind TEXT, id INTEGER, body TEXT, PRIMARY KEY(kind, id))")

    def load(self, kind: str) -> list[tuple[int, dict[str, Any]]]:
        found = self._db.execute("SELECT id, body FROM rows WHERE kind=? ORDER BY id", (kind,))
        return [(row_id, json.loads(body)) for row_id, body in found]

    def put(self, kind: str, row_id: int, body: dict[str, Any]) -> None:
        text = json.dumps(body)
        with self._lock:
            self._db.execute("INSERT OR REPLACE INTO rows VALUES(?,?,?)", (kind, row_id, text))

    def drop(self, kind: str, row_id: int) -> None:
        with self._lock:
            self._db.execute("DELETE FROM rows WHERE kind=? AND id=?", (kind, row_id))

    def close(self) -> None:
        with self._lock:
            self._db.close()


class Store:
    """Every table, one lock for check-then-write, and the id counter."""

    def __init__(self, data: Path) -> None:
        data.mkdir(parents=True, exist_ok=True)
        self.data = data
        self.lock = threading.RLock()
        disk = self._disk = Disk(data / "github.sqlite3")
        self.users = Table(disk, "user", model.User)
        self.repos = Table(disk, "repo", model.Repo)
        self.labels = Table(disk, "label", model.Label)
        self.issues = Table(disk, "issue", model.Issue)
        self.comments = Table(disk, "comment", model.Comment)
        self.reactions = Table(disk, "reaction", model.Reaction)
        self.pulls = Table(disk, "pull", model.Pull)
        self.suites = Table(disk, "suite", model.CheckSuite)
        self.checks = Table(disk, "check", model.CheckRun)
        self.statuses = Table(disk, "status", model.Status)
        self.apps = Table(disk, "app", model.App)
        self.installations = Table(disk, "installation", model.Installation)
        self.tokens = Table(disk, "token", model.Token)
        self.deliveries = Table(disk, "delivery", model.Delivery)
        self.pushes = Table(disk, "push", model.Push)
        self.workflow_runs = Table(disk, "workflow_run", model.WorkflowRun)
        self._next = max([1000, *(row_id for table in self._tables() for row_id in table.rows)])
        self.by_token = {token.value: token for token in self.tokens}
        self._issue_ids = {(issue.repo_id, issue.number): issue.id for issue in self.issues}
        self._comment_ids: dict[int, list[int]] = defaultdict(list)
        for comment in self.comments:
            self._comment_ids[comment.issue_id].append(comment.id)
        self._reaction_ids: dict[str, list[int]] = defaultdict(list)
        for reaction in self.reactions:
            self._reaction_ids[reaction.subject].append(reaction.id)

    def _tables(self) -> list[Table[Any]]:
        return [value for value in vars(self).values() if isinstance(value, Table)]

    def next_id(self) -> int:
        with self.lock:
            self._next += 1
            return self._next

    def setting(self, key: str) -> dict[str, Any] | None:
        """Small JSON documents kept beside the rows, by key."""
        return dict(self._disk.load(f"setting:{key}")).get(0)

    def keep(self, key: str, body: Any) -> None:
        self._disk.put(f"setting:{key}", 0, asdict(body) if is_dataclass(body) and not isinstance(body, type) else body)

    def close(self) -> None:
        self._disk.close()

    def user_named(self, login: str) -> model.User | None:
        wanted = login.lower()
        return next((user for user in self.users if user.login.lower() == wanted), None)

    def full_name(self, repo: model.Repo) -> str:
        return f"{self.users[repo.owner_id].login}/{repo.name}"

    def repo_named(self, full_name: str) -> model.Repo | None:
        """The repository of that name now; else the one that had the name before (the caller redirects)."""
        wanted = full_name.lower()
        live = [repo for repo in self.repos if not repo.deleted]
        current = next((repo for repo in live if self.full_name(repo).lower() == wanted), None)
        return current or next((repo for repo in live if wanted in repo.old_names), None)

    def issue_numbered(self, repo: model.Repo, number: int) -> model.Issue | None:
        return self.issues.get(self._issue_ids.get((repo.id, number), 0))

    def issues_of(self, repo: model.Repo) -> list[model.Issue]:
        """Issues and pull requests of a repository that are not deleted, by number."""
        found = (self.issue_numbered(repo, number) for number in range(1, repo.last_number + 1))
        return [row for row in found if row is not None and not row.deleted]

    def comments_of(self, issue: model.Issue) -> list[model.Comment]:
        return [self.comments[i] for i in list(self._comment_ids[issue.id]) if i in self.comments.rows]

    def reactions_of(self, subject: str) -> list[model.Reaction]:
        return [self.reactions[i] for i in list(self._reaction_ids[subject]) if i in self.reactions.rows]

    def add_issue(self, issue: model.Issue) -> model.Issue:
        self._issue_ids[(issue.repo_id, issue.number)] = issue.id
        return self.issues.save(issue)

    def add_comment(self, comment: model.Comment) -> model.Comment:
        self._comment_ids[comment.issue_id].append(comment.id)
        return self.comments.save(comment)

    def add_reaction(self, reaction: model.Reaction) -> model.Reaction:
        self._reaction_ids[reaction.subject].append(reaction.id)
        return self.reactions.save(reaction)

    def add_token(self, token: model.Token) -> model.Token:
        self.by_token[token.value] = token
        return self.tokens.save(token)
