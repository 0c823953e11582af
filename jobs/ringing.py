"""After a commit: ring the bells that it stored. What does not ring now is rung by the scan."""

from __future__ import annotations

from collections.abc import Sequence

from jobs.effects import DELIVER_JOB
from jobs.runtime import Runtime
from state.db.engine import write
from state.effects import Effect, EffectKind
from state.failpoint import failpoint
from state.queue import ring
from state.store import outbox


def ring_now(runtime: Runtime, effects: Sequence[Effect], *, deliver: int | None = None) -> None:
    """Ring for these effects; `deliver` (a number that names the bell) wakes the sender for the others."""
    bells = [effect for effect in effects if effect.kind is EffectKind.RING]
    failpoint("dispatch.before_enqueue")
    rung = [effect.dedupe for effect in bells if _ring(runtime, effect.body)]
    if deliver is not None and len(bells) < len(effects):
        ring("chat", DELIVER_JOB, deliver, redis_url=runtime.redis_url)
    if rung:
        with write(runtime.engine) as session:
            for dedupe in rung:
                row = outbox.by_dedupe(session, dedupe)
                if row is not None:
                    outbox.done(session, row.op_id)


def ring_due(runtime: Runtime) -> None:
    """Ring bells that a crash or a silent Redis left unrung."""
    from state.clock import clock

    with write(runtime.engine) as session:
        left = outbox.take_due(session, clock(), 50, runtime.owner, kinds=(EffectKind.RING,))
    for row in left:
        rung = _ring(runtime, row.body)
        with write(runtime.engine) as session:
            if rung:
                outbox.done(session, row.op_id)
            else:
                outbox.retry(session, row.op_id, runtime.owner, clock())


def _ring(runtime: Runtime, body: object) -> bool:
    assert isinstance(body, dict)
    return ring(str(body["queue"]), str(body["func"]), int(body["arg"]), redis_url=runtime.redis_url)
