"""Marked blocks for text that we did not write, with a fence that the text itself cannot close."""

from __future__ import annotations

BAR = "="
SHORTEST = 5


def data_block(name: str, text: str) -> str:
    """The text between two marked lines. The bar grows until the closing line does not occur in the text.

    The same text gives the same block in any process, so that prompt caches hold.
    """
    label = " ".join(name.split())
    body = text.strip("\n")
    bar = BAR * SHORTEST
    while f"{bar} end of data:" in body or f"{bar} data:" in body:
        bar += BAR
    return f"{bar} data: {label} {bar}\n{body}\n{bar} end of data: {label} {bar}"
