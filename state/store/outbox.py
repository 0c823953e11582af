"""The outbox: effects stored with the change that asks for them, done later, each exactly once as far as the far end
allows.

States: new -> inflight -> done | dead; inflight -> new (known not to be applied) or uncertain (nobody knows). An
uncertain row is taken again with `verify` set: the sender reads back before it sends. Rows of one lane (see `lane`)
are taken oldest first and one at a time, so order within a thread holds and two senders never work on one target.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Update, exists, func, or_, select, update
from sqlalchemy.orm import Session, aliased

from state.clock import clock
from state.db.engine import db_now, serialize
from state.db.models import Outbox
from state.effects import Effect, EffectKind
from state.ids import new_op_id
from state.store.base import canonical, insert_once, literally, rows, sha256

OPEN = ("new", "inflight", "uncertain")
LEASE_SECONDS = 10.0


@dataclass(frozen=True)
class OutboxRow:
    """An effect as stored. `verify`: an earlier try may have been applied, read back first; `reads`: read-backs so
    far; `asked_at`: set while the far end is asked, so it is left only by a sender that died there.
    """

    id: int
    op_id: str
    dedupe: str
    kind: EffectKind
    task_id: str | None
    repo_id: int | None
    installation_id: int | None
    target: dict[str, Any]
    body: dict[str, Any]
    body_sha: str
    priority: int
    coalesce: str | None
    state: str
    remote_id: str | None
    tries: int
    reads: int
    verify: bool
    not_before: datetime
    created_at: datetime
    first_sent_at: datetime | None
    asked_at: datetime | None
    error: str | None


def add(session: Session, effects: Iterable[Effect]) -> list[str]:
    """Stores effects; the op ids of those that were new. One that coalesces replaces unsent older rows of its value."""
    now = clock()
    return [op_id for effect in effects if (op_id := _add_one(session, effect, now)) is not None]


def lane(effect: Effect) -> str | None:
    """What must not be worked on twice at a time: the coalesce value, a message slot, an issue's new comments, or the
    target.
    """
    if effect.coalesce is not None:
        return f"c:{effect.coalesce}"
    if effect.kind is EffectKind.RING:
        return None
    if effect.kind in (EffectKind.TELEGRAM, EffectKind.TELEGRAM_EDIT):
        return f"telegram:{effect.task_id}:{effect.body.get('slot', '')}"
    where = sha256(canonical(dict(effect.target)))[:24]
    return f"{effect.kind}:{effect.repo_id}:{where}"


def take_due(
    session: Session,
    now: datetime,
    limit: int,
    owner: str,
    *,
    kinds: Sequence[EffectKind] | None = None,
    lease: float = LEASE_SECONDS,
) -> list[OutboxRow]:
    """Marks up to `limit` due rows inflight under a lease (seconds) and returns them, by priority, then age.

    Commit before sending: what is inflight when its lease ends is uncertain.
    """
    serialize(session, "outbox")
    chosen = list(session.execute(_due(now, kinds).limit(limit)).scalars())
    until = db_now(session) + timedelta(seconds=lease)
    for row in chosen:
        row.verify = row.verify or row.state == "uncertain"
        row.state, row.lease_owner, row.lease_until = "inflight", owner, until
        row.tries += 1
        row.first_sent_at = row.first_sent_at or now
    session.flush()
    return [_row(row) for row in chosen]


def next_due(session: Session) -> datetime | None:
    """When the next open row falls due (may be past), or None when there is nothing to do."""
    return session.scalar(
        select(func.min(Outbox.not_before)).where(literally(Outbox.state, OPEN), Outbox.state.in_(("new", "uncertain")))
    )


def due(
    session: Session, now: datetime, kinds: Sequence[EffectKind] | None = None, limit: int = 100
) -> list[OutboxRow]:
    """What `take_due` would take, without taking it."""
    return [_row(row) for row in session.execute(_due(now, kinds).limit(limit)).scalars()]


def done(session: Session, op_id: str, remote_id: str | int | None = None) -> bool:
    """The effect stands at the far end; false when that was known. True knowledge is welcome from any sender, late or
    not.
    """
    values = {"state": "done", "done_at": clock(), "lease_owner": None, "lease_until": None, "error": None}
    if remote_id is not None:
        values["remote_id"] = str(remote_id)
    return rows(session, update(Outbox).where(Outbox.op_id == op_id, Outbox.state.in_(OPEN)).values(**values)) == 1


def hold(session: Session, op_id: str, owner: str, *, asking: bool = False, lease: float = LEASE_SECONDS) -> bool:
    """Prolongs the lease (seconds); false when the row is no longer this owner's: then nothing may be sent any more.

    `asking` notes that the far end is asked next.
    """
    values: dict[str, Any] = {"lease_until": db_now(session) + timedelta(seconds=lease)}
    if asking:
        values["asked_at"] = clock()
    return rows(session, _owned(op_id, owner).values(**values)) == 1


def retry(
    session: Session, op_id: str, owner: str, not_before: datetime, error: str = "", *, counts: bool = True
) -> bool:
    """Known not to be applied: back to new. False when the row is no longer this owner's. A wait that was our own wish
    does not count as a try.
    """
    tries = Outbox.tries if counts else Outbox.tries - 1
    return _release(
        session, op_id, owner, state="new", verify=False, reads=0, tries=tries, not_before=not_before, error=error
    )


def uncertain(
    session: Session,
    op_id: str,
    owner: str,
    not_before: datetime,
    *,
    read: bool = False,
    sent: bool = False,
    error: str = "",
) -> bool:
    """Nobody knows whether it was applied; `read` counts one more read-back that did not find it, `sent` begins the
    count anew: it was sent just now.
    """
    counted = 0 if sent else Outbox.reads + 1 if read else Outbox.reads
    return _release(
        session, op_id, owner, state="uncertain", verify=True, reads=counted, not_before=not_before, error=error
    )


def dead(session: Session, op_id: str, error: str) -> bool:
    """Given up, with the reason; the lane goes on."""
    change = update(Outbox).where(Outbox.op_id == op_id, Outbox.state.in_(OPEN))
    return (
        rows(session, change.values(state="dead", error=error, done_at=clock(), lease_owner=None, lease_until=None))
        == 1
    )


def recover(session: Session) -> int:
    """Rows left inflight by a sender that died become uncertain; how many. Due at once."""
    left = update(Outbox).where(Outbox.state == "inflight", Outbox.lease_until <= db_now(session))
    return rows(session, left.values(state="uncertain", verify=True, lease_owner=None, lease_until=None))


def by_op(session: Session, op_id: str) -> OutboxRow | None:
    """One row by its operation id."""
    found = session.scalar(select(Outbox).where(Outbox.op_id == op_id))
    return _row(found) if found else None


def by_dedupe(session: Session, dedupe: str) -> OutboxRow | None:
    """One row by its dedupe key."""
    found = session.scalar(select(Outbox).where(Outbox.dedupe == dedupe))
    return _row(found) if found else None


def plan_on_its_way(session: Session, task_id: str) -> bool:
    """Whether a plan's comment is still to be posted, or may have been without our knowing."""
    found = select(Outbox.body).where(
        Outbox.task_id == task_id, Outbox.kind == EffectKind.COMMENT.value, Outbox.state.in_(OPEN)
    )
    return any("version" in body for body in session.scalars(found))


