"""The Telegram mirror: messages, and messages that later ones edit (a slot)."""

from __future__ import annotations

from datetime import timedelta

from ghapp.clients.errors import Gone, Retry, Uncertain
from ghapp.clients.telegram import Telegram
from ghapp.emit.gate import gate_telegram
from jobs.delivery.sending import Postponed, Sending, backoff
from state.clock import clock
from state.db.engine import read, write
from state.failpoint import failpoint
from state.logs import get_log
from state.store import links, rates

KEPT_SECONDS = 86_400.0
SYSTEM = "telegram"


def telegram(sending: Sending) -> int | None:
    """A message; one with a slot is edited by later ones. Mirrors older than a day are dropped.

    While Telegram is in trouble nothing is sent to it at all: what people wait for on GitHub must not wait for it.
    """
    if sending.run.telegram is None or (clock() - sending.row.created_at).total_seconds() > KEPT_SECONDS:
        return None
    with read(sending.run.engine) as session:
        left = rates.pause_left(session, SYSTEM)
    if left > 0:
        raise Postponed(left)
    try:
        return _send(sending, sending.run.telegram)
    except (Retry, Uncertain) as trouble:
        named = trouble.after if isinstance(trouble, Retry) else None
        wait = named if named is not None else backoff(sending.row.tries)
        with write(sending.run.engine) as session:
            rates.pause(session, SYSTEM, clock() + timedelta(seconds=wait))
        get_log().warning("telegram waits", why=str(trouble), seconds=wait)
        raise Postponed(wait, counts=True) from None


def _send(sending: Sending, bot: Telegram) -> int | None:
    """Telegram cannot be read back: what a sender that died had asked for may be there and is not sent again.

    GitHub has the truth, and a phone that buzzes twice for one event is worse than one that missed it.
    """
    slot = str(sending.row.body.get("slot") or "")
    with read(sending.run.engine) as session:
        known = links.get_link(session, "telegram", _local(sending, slot), SYSTEM) if slot else None
    text = _text(sending)
    if known is not None:
        failpoint("outbox.before_telegram_edit")
        try:
            bot.edit(sending.run.chat_id, int(known.external_id), text)
        except Gone:
            pass
        else:
            failpoint("outbox.after_telegram_edit")
            return int(known.external_id)
    if sending.row.asked_at is not None:
        get_log().warning("mirror may be lost", op=sending.row.op_id)
        return None
    kind = "telegram_slot" if slot else "telegram"
    failpoint(f"outbox.before_{kind}")
    sending.asking()
    made = bot.send(sending.run.chat_id, text)
    failpoint(f"outbox.after_{kind}")
    if slot:
        with write(sending.run.engine) as session:
            links.set_link(session, "telegram", _local(sending, slot), SYSTEM, made)
    return made


def _local(sending: Sending, slot: str) -> str:
    return f"{sending.row.task_id}:{slot}"


def _text(sending: Sending) -> str:
    return gate_telegram(str(sending.row.body["text"]), sending.run.redactor, links=sending.links.prefixes()).text
