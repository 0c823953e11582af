"""GitHub's webhook signature: HMAC-SHA256 over the raw bytes, compared in constant time.

Source: https://docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Sequence

HEADER = re.compile(r"sha256=[0-9a-f]{64}", re.ASCII)


def well_formed(header: str | None) -> bool:
    """One lower-case SHA-256 signature and nothing beside it."""
    return header is not None and HEADER.fullmatch(header) is not None


def verify(raw: bytes, header: str | None, secrets: Sequence[str]) -> bool:
    """Whether any of the secrets signed these bytes; every secret is tried, so time tells nothing."""
    if header is None or not well_formed(header):
        return False
    given = header.encode("ascii")
    matches = [hmac.compare_digest(sign(raw, secret).encode("ascii"), given) for secret in secrets]
    return any(matches)


def sign(raw: bytes, secret: str) -> str:
    """The header's value for these bytes."""
    return "sha256=" + hmac.digest(secret.encode(), raw, "sha256").hex()
