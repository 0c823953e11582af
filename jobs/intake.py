"""`intake`: one webhook becomes commands, and each command a decision that is stored with its effects."""

from __future__ import annotations

from datetime import timedelta

from ghapp.clients.errors import ClientError, Denied, Gone, Retry
from ghapp.events import BadPayload, Incoming, parse_json, read
from jobs.deliver import GITHUB, flush
from jobs.heart import Pulse
from jobs.reception.early import AGAIN, EARLY, is_early
from jobs.reception.handle import handle
from jobs.ringing import ring_now
from jobs.runner import job
from jobs.runtime import Runtime
from state.clock import clock
from state.db.engine import write
from state.effects import Effect, EffectKind
from state.failpoint import failpoint
from state.logs import bound, get_log
from state.store import deliveries
from state.store.deliveries import MAX_ATTEMPTS, MAX_TAKES, DeliveryView

RETRY_SECONDS = 5
EYES_FIRST = (EffectKind.REACTION,)


@job("intake")
def run(runtime: Runtime, delivery_id: int) -> None:
    """Take the delivery, act on it, and write down that it is done; a crash in between leaves it to be taken again."""
    failpoint("intake.before_take")
    with write(runtime.engine) as session:
        taken = deliveries.take(session, delivery_id, runtime.owner)
    if taken is None:
        return
    with (
        bound(delivery_id=taken.id, guid=taken.guid),
        Pulse(runtime.engine, lambda session: deliveries.hold(session, taken.id, runtime.owner)),
    ):
        effects = _process(runtime, taken)
    ring_now(runtime, effects, deliver=taken.id)
    if effects:
        flush(runtime, EYES_FIRST)
        flush(runtime, GITHUB)


def _process(runtime: Runtime, taken: DeliveryView) -> list[Effect]:
    """The effects that were stored, for ringing. A delivery that was taken so often kills its takers: put aside."""
    if taken.attempts > MAX_TAKES:
        with write(runtime.engine) as session:
            deliveries.quarantine(session, taken.id, "taken too often", runtime.owner)
        return []
    try:
        incoming = read(taken.event, parse_json(taken.raw))
    except BadPayload as bad:
        with write(runtime.engine) as session:
            deliveries.quarantine(session, taken.id, str(bad), runtime.owner)
        return []
    try:
        if incoming is not None and is_early(runtime, incoming, taken.received_at, known=taken.error == EARLY):
            _wait(runtime, taken)
            return []
        effects = _act(runtime, taken, incoming) if incoming is not None else []
    except (Denied, Gone) as refusal:
        get_log().warning("not ours to act on", why=str(refusal))
        effects = []
    except ClientError as trouble:
        _again(runtime, taken, trouble)
        return []
    get_log().info("delivery processed", kind=incoming.kind.value if incoming else taken.event, effects=len(effects))
    failpoint("intake.before_done")
    with write(runtime.engine) as session:
        deliveries.done(session, taken.id, runtime.owner)
    failpoint("intake.after_done")
    return effects


def _act(runtime: Runtime, taken: DeliveryView, incoming: Incoming) -> list[Effect]:
    with write(runtime.engine) as session:
        deliveries.parsed(
            session, taken.id, incoming.kind.value.partition(".")[2], incoming.repo.id, incoming.sender.id
        )
    return handle(runtime, incoming)


def _wait(runtime: Runtime, taken: DeliveryView) -> None:
    get_log().info("delivery waits for its task")
    with write(runtime.engine) as session:
        deliveries.wait(session, taken.id, EARLY, clock() + timedelta(seconds=AGAIN), runtime.owner)


def _again(runtime: Runtime, taken: DeliveryView, trouble: ClientError) -> None:
    """GitHub could not be asked: again when it said, or later, and after the last try put aside for people."""
    why, named = str(trouble), trouble.after if isinstance(trouble, Retry) else None
    wait = named if named is not None else RETRY_SECONDS * 2**taken.attempts
    get_log().warning("delivery not processed", why=why, attempt=taken.attempts)
    with write(runtime.engine) as session:
        if taken.attempts >= MAX_ATTEMPTS:
            deliveries.quarantine(session, taken.id, why, runtime.owner)
        else:
            deliveries.failed(session, taken.id, why, clock() + timedelta(seconds=wait), runtime.owner)
