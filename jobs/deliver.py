"""`deliver`: carries out due effects, answers first, until nothing is due."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from jobs.delivery import chat, comments, derived
from jobs.delivery.sending import MOST_TRIES, Sending, carry_out
from jobs.heart import Pulse
from jobs.processes import ending
from jobs.runner import job
from jobs.runtime import Runtime
from state.clock import clock
from state.db.engine import write
from state.effects import EffectKind
from state.failpoint import failpoint
from state.store import outbox
from state.store.outbox import OutboxRow

ACTS: Mapping[EffectKind, Callable[[Sending], str | int | None]] = {
    EffectKind.COMMENT: comments.comment,
    EffectKind.EDIT: comments.edit,
    EffectKind.REACTION: comments.reaction,
    EffectKind.STATUS: derived.status,
    EffectKind.LABELS: derived.labels,
    EffectKind.CHECK_RUN: derived.check_run,
    EffectKind.TELEGRAM: chat.telegram,
    EffectKind.TELEGRAM_EDIT: chat.telegram,
}
KINDS = tuple(ACTS)
MOST = 200
"""Effects that one job carries out at most, so that a flood leaves room for commands between two jobs."""


GITHUB = tuple(kind for kind in KINDS if kind not in (EffectKind.TELEGRAM, EffectKind.TELEGRAM_EDIT))


@job("deliver")
def run(runtime: Runtime, _: int) -> None:
    """Carry out what is due, the mirror last; the number only names the bell that rang."""
    flush(runtime, GITHUB)
    flush(runtime)


def flush(runtime: Runtime, kinds: Sequence[EffectKind] = KINDS, most: int = MOST) -> int:
    """Carry out due effects of these kinds; how many were tried."""
    tried = 0
    while tried < most and not ending():
        with write(runtime.engine) as session:
            outbox.recover(session)
            taken = outbox.take_due(session, clock(), 1, runtime.owner, kinds=kinds)
        if not taken:
            break
        failpoint("outbox.taken")
        _one(runtime, taken[0])
        tried += 1
    return tried


def _one(runtime: Runtime, row: OutboxRow) -> None:
    """Under its lease. A row that was taken so often without a word of how it went kills its senders."""
    if row.tries > MOST_TRIES:
        with write(runtime.engine) as session:
            outbox.dead(session, row.op_id, "taken too often")
        return
    with Pulse(runtime.engine, lambda session: outbox.hold(session, row.op_id, runtime.owner)):
        carry_out(Sending(runtime, row), ACTS[row.kind])
