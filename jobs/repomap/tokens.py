"""How many tokens a line takes, near enough and always the same: no tokenizer is at hand without the network.

The pieces are those that byte-pair tokenizers make of code: short words, numbers of three digits, pairs of signs.
"""

from __future__ import annotations

import re
from typing import Final

_PIECE: Final = re.compile(
    r"[A-Z]?[a-z]+|[A-Z]+|[0-9]{1,3}|[\x21-\x2f\x3a-\x40\x5b-\x60\x7b-\x7e]{1,2}|[^\x00-\x7f]+|  +|\t+"
)
LONG = 8


def line_tokens(line: str) -> int:
    """Tokens of a line with its line feed; of a piece between spaces, one more than its own."""
    return 1 + piece_tokens(line)


def piece_tokens(text: str) -> int:
    """Tokens of a part of a line. Parts that meet at a space add up."""
    return sum(
        1 + (len(piece) - 1) // LONG if piece.isascii() else (len(piece.encode("utf-8", "replace")) + 1) // 2
        for piece in _PIECE.findall(text)
    )


def tokens(text: str) -> int:
    """Tokens of a text: the sum over its lines."""
    return sum(map(line_tokens, text.split("\n")))