def text_on_its_way(session: Session, task_id: str) -> bool:
    """Whether a comment or its new text is still to be sent, or may have been without our knowing."""
    texts = (EffectKind.COMMENT.value, EffectKind.EDIT.value, EffectKind.STATUS.value)
    found = select(Outbox.id).where(Outbox.task_id == task_id, Outbox.kind.in_(texts), Outbox.state.in_(OPEN))
    return session.scalar(found.limit(1)) is not None


def drop_open(session: Session, task_id: str, reason: str, kinds: Sequence[EffectKind] | None = None) -> int:
    """Unsent effects of a task that may no longer be sent become dead (suspended installation, repository gone)."""
    change = update(Outbox).where(Outbox.task_id == task_id, Outbox.state == "new")
    if kinds is not None:
        change = change.where(Outbox.kind.in_(kinds))
    return rows(session, change.values(state="dead", error=reason, done_at=clock()))


def _add_one(session: Session, effect: Effect, now: datetime) -> str | None:
    op_id = new_op_id()
    stored = insert_once(
        session,
        Outbox,
        {
            "op_id": op_id,
            "dedupe": effect.dedupe,
            "task_id": effect.task_id,
            "repo_id": effect.repo_id,
            "installation_id": effect.installation_id,
            "kind": effect.kind.value,
            "target": dict(effect.target),
            "body": dict(effect.body),
            "body_sha": sha256(canonical(dict(effect.body))),
            "priority": int(effect.priority),
            "coalesce": effect.coalesce,
            "lane": lane(effect),
            "not_before": effect.not_before or now,
            "created_at": now,
        },
    )
    if stored and effect.coalesce is not None:
        _supersede(session, effect.coalesce, op_id, now)
    return op_id if stored else None


def _supersede(session: Session, coalesce: str, op_id: str, now: datetime) -> None:
    """Older unsent rows end; the new one inherits their place: the earliest time (a stream of updates must not
    starve), the longest back-off when they were being retried, and the better priority."""
    same = (Outbox.coalesce == coalesce, Outbox.state == "new")
    old = list(session.execute(select(Outbox).where(*same, Outbox.op_id != op_id)).scalars())
    if not old:
        return
    new = session.execute(select(Outbox).where(Outbox.op_id == op_id)).scalar_one()
    backing_off = [row.not_before for row in old if row.tries > 0]
    new.not_before = max(backing_off) if backing_off else min(new.not_before, *(row.not_before for row in old))
    new.priority = min(new.priority, *(row.priority for row in old))
    new.tries = max(row.tries for row in old)
    for row in old:
        row.state, row.done_at, row.error = "done", now, f"superseded by {op_id}"
    session.flush()


def _due(now: datetime, kinds: Sequence[EffectKind] | None) -> Any:
    older = aliased(Outbox)
    ahead = exists().where(older.lane == Outbox.lane, older.id < Outbox.id, literally(older.state, OPEN))
    wanted: list[ColumnElement[bool]] = [
        literally(Outbox.state, OPEN),
        Outbox.state.in_(("new", "uncertain")),
        Outbox.not_before <= now,
        or_(Outbox.lane.is_(None), ~ahead),
    ]
    if kinds is not None:
        wanted.append(Outbox.kind.in_([kind.value for kind in kinds]))
    return select(Outbox).where(*wanted).order_by(Outbox.priority, Outbox.id)


def _release(session: Session, op_id: str, owner: str, **values: Any) -> bool:
    mine = _owned(op_id, owner).values(lease_owner=None, lease_until=None, asked_at=None, **values)
    return rows(session, mine) == 1


def _owned(op_id: str, owner: str) -> Update:
    return update(Outbox).where(Outbox.op_id == op_id, Outbox.state == "inflight", Outbox.lease_owner == owner)


def _row(row: Outbox) -> OutboxRow:
    same = {name: getattr(row, name) for name in OutboxRow.__dataclass_fields__ if name != "kind"}
    return OutboxRow(kind=EffectKind(row.kind), **same)
