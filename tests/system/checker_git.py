"""What holds after every kill, seen from git, from this machine's processes and files, and from the models' books.

I3 each step's commit was pushed once, to its task's own branch, and the branch ends with the tree that passed.
I6 no leftover process, lease, lock file or temporary folder. I7 the database counts the money that was spent.
"""

from __future__ import annotations

import os
import subprocess
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from tests.system.post import rows
from tests.system.town import Town

GONE_SECONDS = 15.0
"""A lease of a killed process may be that old before it is gone."""


def check_git(town: Town, repos: Iterable[str]) -> None:
    """All of it for these repositories, whose tasks rest; fails with every finding at once."""
    chosen = list(repos)
    found = [*_commits(town, chosen), *_left_over(town), *_books(town, chosen)]
    assert not found, "\n".join(found)


def _commits(town: Town, repos: list[str]) -> Iterator[str]:
    """I3 beyond single refs: each step once on its branch, nowhere else, and the head is what was recorded."""
    for task in _tasks(town, repos):
        if task["branch"] is None:
            continue
        bare = town.world.bare(task["repo_name"])
        head = town.world.branch(task["repo_name"], task["branch"])
        if task["status"] in ("COMPLETED", "FAILED") and head != task["head_sha"]:
            yield f"I3 {task['key']}: the branch is at {head}, recorded is {task['head_sha']}"
        marked = Counter(_steps(bare, task["key"]))
        yield from (f"I3 {task['key']}: {step} was pushed {n} times" for step, n in marked.items() if n > 1)
        recorded = {row["commit_sha"] for row in _step_rows(town, task["id"]) if row["commit_sha"]}
        reachable = set(_git(bare, "rev-list", head).split()) if head else set()
        yield from (f"I3 {task['key']}: {sha} is recorded, not on the branch" for sha in recorded - reachable)
    yield from _pushed_twice(town, repos)


def _pushed_twice(town: Town, repos: list[str]) -> Iterator[str]:
    seen = Counter((push["repo"], push["after"]) for push in town.world.pushes() if push["repo"] in repos)
    yield from (f"I3 {sha} was pushed to {repo} {n} times" for (repo, sha), n in seen.items() if n > 1)


def _steps(bare: Path, key: str) -> Iterator[str]:
    """Step and state of every commit of this task on any branch."""
    form = "%(trailers:key=Devtask-Task,valueonly,separator=)|%(trailers:key=Devtask-Step,valueonly,separator=)"
    log = _git(bare, "log", "--branches", f"--format={form}|%(trailers:key=Devtask-State,valueonly,separator=)")
    yield from (line for line in log.splitlines() if line.startswith(f"{key}|"))


def _left_over(town: Town) -> Iterator[str]:
    deadline = time.monotonic() + GONE_SECONDS
    while (found := [*_leases(town), *_files(town), *_processes(town)]) and time.monotonic() < deadline:
        time.sleep(0.2)
    yield from found


def _leases(town: Town) -> Iterator[str]:
    for table, name in (("tasks", "key"), ("steps", "key"), ("deliveries", "guid"), ("outbox", "op_id")):
        busy = "lease_owner IS NOT NULL AND lease_until > strftime('%Y-%m-%d %H:%M:%f', 'now')"
        with rows(town) as database:
            for row in database.execute(f"SELECT {name} AS name, lease_owner FROM {table} WHERE {busy}"):
                yield f"I6 {table} {row['name']} is held by {row['lease_owner']}"


def _files(town: Town) -> Iterator[str]:
    repos = town.stage.folder / "repos"
    for pattern in ("mirrors/.*.tmp", "mirrors/*.bad-*", "envs/*/.*.tmp", "mirrors/*.git/**/*.lock", "trees/*/*.lock"):
        yield from (f"I6 {path} was left" for path in repos.glob(pattern))


def _processes(town: Town) -> Iterator[str]:
    yield from (f"I6 process {pid} {said[:300]} was left" for pid, said in sandboxed(town.stage.folder / "repos"))


def sandboxed(text: Path | str) -> list[tuple[int, str]]:
    """Processes that have to do with a folder (or hold another text), by their command line or place."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            said = _said(entry)
            if str(text) in said:
                found.append((int(entry.name), said))
    return found


def _said(entry: Path) -> str:
    try:
        line = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return ""
    try:
        return f"{line} cwd={(entry / 'cwd').readlink()}"
    except OSError:
        return line


def _books(town: Town, repos: list[str]) -> Iterator[str]:
    """I7: what a task spent is what its calls cost, plus the whole of each reservation whose caller died."""
    for task in _tasks(town, repos):
        with rows(town) as database:
            calls = database.execute("SELECT * FROM llm_calls WHERE task_id = ?", (task["id"],)).fetchall()
            kept = database.execute("SELECT * FROM budget_reservations WHERE task_id = ?", (task["id"],)).fetchall()
        settled = sum(float(row["charged"]) for row in kept if row["state"] == "settled")
        lost = sum(float(row["maximum"]) for row in kept if row["state"] == "lost")
        cost = sum(float(row["cost"]) for row in calls)
        if abs(settled - cost) > 1e-6 or abs(float(task["spent"]) - cost - lost) > 1e-6:
            yield f"I7 {task['key']}: spent {task['spent']}, calls {cost}, settled {settled}, lost {lost}"
    yield from _ledger(town)


def _ledger(town: Town) -> Iterator[str]:
    """No call that the models' stand-ins answered is missing: it stands in the books, or its reservation does."""
    answered = sum(
        1
        for server in (town.stage.claude, town.stage.gemini)
        for entry in server.client.ledger()
        if entry.method == "POST" and entry.status == 200
    )
    with rows(town) as database:
        calls = database.execute("SELECT count(*) FROM llm_calls WHERE outcome = 'ok'").fetchone()[0]
        dead = database.execute("SELECT count(*) FROM budget_reservations WHERE state IN ('open', 'lost')").fetchone()[
            0
        ]
        silent = database.execute("SELECT count(*) FROM llm_calls WHERE outcome != 'ok'").fetchone()[0]
    if not calls <= answered <= calls + dead + silent:
        yield f"I7 {answered} calls were answered; {calls} in the books, {silent} unanswered, {dead} of dead callers"


def _tasks(town: Town, repos: list[str]) -> list[Any]:
    with rows(town) as database:
        return [task for task in database.execute("SELECT * FROM tasks ORDER BY seq") if task["repo_name"] in repos]


def _step_rows(town: Town, task_id: str) -> list[Any]:
    with rows(town) as database:
        return database.execute("SELECT * FROM steps WHERE task_id = ?", (task_id,)).fetchall()


def _git(bare: Path, *args: str) -> str:
    return subprocess.run(["git", "-C", str(bare), *args], capture_output=True, text=True, check=True).stdout
