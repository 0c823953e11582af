"""Pieces of live secrets in text that is about to leave, however they were encoded or split (promises ABU-22).

A piece is twelve letters and digits in a row of a secret, plain, backwards, rot13, hex, URL or base64 at any offset;
what is neither letter nor digit is taken out of both sides first, so quotes, line ends and plus signs hide nothing.
The predictable beginning of a token and the head of a JWT are no secret, and neither is a word that a person chose.
"""

from __future__ import annotations

import base64
import binascii
import codecs
import re
import zlib
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from itertools import islice
from urllib.parse import quote

PIECE = 12
SHORTEST = 16
UNPACKED_BYTES = 2_000_000
PACKED = 50
"""Compressed passages of one text that are opened at most."""

_NOISE = re.compile(r"[^A-Za-z0-9]+")
_PUBLIC = re.compile(r"^(?:sk-ant-[a-z0-9]+-|gh[a-z]_(?:\d+_)?|github_pat_|AIza|xox[a-z]-|\d{8,10}:AA)")
_JWT_HEAD = re.compile(r"^eyJ[A-Za-z0-9_-]*\.")
_PEM_LINE = re.compile(r"-----[^-]*-----")
_PACKED_BASE64 = re.compile(r"(?:H4sI|eJ|eN|eA|eF|eG)[A-Za-z0-9+/_-]{16,}={0,2}")
_PACKED_HEX = re.compile(r"(?i)(?:1f8b08|789c|78da|7801|785e)(?:[0-9a-f]{2}){12,}")


class Fragments:
    """Knows the live secrets; says where in a text a piece of one stands, never which."""

    def __init__(self, secrets: Mapping[str, str]) -> None:
        self._values = tuple(secrets.values())

    @cached_property
    def _pieces(self) -> frozenset[str]:
        return frozenset(piece for value in self._values for form in _forms(core(value)) for piece in _cut(form))

    def at(self, text: str) -> int | None:
        """The line, counted from 1, on which the first piece begins; None where there is none."""
        pieces, plain = self._pieces, _NOISE.sub("", text)
        if not pieces:
            return None
        found = (at for at in range(len(plain) - PIECE + 1) if plain[at : at + PIECE] in pieces)
        at = next(found, None)
        return None if at is None else _line(text, at)


def core(value: str) -> str:
    """The part of a secret that nobody could guess."""
    body = _PEM_LINE.sub("", value)
    return _JWT_HEAD.sub("", _PUBLIC.sub("", body.strip()))


def _forms(value: str) -> Iterator[str]:
    raw = value.encode()
    if len(_NOISE.sub("", value)) < SHORTEST:
        return
    hexed = raw.hex()
    yield from (value, value[::-1], codecs.encode(value, "rot13"), hexed, hexed.upper(), quote(value, safe=""))
    yield from (base64.b64encode(b"\0" * offset + raw).decode()[4 if offset else 0 :] for offset in range(3))


def _cut(form: str) -> Iterable[str]:
    plain = _NOISE.sub("", form)
    pieces = (plain[at : at + PIECE] for at in range(len(plain) - PIECE + 1))
    return (piece for piece in pieces if _random(piece))


def _random(piece: str) -> bool:
    """Whether twelve characters are no word: digits or both cases in it, and not the same few over and over."""
    mixed = any(letter.isdigit() for letter in piece) or not (piece.islower() or piece.isupper())
    return mixed and not piece.isdigit() and len(set(piece)) > PIECE // 3


def _line(text: str, at: int) -> int:
    for number, line in enumerate(text.split("\n"), 1):
        at -= len(_NOISE.sub("", line))
        if at < 0:
            return number
    return text.count("\n") + 1


def unpacked(data: bytes) -> Iterator[str]:
    """What is compressed in the data: the whole of it, or passages in base64 or hex. Each capped; broken ones cut."""
    candidates = [data] if data[:2] in (b"\x1f\x8b", b"\x78\x01", b"\x78\x5e", b"\x78\x9c", b"\x78\xda") else []
    text = data.decode("latin-1")
    joined = text.replace("\r", "").replace("\n", "")
    for source in (text, joined) if "\n" in text else (text,):
        candidates += [_from_base64(found[0]) for found in islice(_PACKED_BASE64.finditer(source), PACKED)]
        candidates += [bytes.fromhex(found[0]) for found in islice(_PACKED_HEX.finditer(source), PACKED)]
    for packed in candidates:
        if opened := _open(packed):
            yield opened.decode("utf-8", "replace")


def _from_base64(text: str) -> bytes:
    plain = text.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        return base64.b64decode(plain[: len(plain) - (len(plain) % 4 == 1)] + "=" * (-len(plain) % 4))
    except binascii.Error:
        return b""


def _open(packed: bytes) -> bytes:
    """As much as can be opened, at most UNPACKED_BYTES."""
    wide = 16 + zlib.MAX_WBITS if packed[:2] == b"\x1f\x8b" else zlib.MAX_WBITS
    try:
        return zlib.decompressobj(wide).decompress(packed, UNPACKED_BYTES)
    except zlib.error:
        return b""
