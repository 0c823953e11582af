"""Thought signatures: opaque bytes on the first function call of a turn, which must come back as they were."""

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from typing import Any

from devkit.gemini.conversation import calls_in, responses_in
from devkit.gemini.errors import Refusal

SIGNING_KEY = b"devkit.gemini"
NONCE = 16
# The two values that the documentation offers for histories that other models wrote.
SKIPS = (b"skip_thought_signature_validator", b"context_engineering_is_the_way_to_go")


def new_signature() -> str:
    """A fresh signature, in base64."""
    nonce = secrets.token_bytes(NONCE)
    return base64.b64encode(nonce + hmac.digest(SIGNING_KEY, nonce, hashlib.sha256)).decode()


def valid(signature: str) -> bool:
    """Whether this stand-in made the signature, or it is one of the documented ways round."""
    if signature.encode() in SKIPS:
        return True
    # Clients send URL-safe base64 as well, with or without padding.
    standard = signature.translate(str.maketrans("-_", "+/")).rstrip("=")
    try:
        raw = base64.b64decode(standard + "=" * (-len(standard) % 4), validate=True)
    except (binascii.Error, ValueError):
        return False
    return raw in SKIPS or hmac.compare_digest(raw[NONCE:], hmac.digest(SIGNING_KEY, raw[:NONCE], hashlib.sha256))


def check_signatures(contents: list[Mapping[str, Any]]) -> None:
    """Raise the Refusal for a changed signature anywhere, or a missing one in the current turn, which begins with the
    last content of the user that holds no function response."""
    for content in contents:
        for part in content.get("parts") or []:
            given = part.get("thoughtSignature")
            if given is not None and not valid(given):
                raise Refusal("Corrupted thought signature.")
    for position in range(_turn_start(contents), len(contents)):
        calls = calls_in(contents[position])
        if calls and not calls[0].get("thoughtSignature"):
            name = calls[0]["functionCall"].get("name")
            raise Refusal(
                "Function call is missing a thought_signature in functionCall parts. This is required for tools to "
                "work correctly, and missing thought_signature may lead to degraded model performance. Additional "
                f"data, function call `default_api:{name}` , position {position + 1}. Please refer to "
                "https://ai.google.dev/gemini-api/docs/thought-signatures for more details."
            )


def _turn_start(contents: list[Mapping[str, Any]]) -> int:
    for position in range(len(contents) - 1, -1, -1):
        if contents[position].get("role") != "model" and not responses_in(contents[position]):
            return position
    return 0
