"""Removal of secrets from text: exact live values in their usual encodings first, well-known shapes second.

A `Redactor` is built once from the live secrets and passed on; it replaces each find with `[redacted:<name>]`. It is
the common ground of logs, prompts, trajectories and the emit gate, so it is fast: one pass per kind of rule over the
text.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import quote

from state.fragments import Fragments

MIN_SECRET = 6

PEM_BODY = r"[A-Z0-9 ]*PRIVATE KEY-----(?:[\s\S]{0,16384}?-----END [A-Z0-9 ]*PRIVATE KEY-----|[\s\S]{0,4096})"


@dataclass(frozen=True)
class Shape:
    """A well-known form: `start` is the literal it begins with, looked for first since that is cheap."""

    name: str
    start: str
    pattern: re.Pattern[str]

    @classmethod
    def of(cls, name: str, start: str, rest: str) -> Shape:
        """A shape whose pattern is the literal start and the rest."""
        return cls(name, start, re.compile(rf"(?<![A-Za-z0-9]){re.escape(start)}{rest}"))


SHAPES = (
    Shape.of("pem", "-----BEGIN ", PEM_BODY),
    Shape.of("github-token", "ghs_", r"[A-Za-z0-9._-]{36,}"),
    *(Shape.of("github-token", start, r"[A-Za-z0-9]{36,255}") for start in ("ghp_", "gho_", "ghu_", "ghr_")),
    Shape.of("github-token", "github_pat_", r"[A-Za-z0-9_]{22,255}"),
    Shape.of("anthropic-key", "sk-ant-", r"[A-Za-z0-9_-]{20,}"),
    Shape.of("google-key", "AIza", r"[A-Za-z0-9_-]{35}"),
    Shape.of("google-token", "ya29.", r"[A-Za-z0-9_-]{20,}"),
    Shape("telegram-token", ":AA", re.compile(r"\b\d{8,10}:AA[A-Za-z0-9_-]{32,}")),
    Shape.of("aws-key", "AKIA", r"[A-Z0-9]{16}\b"),
    Shape.of("aws-key", "ASIA", r"[A-Z0-9]{16}\b"),
    Shape.of("slack-token", "xox", r"[abprs]-[A-Za-z0-9-]{10,}"),
    Shape.of("jwt", "eyJ", r"[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{16,}"),
    Shape("url-password", "://", re.compile(r"(?<=://)[^/\s:@\[]{1,256}:[^/\s@\[]{3,256}(?=@)")),
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
        for shape in SHAPES:
            if shape.start in text:
                text, found = shape.pattern.subn(f"[redacted:{shape.name}]", text)
                count += found
        return Redacted(text, count)

    @cached_property
    def fragments(self) -> Fragments:
        """Finds pieces of these secrets, for what leaves for good."""
        return Fragments(self._secrets)

    def exact(self, text: str) -> bool:
        """Whether a whole live secret stands in the text, in one of its usual encodings."""
        return self._exact is not None and self._exact.search(text) is not None

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
