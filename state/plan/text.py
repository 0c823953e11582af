"""Markdown by hand: texts of models and people put where they cannot change the page around them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence


def line(text: str) -> str:
    """The text on one line; HTML stays visible text."""
    return " ".join(text.split()).replace("<", "&lt;")


def cell(text: str) -> str:
    """The text inside a table."""
    return line(text).replace("|", "\\|")


def code(text: str) -> str:
    """Inline code, whatever backticks the text holds; safe in a table too."""
    shown = " ".join(text.split()).replace("|", "\\|")
    longest = max((len(run) for run in re.findall("`+", shown)), default=0)
    ticks = "`" * (longest + 1)
    pad = " " if longest else ""
    return f"{ticks}{pad}{shown}{pad}{ticks}"


def fenced(text: str, language: str = "sh") -> str:
    """A code block that the text cannot close."""
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    ticks = "`" * max(3, longest + 1)
    return f"{ticks}{language}\n{text}\n{ticks}"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of cells that are Markdown already."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(one) + " |" for one in lines)
