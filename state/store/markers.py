"""The hidden marker of a comment: which operation wrote it, signed, so that a retry finds its own and nobody can
forge one.

`<!-- devtask:op=<32 hex> sig=<16 hex> -->`; the signature is HMAC-SHA256 under a key that only this database holds. A
marker counts only in a comment whose author is our App (the caller checks that).
"""

from __future__ import annotations

import hmac
import re

PATTERN = re.compile(r"<!-- devtask:op=([0-9a-f]{32}) sig=([0-9a-f]{16}) -->")


def make(key: bytes, op_id: str) -> str:
    """The marker of an operation (`values.marker_key`, `OutboxRow.op_id`)."""
    return f"<!-- devtask:op={op_id} sig={_sign(key, op_id)} -->"


def found(key: bytes, body: str) -> str | None:
    """The operation that wrote this text, or None; the last valid marker counts, since ours ends the body."""
    valid = [op for op, sig in PATTERN.findall(body) if hmac.compare_digest(_sign(key, op), sig)]
    return valid[-1] if valid else None


def strip(body: str) -> str:
    """The text without markers, valid or not."""
    return PATTERN.sub("", body).rstrip()


def _sign(key: bytes, op_id: str) -> str:
    return hmac.new(key, op_id.encode(), "sha256").hexdigest()[:16]
