"""Full outputs and logs, compressed and capped, for pages and other hosts."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from state.clock import clock
from state.db.models import Artifact
from state.ids import new_id
from state.store.base import sha256

CAP = 1024 * 1024


@dataclass(frozen=True)
class ArtifactView:
    """`size` is that of the whole in bytes; `truncated`: head and tail were kept."""

    id: str
    task_id: str
    step_id: str | None
    kind: str
    name: str
    sha256: str
    size: int
    truncated: bool
    created_at: datetime


def add(
    session: Session,
    task_id: str,
    kind: str,
    name: str,
    data: bytes | str,
    *,
    step_id: str | None = None,
    cap: int = CAP,
) -> str:
    """Stores an output and returns its id; what is above `cap` bytes loses its middle, with a line that says so."""
    raw = data.encode(errors="replace") if isinstance(data, str) else data
    kept = capped(raw, cap)
    row = Artifact(
        id=new_id(),
        task_id=task_id,
        step_id=step_id,
        kind=kind,
        name=name,
        sha256=sha256(raw),
        size=len(raw),
        truncated=len(raw) > cap,
        content=zlib.compress(kept, 6),
        created_at=clock(),
    )
    session.add(row)
    session.flush()
    return row.id


def capped(raw: bytes, cap: int) -> bytes:
    """Head and tail of at most `cap` bytes together, with a line between them that says what is missing."""
    if len(raw) <= cap:
        return raw
    head, tail = raw[: cap // 2], raw[len(raw) - cap // 2 :]
    return head + f"\n[... {len(raw) - len(head) - len(tail)} bytes left out ...]\n".encode() + tail


def content(session: Session, artifact_id: str) -> bytes | None:
    """The stored bytes, or None."""
    packed = session.scalar(select(Artifact.content).where(Artifact.id == artifact_id))
    return zlib.decompress(packed) if packed is not None else None


def of_task(session: Session, task_id: str, kind: str | None = None) -> list[ArtifactView]:
    """What is stored for a task, oldest first, without the contents."""
    columns = [getattr(Artifact, name) for name in ArtifactView.__dataclass_fields__]
    query = select(*columns).where(Artifact.task_id == task_id).order_by(Artifact.created_at)
    query = query.where(Artifact.kind == kind) if kind is not None else query
    return [ArtifactView(*row) for row in session.execute(query)]
