"""Approvals: what exactly was approved, by whom, seen in which role; at most one alive per task, plan and scope."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from state.clock import clock
from state.db.models import Approval
from state.ids import new_id
from state.store.base import insert_once, rows

ALL, SIMULATE = "all", "simulate"


@dataclass(frozen=True)
class ApprovalView:
    """`scope` is `all`, `simulate` or step ids joined by commas; hashes are sha256 in hex, `budget` US dollars."""

    id: str
    task_id: str
    plan_hash: str
    scope: str
    user_id: int
    login: str
    role_seen: str
    comment_id: int | None
    comment_hash: str | None
    issue_hash: str | None
    base_sha: str | None
    budget: float | None
    created_at: datetime


def add(
    session: Session,
    task_id: str,
    plan_hash: str,
    user_id: int,
    login: str,
    role_seen: str,
    *,
    scope: str = ALL,
    comment_id: int | None = None,
    comment_hash: str | None = None,
    issue_hash: str | None = None,
    base_sha: str | None = None,
    budget: float | None = None,
) -> ApprovalView | None:
    """Stores an approval; None when one of this plan and scope is alive already."""
    approval_id = new_id()
    values = {
        "id": approval_id,
        "task_id": task_id,
        "plan_hash": plan_hash,
        "scope": scope,
        "user_id": user_id,
        "login": login,
        "role_seen": role_seen,
        "comment_id": comment_id,
        "comment_hash": comment_hash,
        "issue_hash": issue_hash,
        "base_sha": base_sha,
        "budget": budget,
        "created_at": clock(),
    }
    if not insert_once(session, Approval, values):
        return None
    row = session.get(Approval, approval_id)
    return _view(row) if row is not None else None


def live(session: Session, task_id: str, plan_hash: str | None = None) -> ApprovalView | None:
    """The newest approval of the task (of exactly this plan) that was not revoked."""
    query = select(Approval).where(Approval.task_id == task_id, Approval.revoked_at.is_(None))
    query = query.where(Approval.plan_hash == plan_hash) if plan_hash is not None else query
    row = session.scalar(query.order_by(Approval.created_at.desc()).limit(1))
    return _view(row) if row is not None else None


def revoke(session: Session, task_id: str, plan_hash: str | None = None) -> int:
    """Ends the task's live approvals (of one plan); how many."""
    change = update(Approval).where(Approval.task_id == task_id, Approval.revoked_at.is_(None))
    change = change.where(Approval.plan_hash == plan_hash) if plan_hash is not None else change
    return rows(session, change.values(revoked_at=clock()))


def _view(row: Approval) -> ApprovalView:
    return ApprovalView(**{name: getattr(row, name) for name in ApprovalView.__dataclass_fields__})
