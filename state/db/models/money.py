"""Model calls and money (spec section 16). Amounts are US dollars."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from state.db.base import Base, BigId, one_of
from state.db.models.columns import task_fk, uuid_key


class LlmCall(Base):
    """One call of a model and what it cost."""

    __tablename__ = "llm_calls"

    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    task_id: Mapped[str | None] = task_fk(null=True, ondelete="SET NULL")
    step_id: Mapped[str | None] = mapped_column(ForeignKey("steps.id", ondelete="SET NULL"), index=True)
    repo_id: Mapped[int | None] = mapped_column(BigInteger)
    role: Mapped[str] = mapped_column(String(50))
    provider: Mapped[str] = mapped_column(String(50))
    model: Mapped[str] = mapped_column(String(100), index=True)
    tokens_in: Mapped[int] = mapped_column(BigInteger, default=0)
    tokens_cached: Mapped[int] = mapped_column(BigInteger, default=0)
    tokens_cache_written: Mapped[int] = mapped_column(BigInteger, default=0)
    tokens_out: Mapped[int] = mapped_column(BigInteger, default=0)
    cost: Mapped[float] = mapped_column(default=0.0)
    latency: Mapped[float] = mapped_column(default=0.0)
    prompt_hash: Mapped[str | None] = mapped_column(String(64))
    outcome: Mapped[str] = mapped_column(String(50), default="ok")
    error: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(index=True)


class BudgetReservation(Base):
    """Money set aside for one call. `lost`: the caller died, so the maximum counts as spent; `freed`: nothing was
    sent.
    """

    __tablename__ = "budget_reservations"
    __table_args__ = (
        one_of("state", ("open", "settled", "lost", "freed")),
        Index("ix_budget_reservations_day_repo_id", "day", "repo_id"),
    )

    id: Mapped[str] = uuid_key()
    task_id: Mapped[str | None] = task_fk(null=True, ondelete="SET NULL")
    repo_id: Mapped[int | None] = mapped_column(BigInteger)
    day: Mapped[str] = mapped_column(String(10))
    state: Mapped[str] = mapped_column(String(10), default="open", index=True)
    maximum: Mapped[float]
    charged: Mapped[float]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
