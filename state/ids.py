"""Ids: UUIDs for rows, eight-character keys for people and paths, operation ids for effects."""

from __future__ import annotations

import re
import secrets
import string
import uuid

KEY_LENGTH = 8
KEY_ALPHABET = string.ascii_lowercase + string.digits
KEY_PATTERN = re.compile(r"[a-z0-9]{8}")


def new_id() -> str:
    """A random UUID as text."""
    return str(uuid.uuid4())


def new_key() -> str:
    """Eight random characters of a-z0-9; uniqueness is the table's matter."""
    return "".join(secrets.choice(KEY_ALPHABET) for _ in range(KEY_LENGTH))


def new_op_id() -> str:
    """An operation id: 32 hex digits, named in the hidden marker of a comment."""
    return uuid.uuid4().hex


def is_key(text: str) -> bool:
    """Whether the text has the shape of a task key."""
    return KEY_PATTERN.fullmatch(text) is not None
