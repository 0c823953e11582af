"""Scenes that begin together, so that their waits overlap; each test then looks at its own thread."""

from __future__ import annotations

import contextlib
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from typing import Any

from devkit.rig.ledger import Entry
from devkit.rig.script import Seen
from tests.system.town import Thread, Town, named

Scene = Callable[[Town], Thread]


class Scenes:
    """Begins every scene when the first of them is asked for, and approves the plans of `approved` as they come."""

    def __init__(self, town: Town, scenes: Mapping[str, Scene], approved: frozenset[str] = frozenset()) -> None:
        self.town = town
        self.threads = {name: scene(town) for name, scene in scenes.items()}
        approver = threading.Thread(target=self._approve, args=(approved,), daemon=True)
        approver.start()

    def __getitem__(self, name: str) -> Thread:
        return self.threads[name]

    def _approve(self, approved: frozenset[str]) -> None:
        for name, thread in self.threads.items():
            if name in approved:
                with contextlib.suppress(AssertionError):  # the scene's own test says what did not come
                    thread.approve()


def in_order(*answers: Any) -> Callable[[Seen], Any]:
    """Answers request by request, repetitions counted too; an answer that can be called is, with the request."""
    left, lock = list(answers), threading.Lock()

    def answer(seen: Seen) -> Any:
        with lock:
            given = left.pop(0) if len(left) > 1 else left[0]
        word = re.search(r"\bw\d+x\b", seen.anywhere)
        return named(given(seen) if callable(given) else given, word[0] if word else "")

    return answer


def git(thread: Thread, *command: str) -> str:
    """What git says in the bare repository on the stand-in."""
    bare = str(thread.town.world.bare(thread.repo))
    return subprocess.run(["git", "-C", bare, *command], capture_output=True, text=True, check=True).stdout


def files_on(thread: Thread, branch: str | None = None) -> list[str]:
    """Paths of the task's branch, our own aside."""
    return [path for path in all_files(thread, branch or str(thread.branch())) if not path.startswith(".dev-tasks/")]


def all_files(thread: Thread, branch: str) -> list[str]:
    """Paths of a branch."""
    return [path for path in git(thread, "ls-tree", "-r", "-z", "--name-only", branch).split("\0") if path]


def asked(thread: Thread, server: Any, path: str) -> list[Entry]:
    """The requests of this thread's conversations with a model, oldest first."""
    return [one for one in server.client.ledger(path) if thread.word.encode() in one.body]


def planner_asked(thread: Thread) -> list[Entry]:
    """The planner's requests; the classifier's are none of them."""
    found = asked(thread, thread.town.stage.claude, "/v1/messages")
    return [one for one in found if b"submit_plan" in one.body]


def executor_asked(thread: Thread) -> list[Entry]:
    """The executor's requests."""
    return asked(thread, thread.town.stage.gemini, "generateContent")


DUE = """
from sqlalchemy import update
from jobs import sweep
from jobs.runtime import runtime
from state.clock import clock
from state.db.engine import write
from state.db.models import Task
now = runtime()
waiting = update(Task).where(Task.status == "PAUSED", Task.resume_at.is_not(None), Task.repo_name == "{repo}")
with write(now.engine) as session:
    session.execute(waiting.values(resume_at=clock()))
sweep.{what}(now)
"""


def sweep(thread: Thread, what: str = "reconcile") -> None:
    """A round of the sweep at the time at which this thread's pause ends, where it ends by itself."""
    code = DUE.format(what=what, repo=thread.repo)
    subprocess.run([sys.executable, "-c", code], env=thread.town.stage.env, check=True)


def pushes(thread: Thread) -> list[dict[str, Any]]:
    """What the stand-in's git took for this repository."""
    return [one for one in thread.town.world.pushes() if one.get("repo") == thread.repo]


def ever_said(thread: Thread, text: str) -> bool:
    """Whether the text stood in anything that was written to the repository's issues, also where it was edited away."""
    written = thread.town.stage.github.client.ledger(rf"/repos/{thread.repo}/issues")
    return any(text.encode() in one.body for one in written if one.method in ("POST", "PATCH"))
