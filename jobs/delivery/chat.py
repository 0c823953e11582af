"""The Telegram mirror: messages, and messages that later ones edit (a slot)."""

from __future__ import annotations

from ghapp.clients.errors import Gone
from ghapp.emit.gate import gate_telegram
from jobs.delivery.sending import Sending
from state.clock import clock
from state.db.engine import read, write
from state.failpoint import failpoint
from state.store import links

KEPT_SECONDS = 86_400.0
SYSTEM = "telegram"


def telegram(sending: Sending) -> int | None:
    """A message; one with a slot is edited by later ones. Mirrors older than a day are dropped."""
    if sending.run.telegram is None or (clock() - sending.row.created_at).total_seconds() > KEPT_SECONDS:
        return None
    slot = str(sending.row.body.get("slot") or "")
    with read(sending.run.engine) as session:
        known = links.get_link(session, "telegram", _local(sending, slot), SYSTEM) if slot else None
    text = _text(sending)
    if known is not None:
        try:
            sending.run.telegram.edit(sending.run.chat_id, int(known.external_id), text)
        except Gone:
            pass
        else:
            return int(known.external_id)
    failpoint("outbox.before_telegram")
    made = sending.run.telegram.send(sending.run.chat_id, text)
    failpoint("outbox.after_telegram")
    if slot:
        with write(sending.run.engine) as session:
            links.set_link(session, "telegram", _local(sending, slot), SYSTEM, made)
    return made


def _local(sending: Sending, slot: str) -> str:
    return f"{sending.row.task_id}:{slot}"


def _text(sending: Sending) -> str:
    return gate_telegram(str(sending.row.body["text"]), sending.run.redactor, links=sending.links.prefixes()).text
