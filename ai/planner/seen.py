"""What the planner was shown, read out of the answers of its tools, so that a resumed conversation knows it too.

The formats are those of `jobs.tools`; every line of a file stands behind its number there, so that no file can pose as
another answer.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from state.plan.seen import Seen

LOOKING: Final = frozenset({"read_file", "search"})
_READ: Final = re.compile(r"(?P<path>.+): lines (?P<first>\d+) to (?P<last>\d+) of \d+(?: \(.*\))?")
_FILE: Final = re.compile(r"(?P<path>\S.*) \(\d+\)")
_HIT: Final = re.compile(r" *(?P<number>\d+)[:-] ")
_RULES: Final = re.compile(r"^--- (?P<path>\S.*)$", re.M)
_EMPTY: Final = re.compile(r"`(?P<path>.+)` is empty \(0 bytes, 0 lines\)\.")


def shown(tool: str, text: str) -> Seen:
    """The lines that this answer of a tool shows."""
    if tool == "read_file":
        return _read(text)
    if tool == "search":
        return _searched(text)
    return rules(text) if tool == "conventions" else Seen()


def rules(text: str) -> Seen:
    """Files that stand in a text whole, each below a line with its name."""
    return Seen(whole=frozenset(match["path"] for match in _RULES.finditer(text)))


def _read(text: str) -> Seen:
    head = text.partition("\n")[0]
    if match := _READ.fullmatch(head):
        return Seen({match["path"]: frozenset(range(int(match["first"]), int(match["last"]) + 1))})
    empty = _EMPTY.fullmatch(head)
    return Seen(whole=frozenset({empty["path"]})) if empty else Seen()


def _searched(text: str) -> Seen:
    found: dict[str, set[int]] = {}
    path = ""
    for line in text.splitlines():
        hit = _HIT.match(line)
        if hit and path:
            found.setdefault(path, set()).add(int(hit["number"]))
        elif named := _FILE.fullmatch(line):
            path = named["path"]
    return Seen(_frozen(found))


def _frozen(found: Mapping[str, set[int]]) -> dict[str, frozenset[int]]:
    return {path: frozenset(numbers) for path, numbers in found.items()}
