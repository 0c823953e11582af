"""One row for every call of a model, and the sums that people see."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from state.clock import clock
from state.db.models import LlmCall, Task
from state.store.base import rows


@dataclass(frozen=True)
class Call:
    """Tokens as the provider counts them; `tokens_in` includes cached ones, `cost` US dollars, `latency` seconds."""

    role: str
    provider: str
    model: str
    task_id: str | None = None
    step_id: str | None = None
    repo_id: int | None = None
    tokens_in: int = 0
    tokens_cached: int = 0
    tokens_cache_written: int = 0
    tokens_out: int = 0
    cost: float = 0.0
    latency: float = 0.0
    prompt_hash: str | None = None
    outcome: str = "ok"
    error: str | None = None


@dataclass(frozen=True)
class Cost:
    """Sums over a task's calls (or those of one role)."""

    role: str
    calls: int
    tokens_in: int
    tokens_cached: int
    tokens_out: int
    cost: float


def add(session: Session, call: Call) -> int:
    """Stores a call and adds its tokens to the task; returns its id. Money reaches the task by `budget.settle`."""
    row = LlmCall(**{name: getattr(call, name) for name in Call.__dataclass_fields__}, created_at=clock())
    session.add(row)
    session.flush()
    row_id = row.id
    if call.task_id is not None:
        more = {
            "tokens": Task.tokens + call.tokens_in + call.tokens_out,
            "cached_tokens": Task.cached_tokens + call.tokens_cached,
        }
        rows(session, update(Task).where(Task.id == call.task_id).values(**more))
    return row_id


def by_role(session: Session, task_id: str) -> list[Cost]:
    """What the task's calls came to, by role."""
    sums = [func.sum(getattr(LlmCall, name)) for name in ("tokens_in", "tokens_cached", "tokens_out", "cost")]
    query = select(LlmCall.role, func.count(), *sums).where(LlmCall.task_id == task_id)
    found = session.execute(query.group_by(LlmCall.role).order_by(LlmCall.role))
    return [Cost(role, calls, int(i), int(c), int(o), float(cost)) for role, calls, i, c, o, cost in found]
