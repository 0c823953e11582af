"""Marks that git left where two sides did not fit together."""

from __future__ import annotations

import re
from collections.abc import Sequence

from jobs.checks.changed import each, pairs, readable
from jobs.checks.result import Finding, Found
from jobs.checks.scene import Scene

_MARK = re.compile(r"<{7} .|={7}$|>{7} .")
_FENCED = (".md", ".mdx", ".markdown")


def look(scene: Scene) -> tuple[Found, Sequence[Finding]]:
    """The changed files."""
    now, before = each(conflicts, pairs(scene, lambda path: True))
    return Found(now), before


def conflicts(path: str, text: str) -> list[Finding]:
    """Each `<<<<<<<` that a `=======` and a `>>>>>>>` follow at the beginning of a line; in Markdown not inside a code
    block.
    """
    found, begun, middle = [], 0, False
    fenced = False
    for number, line in enumerate((readable(text) or "").split("\n"), 1):
        if path.endswith(_FENCED) and line.lstrip().startswith(("```", "~~~")):
            fenced = not fenced
        mark = None if fenced else _MARK.match(line)
        if mark is None:
            continue
        if line[0] == "<":
            begun, middle = number, False
        elif line[0] == "=":
            middle = begun > 0
        elif middle:
            found.append(Finding(path, begun, "conflict", f"a merge conflict from here to line {number} is not solved"))
            begun, middle = 0, False
    return found
