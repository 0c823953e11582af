"""SQLAlchemy models by area; importing this package fills `Base.metadata` with every table."""

from __future__ import annotations

from state.db.base import Base
from state.db.models.collab import (
    DiscoveryDocument,
    Identity,
    Lesson,
    Note,
    Participant,
    ProgressUpdate,
    SharedContext,
)
from state.db.models.inout import Command, Delivery, Outbox, RateBucket, Refusal, SentBody
from state.db.models.money import BudgetReservation, LlmCall
from state.db.models.plan import Milestone, Phase, PlanVersion, Step, Substep
from state.db.models.record import Artifact, Conversation, ExternalLink, Notification, Setting, TaskLog
from state.db.models.task import Approval, Dependency, Task
from state.db.models.work import Attempt, Checkpoint, Snapshot

__all__ = [
    "Approval",
    "Artifact",
    "Attempt",
    "Base",
    "BudgetReservation",
    "Checkpoint",
    "Command",
    "Conversation",
    "Delivery",
    "Dependency",
    "DiscoveryDocument",
    "ExternalLink",
    "Identity",
    "Lesson",
    "LlmCall",
    "Milestone",
    "Note",
    "Notification",
    "Outbox",
    "Participant",
    "Phase",
    "PlanVersion",
    "ProgressUpdate",
    "RateBucket",
    "Refusal",
    "SentBody",
    "Setting",
    "SharedContext",
    "Snapshot",
    "Step",
    "Substep",
    "Task",
    "TaskLog",
]
