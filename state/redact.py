"""Removal of secrets from text: exact live values in their usual encodings first, well-known shapes second.

A `Redactor` is built once from the live secrets and passed on; it replaces each find with `[redacted:<name>]`. It is the common
ground of logs, prompts, trajectories and the emit gate, so it is fast: one pass per kind of rule over the text.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import quote

MIN_SECRET = 6

SHAPES: tuple[tuple[str, str], ...] = (
    ("pem", r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----(?:[\s\S]{0,16384}?-----END [A-Z0-9 ]*PRIVATE KEY-----|[\s\S]{0,4096})"),
    ("github-token", r"\bghs_[A-Za-z0-9._-]{36,}"),
    ("github-token", r"\b(?:gh[pour]_[A-Za-z0-9]{36,255}|github_pat_[A-Za-z0-9_]{22,255})"),
    ("anthropic-key", r"\bsk-ant-[A-Za-z0-9_-]{20,}"),
    ("google-key", r"\bAIza[A-Za-z0-9_-]{35}"),
    ("google-token", r"\bya29\.[A-Za-z0-9_-]{20,}"),
    ("telegram-token", r"\b\d{8,10}:AA[A-Za-z0-9_-]{32,}"),
    ("aws-key", r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"),
    ("slack-token", r"\bxox[abprs]-[A-Za-z0-9-]{10,}"),
    ("jwt", r"\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{16,}"),
    ("url-password", r"(?<=://)[^/\s:@]{1,256}:[^/\s@]{3,256}(?=@)"),
)


@dataclass(frozen=True)
class Redacted:
    """The text without secrets and how many were found in it."""

    text: str
    count: int


class Redactor:
    """Finds secrets. `secrets` maps a name for people to the live value; values under six characters are not secrets.

    Immutable: `with_secrets` gives a wider one, for short-lived tokens.
    """

    def __init__(self, secrets: Mapping[str, str] | None = None) -> None:
        self._secrets = {name: value for name, value in (secrets or {}).items() if len(value) >= MIN_SECRET}
        self._names = {form: name for name, value in self._secrets.items() for form in encodings(value)}
        longest_first = sorted(self._names, key=len, reverse=True)
        self._exact = re.compile("|".join(map(re.escape, longest_first))) if longest_first else None

    def with_secrets(self, secrets: Mapping[str, str]) -> Redactor:
        """A redactor that knows these values as well."""
        return Redactor({**self._secrets, **secrets})

    def redact(self, text: str) -> Redacted:
        """The text with every secret replaced by `[redacted:<name>]`."""
        count = 0
        if self._exact is not None:
            text, count = self._exact.subn(lambda found: f"[redacted:{self._names[found.group()]}]", text)
        if _HINT.search(text) is None:
            return Redacted(text, count)
        text, shaped = _SHAPE.subn(lambda found: f"[redacted:{_shape_name(found)}]", text)
        return Redacted(text, count + shaped)

    def finds(self, text: str) -> int:
        """How many secrets the text holds."""
        return self.redact(text).count

    def __repr__(self) -> str:
        return f"Redactor({sorted(self._secrets)})"


def encodings(value: str) -> frozenset[str]:
    """The forms in which a secret may leave: raw, each line of it, reversed, hex, URL, base64 at the three offsets."""
    parts = {value, *(line for line in value.splitlines() if len(line) >= 16 and not line.startswith("-----"))}
    return frozenset(form for part in parts for form in _forms(part) if len(form) >= MIN_SECRET)


def _forms(value: str) -> Iterable[str]:
    raw = value.encode()
    yield from (value, value[::-1], raw.hex(), raw.hex().upper(), quote(value, safe=""), quote(value))
    for offset in range(3):
        yield from _base64_core(raw, offset)


def _base64_core(raw: bytes, offset: int) -> Iterable[str]:
    """The characters of base64 that depend on the secret alone, when it stands `offset` bytes into a group of three."""
    encoded = base64.b64encode(b"\0" * offset + raw).decode().rstrip("=")
    start = (0, 2, 3)[offset]
    end = len(encoded) - (1 if (offset + len(raw)) % 3 else 0)
    core = encoded[start:end]
    yield core
    yield core.replace("+", "-").replace("/", "_")


_SHAPE = re.compile("|".join(f"(?P<shape{number}>{pattern})" for number, (_, pattern) in enumerate(SHAPES)))
_HINT = re.compile(r"-----BEGIN|gh[spour]_|github_pat_|sk-ant-|AIza|ya29\.|:AA|AKIA|ASIA|xox[abprs]-|eyJ|://[^/\s@]+@")


def _shape_name(found: re.Match[str]) -> str:
    return SHAPES[int((found.lastgroup or "shape0").removeprefix("shape"))][0]
