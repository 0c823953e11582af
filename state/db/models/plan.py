"""Plan versions, and the rows of the version in force: phases, milestones, steps, substeps (details.md 5 and 6)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from state.db.base import Base, BigId, one_of
from state.db.models.columns import Leased, task_fk, uuid_key
from state.lifecycle import MilestoneStatus, PhaseStatus, StepStatus, SubstepStatus, TestCaseStatus
from state.plan.words import Complexity, Priority, StepKind

KINDS = ("initial", "revision", "modification", "refactoring", "scope_reduction")
WORKED_SQL = "status NOT IN ('in_progress', 'ready_for_test', 'tested', 'done') OR approval_id IS NOT NULL"
LIVE_SQL = "status IN ('pending', 'in_progress', 'ready_for_test', 'tested')"


class PlanVersion(Base):
    """One version of the plan; never changed once stored, but for where it was posted."""

    __tablename__ = "plan_versions"
    __table_args__ = (UniqueConstraint("task_id", "number"), one_of("kind", KINDS))

    id: Mapped[str] = uuid_key()
    task_id: Mapped[str] = task_fk()
    number: Mapped[int]
    parent_id: Mapped[str | None] = mapped_column(ForeignKey("plan_versions.id", ondelete="SET NULL"), index=True)
    plan_snapshot: Mapped[dict[str, Any]]
    plan_hash: Mapped[str] = mapped_column(String(64), index=True)
    change_summary: Mapped[str] = mapped_column(Text, default="")
    kind: Mapped[str] = mapped_column(String(20))
    changes_detail: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_by: Mapped[str] = mapped_column(String(100))
    created_at: Mapped[datetime]
    progress_at_creation: Mapped[float] = mapped_column(default=0.0)
    comment_id: Mapped[int | None] = mapped_column(BigId)
    comment_hash: Mapped[str | None] = mapped_column(String(64))
    posted_at: Mapped[datetime | None]


class Phase(Base):
    """A phase of the version in force; its status derives from its steps."""

    __tablename__ = "phases"
    __table_args__ = (UniqueConstraint("task_id", "key"), one_of("status", [s.value for s in PhaseStatus]))

    id: Mapped[str] = uuid_key()
    task_id: Mapped[str] = task_fk()
    key: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(Text)
    description: Mapped[str] = mapped_column(Text, default="")
    order: Mapped[int] = mapped_column("order_number")
    depends_on_phases: Mapped[list[Any]] = mapped_column(default=list)
    status: Mapped[str] = mapped_column(String(20), default="pending")
    estimated_hours: Mapped[float] = mapped_column(default=0.0)
    actual_hours: Mapped[float | None]
    started_at: Mapped[datetime | None]
    completed_at: Mapped[datetime | None]


class Milestone(Base):
    """A milestone of the version in force."""

    __tablename__ = "milestones"
    __table_args__ = (UniqueConstraint("task_id", "key"), one_of("status", [s.value for s in MilestoneStatus]))

    id: Mapped[str] = uuid_key()
    task_id: Mapped[str] = task_fk()
    phase_id: Mapped[str] = mapped_column(ForeignKey("phases.id", ondelete="CASCADE"), index=True)
    key: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(Text)
    description: Mapped[str] = mapped_column(Text, default="")
    order: Mapped[int] = mapped_column("order_number")
    acceptance_criteria: Mapped[list[Any]] = mapped_column(default=list)
    status: Mapped[str] = mapped_column(String(20), default="pending")
    estimated_hours: Mapped[float] = mapped_column(default=0.0)
    actual_hours: Mapped[float | None]
    started_at: Mapped[datetime | None]
    completed_at: Mapped[datetime | None]


class Step(Leased, Base):
    """A step with its live state. `key` (`s07`) is stable; a step that a later version left out stays as `cancelled`,
    not `current`. Nothing is worked on without the approval that allows it: a foreign key and a CHECK say so."""

    __tablename__ = "steps"
    __table_args__ = (
        UniqueConstraint("task_id", "key"),
        one_of("status", [s.value for s in StepStatus]),
        one_of("kind", [k.value for k in StepKind]),
        one_of("priority", [p.value for p in Priority]),
        one_of("complexity", [c.value for c in Complexity]),
        CheckConstraint(WORKED_SQL, name="approved"),
        Index("ix_steps_live", "task_id", sqlite_where=text(LIVE_SQL), postgresql_where=text(LIVE_SQL)),
    )

    id: Mapped[str] = uuid_key()
    task_id: Mapped[str] = task_fk()
    milestone_id: Mapped[str | None] = mapped_column(ForeignKey("milestones.id", ondelete="SET NULL"), index=True)
    key: Mapped[str] = mapped_column(String(20))
    approval_id: Mapped[str | None] = mapped_column(ForeignKey("approvals.id", ondelete="RESTRICT"), index=True)
    number: Mapped[int]
    current: Mapped[bool] = mapped_column(default=True)
    title: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(String(20))
    priority: Mapped[str] = mapped_column(String(10))
    complexity: Mapped[str] = mapped_column(String(10))
    depends_on: Mapped[list[Any]] = mapped_column(default=list)
    estimated_minutes: Mapped[int] = mapped_column(default=0)
    story_points: Mapped[int] = mapped_column(default=0)
    definition_hash: Mapped[str] = mapped_column(String(64))
    status: Mapped[str] = mapped_column(String(20), default="pending", index=True)
    status_history: Mapped[list[Any]] = mapped_column(default=list)
    agent_role: Mapped[str | None] = mapped_column(String(50))
    agent_model: Mapped[str | None] = mapped_column(String(100))
    started_at: Mapped[datetime | None]
    completed_at: Mapped[datetime | None]
    failed_at: Mapped[datetime | None]
    actual_minutes: Mapped[float | None]
    attempt_count: Mapped[int] = mapped_column(default=0)
    round: Mapped[int] = mapped_column(default=0)
    skipped_by: Mapped[str | None] = mapped_column(String(100))
    output: Mapped[dict[str, Any]] = mapped_column(default=dict)
    test_results: Mapped[dict[str, Any]] = mapped_column(default=dict)
    validation_results: Mapped[list[Any]] = mapped_column(default=list)
    definition_of_done_satisfied: Mapped[bool | None]
    last_error: Mapped[str | None] = mapped_column(Text)
    commit_sha: Mapped[str | None] = mapped_column(String(64))
    pushed_sha: Mapped[str | None] = mapped_column(String(64))
    handoff: Mapped[str | None] = mapped_column(Text)


class Substep(Base):
    """An optional part of a step, or one of its test cases."""

    __tablename__ = "substeps"
    __table_args__ = (
        UniqueConstraint("step_id", "key"),
        one_of("status", sorted({s.value for s in (*SubstepStatus, *TestCaseStatus)})),
    )

    id: Mapped[str] = uuid_key()
    step_id: Mapped[str] = mapped_column(ForeignKey("steps.id", ondelete="CASCADE"), index=True)
    key: Mapped[str] = mapped_column(String(300))
    order: Mapped[int] = mapped_column("order_number")
    title: Mapped[str] = mapped_column(Text)
    description: Mapped[str] = mapped_column(Text, default="")
    is_test: Mapped[bool] = mapped_column(default=False)
    status: Mapped[str] = mapped_column(String(20), default="pending")
    estimated_minutes: Mapped[int] = mapped_column(default=0)
    actual_minutes: Mapped[float | None]
