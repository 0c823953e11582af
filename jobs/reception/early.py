"""A command that overtook what it speaks of: the `/task` (GitHub promises no order), or our own note that the plan was
posted. It waits for that, not for long.
"""

from __future__ import annotations

from datetime import datetime

from ghapp.commands.grammar import parse
from ghapp.commands.table import BY_NAME
from ghapp.events import Incoming, Kind
from jobs.reception.people import actor, is_person
from jobs.runtime import Runtime
from state.clock import clock
from state.db.engine import read
from state.store import outbox, tasks
from state.views import RepoRef

LONGEST = 60.0
AGAIN = 3.0
"""Seconds: how old a comment may be to be waited with, and the time until the next look."""
EARLY = "waits for its task"


def is_early(runtime: Runtime, event: Incoming, received_at: datetime, *, known: bool) -> bool:
    """Whether to look at this event again later. `known`: it waits already, so its author was asked about before.

    Only a writer's comment waits, and only where every command of it needs a task and the thread has none; or where it
    approves a plan whose comment may stand there already, though its sender has not written that down yet.
    Raises the errors of `ghapp.clients.errors`.
    """
    comment = event.comment
    if event.kind is not Kind.COMMENT_CREATED or comment is None or event.installation_id is None:
        return False
    if not is_fresh(clock(), comment.created_at, received_at) or not needs_task(comment.body):
        return False
    with read(runtime.engine) as session:
        task = tasks.by_issue(session, event.repo.id, event.issue.number)
        if task is not None and not (approves(comment.body) and outbox.plan_on_its_way(session, task.id)):
            return False
    return known or _may_write(runtime, event, event.installation_id)


def is_fresh(now: datetime, *since: datetime) -> bool:
    """Whether less than a minute has passed since each: a clock that is wrong makes nobody wait longer."""
    return all((now - moment).total_seconds() < LONGEST for moment in since)


def needs_task(body: str) -> bool:
    """Whether there are commands and none of them means something without a task. Pure."""
    rows = [BY_NAME[command.name] for command in parse(body, thread_has_task=True).commands]
    return bool(rows) and all(row.release is None and not row.bare for row in rows)


def approves(body: str) -> bool:
    """Whether a command of it approves. Pure."""
    return any(command.name == "approve" for command in parse(body, thread_has_task=True).commands)


def _may_write(runtime: Runtime, event: Incoming, installation_id: int) -> bool:
    if not is_person(runtime, event.sender):
        return False
    talk = runtime.github.talk(RepoRef(event.repo.id, event.repo.full_name, installation_id))
    return actor(runtime, talk, event.sender, None).at_least("write")
