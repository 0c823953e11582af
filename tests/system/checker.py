"""What holds after every scenario, whatever happened in it (promises.md 3), read from GitHub, logs and database.

I0 no job ended in a bug. I1 each acked delivery reached a terminal state. I2 each operation's marker stands once.
I3 each pushed ref belongs to a task and never moved backwards. I4 revisions count by one along allowed edges.
I8 a task that ended said so once. I9 nothing was executed without an approval.
"""

from __future__ import annotations

import json
import re
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from state.lifecycle import TaskStatus, allowed
from tests.system.post import rows
from tests.system.town import Town

MARKER = re.compile(r"<!-- devtask:op=([0-9a-f]{32}) sig=[0-9a-f]{16} -->")
ENDED = ("done", "quarantined")
BUSY = ("PLANNING", "EXECUTING")
FINAL = ("COMPLETED", "FAILED")
FINALS = ("final:r", "failed:r", "plan_failed:r")
QUIET_SECONDS = 40.0


def check(town: Town, repos: Iterable[str], acked: Iterable[str] = (), *, log_from: int = 0) -> None:
    """Wait until these repositories' tasks rest, then check all of it; fails with every finding at once."""
    chosen = list(repos)
    _rest(town, chosen)
    found = [
        *_bugs(town, log_from),
        *_deliveries(town, acked),
        *_markers(town, chosen),
        *_pushes(town, chosen),
        *_histories(town, chosen),
        *_finals(town, chosen),
        *_approvals(town, chosen),
    ]
    assert not found, "\n".join(found)


def log_size(town: Town) -> int:
    """Where the error log ends now."""
    log = _log(town)
    return log.stat().st_size if log.exists() else 0


def _log(town: Town) -> Path:
    return town.stage.folder / "logs" / "error.log"


def _rest(town: Town, repos: list[str]) -> None:
    """Nobody works and nothing is due to GitHub any more."""
    deadline = time.monotonic() + QUIET_SECONDS
    while time.monotonic() < deadline and (_busy(town, repos) or _unsent(town, repos)):
        time.sleep(0.2)


def _busy(town: Town, repos: list[str]) -> list[str]:
    return [task["key"] for task in _tasks(town, repos) if task["status"] in BUSY]


def _unsent(town: Town, repos: list[str]) -> int:
    ids = _ids(town, repos)
    query = f"""SELECT count(*) FROM outbox WHERE state IN ('new', 'inflight', 'uncertain')
        AND kind IN ('comment', 'edit', 'reaction', 'check_run') AND repo_id IN ({",".join("?" * len(ids))})"""
    with rows(town) as database:
        return int(database.execute(query, ids).fetchone()[0])


def _ids(town: Town, repos: list[str]) -> list[int]:
    return [int(town.world.look(repo)["id"]) for repo in repos]


def _tasks(town: Town, repos: list[str]) -> list[Any]:
    with rows(town) as database:
        found = database.execute("SELECT * FROM tasks ORDER BY seq").fetchall()
    return [task for task in found if task["repo_name"] in repos]


def _bugs(town: Town, log_from: int) -> Iterator[str]:
    log = _log(town)
    text = log.read_bytes()[log_from:].decode(errors="replace") if log.exists() else ""
    for line in text.splitlines():
        if "job failed" in line or "sweep failed" in line:
            yield f"I0 {line[-1500:]}"


def _deliveries(town: Town, acked: Iterable[str]) -> Iterator[str]:
    known = {row["guid"] for row in town.world.deliveries() if row["status_code"] == 202} | set(acked)
    deadline = time.monotonic() + QUIET_SECONDS
    while left := _open_deliveries(town, known):
        if time.monotonic() > deadline:
            yield f"I1 not ended: {left}"
            return
        time.sleep(0.2)


def _open_deliveries(town: Town, known: set[str]) -> dict[str, str]:
    with rows(town) as database:
        states = dict(database.execute("SELECT guid, state FROM deliveries").fetchall())
    return {guid: states.get(guid, "missing") for guid in known if states.get(guid) not in ENDED}


