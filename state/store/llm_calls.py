"""One row for every call of a model, and the sums that people see."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from state.clock import clock
from state.db.models import LlmCall, Step, Task
from state.store.base import rows
from state.views import CostLine, CostView


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


SUMMED = ("tokens_in", "tokens_cached", "tokens_cache_written", "tokens_out", "cost")


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


def cost(session: Session, task_id: str) -> CostView:
    """What the task's calls came to: in all, by role and model, by step in the plan's order."""
    return CostView(
        total=_total(session, LlmCall.task_id == task_id),
        roles=tuple(by_role(session, task_id)),
        steps=tuple(_by_step(session, task_id)),
    )


def by_role(session: Session, task_id: str) -> list[CostLine]:
    """What the task's calls came to, by role and the model that answered in it."""
    query = select(LlmCall.role, LlmCall.provider, LlmCall.model, func.count(), *_sums())
    query = query.where(LlmCall.task_id == task_id).group_by(LlmCall.role, LlmCall.provider, LlmCall.model)
    found = session.execute(query.order_by(LlmCall.role, func.min(LlmCall.id)))
    return [_line(role, f"{provider}:{model}", *rest) for role, provider, model, *rest in found]


def cache_hit_rate(session: Session, task_id: str) -> float:
    """The share of the task's input tokens that came out of a cache, from 0 to 1."""
    return _total(session, LlmCall.task_id == task_id).cache_hit_rate


def _by_step(session: Session, task_id: str) -> list[CostLine]:
    """Calls without a step come first, under no name."""
    query = select(Step.number, Step.title, func.count(), *_sums()).select_from(LlmCall)
    query = query.outerjoin(Step, Step.id == LlmCall.step_id).where(LlmCall.task_id == task_id)
    found = session.execute(query.group_by(Step.number, Step.title).order_by(func.coalesce(Step.number, 0)))
    return [_line("" if number is None else str(number), title or "", *rest) for number, title, *rest in found]


def _total(session: Session, where: ColumnElement[bool]) -> CostLine:
    return _line("", "", *session.execute(select(func.count(), *_sums()).where(where)).one())


def _sums() -> list[ColumnElement[float]]:
    columns: list[InstrumentedAttribute[float]] = [getattr(LlmCall, name) for name in SUMMED]
    return [func.coalesce(func.sum(column), 0) for column in columns]


def _line(name: str, about: str, calls: int, *sums: float) -> CostLine:
    tokens_in, cached, written, out, dollars = sums
    return CostLine(name, about, calls, int(tokens_in), int(cached), int(written), int(out), float(dollars))
