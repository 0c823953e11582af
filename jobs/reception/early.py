"""A command that overtook what it speaks of: the `/task` (GitHub promises no order), or our own note of what we posted,
which an approval and a tick rest on. It waits for that, not for long.
"""

from __future__ import annotations

from datetime import datetime

from ghapp.commands.grammar import parse
from ghapp.commands.table import BY_NAME
from ghapp.events import Comment, Incoming, Kind
from jobs.reception.people import actor, is_person
from jobs.runtime import Runtime
from state.clock import clock
from state.db.engine import read
from state.store import links, outbox, tasks
from state.views import RepoRef

LONGEST = 60.0
AGAIN = 3.0
"""Seconds: how old a comment may be to be waited with, and the time until the next look."""
EARLY = "waits for its task"


def is_early(runtime: Runtime, event: Incoming, received_at: datetime, *, known: bool) -> bool:
    """Whether to look at this event again later. `known`: it waits already, so its author was asked about before.

    Only a writer's comment waits, and only where every command of it needs a task and the thread has none; or where it
    approves a plan whose comment may stand there already, though its sender has not written that down yet. So does a
    tick in a text of a bot that we do not know, while one of ours is on its way to this thread.
    Raises the errors of `ghapp.clients.errors`.
    """
    comment = event.comment
    if comment is None or event.installation_id is None:
        return False
    if event.kind is Kind.COMMENT_CREATED:
        early = is_fresh(clock(), comment.created_at, received_at) and _speaks_early(runtime, event, comment.body)
    elif event.kind is Kind.COMMENT_EDITED:
        early = is_fresh(clock(), comment.updated_at, received_at) and _ticks_early(runtime, event, comment)
    else:
        early = False
    return early and (known or _may_write(runtime, event, event.installation_id))


def _speaks_early(runtime: Runtime, event: Incoming, body: str) -> bool:
    if not needs_task(body):
        return False
    with read(runtime.engine) as session:
        task = tasks.by_issue(session, event.repo.id, event.issue.number)
        return task is None or (approves(body) and outbox.plan_on_its_way(session, task.id))


def _ticks_early(runtime: Runtime, event: Incoming, comment: Comment) -> bool:
    """Whose comment it is, is asked when it is acted on: until then it costs nothing to wait."""
    if event.body_from is None or comment.author is None or (comment.author.type, event.sender.type) != ("Bot", "User"):
        return False
    with read(runtime.engine) as session:
        task = tasks.by_issue(session, event.repo.id, event.issue.number)
        known = links.was_sent(session, event.repo.id, comment.id, event.body_from)
        return task is not None and not known and outbox.text_on_its_way(session, task.id)


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
