"""Amounts as cooks write them: `1 1/2`."""

from __future__ import annotations

import re
from fractions import Fraction

AMOUNT = re.compile(r"(?:(\d+)\s+)?(\d+)/(\d+)|(\d+)")


def read_amount(text: str) -> tuple[Fraction | None, str]:
    """The amount at the beginning of a line, None if there is none, and the rest."""
    found = AMOUNT.match(text)
    if found is None:
        return None, text.strip()
    whole, top, bottom, plain = found.groups()
    amount = Fraction(int(plain)) if plain else int(whole or 0) + Fraction(int(top), int(bottom))
    return amount, text[found.end() :].strip()


def write_amount(amount: Fraction) -> str:
    """`3/2` is written `1 1/2`."""
    whole, rest = divmod(amount, 1)
    parts = [str(whole)] if whole or not rest else []
    return " ".join([*parts, *([f"{rest.numerator}/{rest.denominator}"] if rest else [])])
