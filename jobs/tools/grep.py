"""Finds lines. Imported for literal text; run as a program of its own for regular expressions, because only a process
can be stopped when an expression backtracks without end. Needs nothing but the standard library.
"""

from __future__ import annotations

import json
import re
import sys
from typing import BinaryIO


def lines_with(expression: re.Pattern[str], text: str, whole: bool) -> list[int]:
    """Numbers, from 1, of the lines in which it is found; `whole` looks across line ends and gives first lines."""
    if whole:
        return sorted({text.count("\n", 0, match.start()) + 1 for match in expression.finditer(text)})
    return [number for number, line in enumerate(text.split("\n"), 1) if expression.search(line)]


def main(source: BinaryIO) -> None:
    """Frames on `source`: a JSON line with the pattern, then for each file its length on a line, and its text."""
    asked = json.loads(source.readline())
    flags = re.MULTILINE if asked["whole"] else 0
    expression = re.compile(asked["pattern"], flags)
    found = []
    while size := source.readline():
        text = source.read(int(size)).decode("utf-8", "replace")
        found.append(lines_with(expression, text, asked["whole"]))
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main(sys.stdin.buffer)
