"""Who is next: repositories take turns, so that one with a hundred tasks makes no other wait (promises G14).

Within a repository the more urgent task goes first, then the older one. Between repositories the one goes first at
which fewer workers are busy; among equals the one whose last turn is longest ago.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, case, func, or_, select
from sqlalchemy.orm import Session

from state.clock import clock
from state.db.engine import db_now
from state.db.models import PlanVersion, Step, Task
from state.lifecycle import TaskStatus
from state.views import Place

REMEMBERED = timedelta(hours=1)
"""How long a repository's last turn counts; after that it has not been served lately."""


@dataclass(frozen=True)
class Waiting:
    """A task that somebody could work at now; `rank` 0 is the most urgent."""

    seq: int
    repo_id: int
    rank: int


def in_turn(waiting: Iterable[Waiting], busy: Mapping[int, int], served: Mapping[int, datetime]) -> list[int]:
    """The seqs in the order in which workers take them. Pure.

    `busy`: workers at each repository; `served`: when each had its last turn, where that is not long ago.
    """
    turns: dict[int, int] = dict(busy)
    placed = []
    for one in sorted(waiting, key=lambda each: (each.rank, each.seq)):
        turn = turns.get(one.repo_id, 0)
        turns[one.repo_id] = turn + 1
        last = served.get(one.repo_id)
        placed.append((turn, last.timestamp() if last else 0.0, one.rank, one.seq))
    return [seq for *_, seq in sorted(placed)]


def to_plan(session: Session) -> list[int]:
    """Seqs of tasks that wait for the planner, in turn."""
    now = db_now(session)
    free = or_(Task.lease_until.is_(None), Task.lease_until <= now)
    waiting = _waiting(session, Task.status == TaskStatus.PLANNING.value, free)
    if len({one.repo_id for one in waiting}) < 2:
        return in_turn(waiting, {}, {})
    held = select(Task.repo_id, func.count()).where(Task.status == TaskStatus.PLANNING.value, Task.lease_until > now)
    made = select(Task.repo_id, func.max(PlanVersion.created_at)).join(PlanVersion, PlanVersion.task_id == Task.id)
    busy = {repo: count for repo, count in session.execute(held.group_by(Task.repo_id))}
    return in_turn(waiting, busy, _served(session, made, PlanVersion.created_at, waiting))


def to_execute(session: Session) -> list[int]:
    """Seqs of executing tasks of which no step is being worked on, in turn.

    Those whose last step ended without the task following (a crash in between) are among them.
    """
    now = db_now(session)
    held = select(Step.id).where(Step.task_id == Task.id, Step.lease_until > now).exists()
    waiting = _waiting(session, Task.status == TaskStatus.EXECUTING.value, ~held)
    if len({one.repo_id for one in waiting}) < 2:
        return in_turn(waiting, {}, {})
    working = select(Task.repo_id, func.count()).join(Step, Step.task_id == Task.id).where(Step.lease_until > now)
    begun = select(Task.repo_id, func.max(Step.started_at)).join(Step, Step.task_id == Task.id)
    busy = {repo: count for repo, count in session.execute(working.group_by(Task.repo_id))}
    return in_turn(waiting, busy, _served(session, begun, Step.started_at, waiting))


def place(session: Session, seq: int, status: TaskStatus) -> Place | None:
    """Where the task stands in the line of its kind; None where it is being worked at, or waits for something else."""
    lines = {TaskStatus.PLANNING: to_plan, TaskStatus.EXECUTING: to_execute}
    line = lines[status](session) if status in lines else []
    return Place(line.index(seq) + 1, len(line)) if seq in line else None


def _waiting(session: Session, *wanted: Any) -> list[Waiting]:
    rank = case({"critical": 0, "high": 1, "medium": 2}, value=Task.priority, else_=3)
    due = or_(Task.resume_at.is_(None), Task.resume_at <= clock())
    found = session.execute(select(Task.seq, Task.repo_id, rank).where(and_(*wanted, due)))
    return [Waiting(seq, repo_id, level) for seq, repo_id, level in found]


def _served(session: Session, query: Any, at: Any, waiting: Iterable[Waiting]) -> dict[int, datetime]:
    """When the repositories that wait had their last turn, where that is not long ago."""
    since = clock() - REMEMBERED
    repos = {one.repo_id for one in waiting}
    lately = query.where(Task.repo_id.in_(repos), Task.updated_at >= since, at >= since).group_by(Task.repo_id)
    return {repo: when for repo, when in session.execute(lately) if when is not None}