def _markers(town: Town, repos: list[str]) -> Iterator[str]:
    for repo in repos:
        bodies = [one["body"] for one in _comments(town, repo)]
        ops = Counter(found[-1] for body in bodies if (found := MARKER.findall(body)))
        yield from (f"I2 {repo}: {op} stands {times} times" for op, times in ops.items() if times > 1)


def _comments(town: Town, repo: str) -> list[Any]:
    return [one for one in town.world.look(repo, "/issues/comments") if one["user"]["type"] == "Bot"]


def _pushes(town: Town, repos: list[str]) -> Iterator[str]:
    branches = {(task["repo_name"], f"refs/heads/{task['branch']}") for task in _tasks(town, repos) if task["branch"]}
    heads: dict[tuple[str, str], str] = {}
    for push in town.world.pushes():
        ref = (push["repo"], push["ref"])
        if push["repo"] not in repos or not str(push["actor"]).endswith("[bot]"):
            continue
        if ref not in branches:
            yield f"I3 pushed outside a task's branch: {push}"
        if push["forced"] or (ref in heads and heads[ref] != push["before"]):
            yield f"I3 moved backwards: {push}"
        heads[ref] = push["after"]


def _histories(town: Town, repos: list[str]) -> Iterator[str]:
    names = {task["id"]: task for task in _tasks(town, repos)}
    logs: dict[str, list[Any]] = defaultdict(list)
    with rows(town) as database:
        for row in database.execute("SELECT * FROM task_logs ORDER BY id"):
            if row["task_id"] in names and "revision" in json.loads(row["metadata"] or "{}"):
                logs[row["task_id"]].append(row)
    for task_id, entries in logs.items():
        yield from _history(names[task_id], entries)


def _history(task: Any, entries: list[Any]) -> Iterator[str]:
    numbers = [json.loads(row["metadata"])["revision"] for row in entries]
    if numbers != list(range(1, len(numbers) + 1)) or numbers[-1] != task["revision"]:
        yield f"I4 {task['key']}: revisions {numbers}, the task is at {task['revision']}"
    status: str | None = None
    for row in entries:
        before, after = row["previous_value"], row["new_value"]
        if before != status or not allowed(TaskStatus(before) if before else None, TaskStatus(after)):
            yield f"I4 {task['key']}: {before} -> {after} after {status}"
        status = after


def _finals(town: Town, repos: list[str]) -> Iterator[str]:
    for task in _tasks(town, repos):
        if task["status"] not in FINAL:
            continue
        bodies = [one["body"] for one in town.world.comments(task["repo_name"], task["issue_number"])]
        wanted = _final_ops(town, task["id"])
        said = [op for body in bodies for op in MARKER.findall(body) if op in wanted]
        if not wanted or sorted(said) != sorted(wanted):
            yield f"I8 {task['repo_name']}#{task['issue_number']}: {len(said)} final messages for {len(wanted)} ends"


def _final_ops(town: Town, task_id: str) -> list[str]:
    """Operations of the comments that tell of the task's end."""
    query = "SELECT op_id, dedupe FROM outbox WHERE task_id = ? AND kind = 'comment'"
    with rows(town) as database:
        return [row["op_id"] for row in database.execute(query, (task_id,)) if row["dedupe"].startswith(FINALS)]


def _approvals(town: Town, repos: list[str]) -> Iterator[str]:
    """Every step that was begun, and every push, stands behind an approval that came before it."""
    query = """SELECT steps.key, steps.started_at, tasks.key AS task, tasks.repo_name,
        (SELECT min(created_at) FROM approvals WHERE approvals.task_id = tasks.id) AS approved_at
        FROM steps JOIN tasks ON tasks.id = steps.task_id WHERE steps.started_at IS NOT NULL"""
    with rows(town) as database:
        begun = [row for row in database.execute(query) if row["repo_name"] in repos]
    for row in begun:
        if row["approved_at"] is None or row["approved_at"] > row["started_at"]:
            yield f"I9 step {row['key']} of {row['task']} began without an approval"
