"""The closing commit of a task: its message, its author, the look for secrets in it, and its way to the branch.

It is a function of what it is made for: made twice, it is the same commit, and the push by compare-and-set finds it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ghapp.emit.commit import commit_text
from jobs.execution import secrets
from jobs.execution.publish import Going, NotPushed, send
from jobs.git.closing import closing_commit
from jobs.git.message import HOLD, Authorship, Identity, message
from jobs.git.mirror import Mirror
from jobs.git.refs import TaskRefs
from jobs.runtime import Runtime
from state.failpoint import failpoint
from state.views import TaskView


@dataclass(frozen=True)
class Closing:
    """What it says: `why` is the value of its trailer, `at` when a person asked for it, `since` the commit whose
    content is on the remote already, `held` whether it holds CI back.
    """

    why: str
    subject: str
    body: str
    at: datetime
    tree: str
    since: str
    held: bool = False


def make(runtime: Runtime, task: TaskView, mirror: Mirror, closing: Closing) -> str:
    """The commit on top of the branch's head, in the mirror. Raises NotPushed where it would carry a secret out."""
    assert task.head_sha is not None
    bot = runtime.github.identity(task.repo)
    identity = Identity(bot.bot_login, bot.noreply)
    plan = {"Devtask-Plan": task.plan.plan_hash[:16]} if task.plan else {}
    marks = {"Devtask-Task": task.key, **plan, "Devtask-Close": closing.why}
    text = message(closing.subject, commit_text(closing.body), marks, HOLD if closing.held else None)
    sha = closing_commit(mirror, task.head_sha, closing.tree, text, Authorship(identity, identity, closing.at))
    if found := secrets.leaks(mirror, closing.since, sha, runtime.redactor, task.branch or ""):
        raise NotPushed("paused.by_push", why="; ".join(one.told() for one in found))
    return sha


def deliver(going: Going, sha: str, name: str) -> None:
    """Push it and let the task's own ref follow; `name` is that of the failpoints around it. Raises as `send`."""
    failpoint(f"{name}.before_push")
    send(going, sha)
    failpoint(f"{name}.before_record")
    refs = TaskRefs(going.mirror, going.task.key)
    refs.move("head", sha, refs.get())
