"""Columns that several tables share."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from state.ids import new_id


class Leased:
    """A lease with its fencing number, one worker's at a time; `takes` counts takes without progress in a row."""

    lease_owner: Mapped[str | None] = mapped_column(String(200))
    lease_until: Mapped[datetime | None] = mapped_column(index=True)
    fence: Mapped[int] = mapped_column(default=0, server_default="0")
    takes: Mapped[int] = mapped_column(default=0, server_default="0")


def uuid_key() -> Mapped[str]:
    """A UUID primary key."""
    return mapped_column(String(36), primary_key=True, default=new_id)


def task_fk(*, null: bool = False, ondelete: str = "CASCADE") -> Mapped[str]:
    """An indexed reference to tasks.id."""
    return mapped_column(ForeignKey("tasks.id", ondelete=ondelete), index=True, nullable=null)
