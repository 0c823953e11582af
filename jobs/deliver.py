"""`deliver`: carries out due effects, answers first, until nothing is due."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from jobs.delivery import chat, comments, derived
from jobs.delivery.sending import Sending, carry_out
from jobs.runner import job
from jobs.runtime import Runtime
from state.clock import clock
from state.db.engine import write
from state.effects import EffectKind
from state.failpoint import failpoint
from state.store import outbox

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


@job("deliver")
def run(runtime: Runtime, _: int) -> None:
    """Carry out what is due; the number only names the bell that rang."""
    flush(runtime)


def flush(runtime: Runtime, kinds: Sequence[EffectKind] = KINDS, most: int = MOST) -> int:
    """Carry out due effects of these kinds; how many were tried."""
    tried = 0
    while tried < most:
        with write(runtime.engine) as session:
            outbox.recover(session)
            taken = outbox.take_due(session, clock(), 1, runtime.owner, kinds=kinds)
        if not taken:
            break
        failpoint("outbox.taken")
        carry_out(Sending(runtime, taken[0]), ACTS[taken[0].kind])
        tried += 1
    return tried
