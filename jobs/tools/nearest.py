"""What somebody who named a missing path may have meant."""

from __future__ import annotations

import difflib
import posixpath
from collections.abc import Sequence
from typing import Final

SHOWN: Final = 5
_COMPARED: Final = 5_000


def nearest(path: str, known: Sequence[str]) -> list[str]:
    """Existing paths like this one: same name elsewhere, other case or ending, then by likeness. At most SHOWN."""
    name = posixpath.basename(path).lower()
    same = [each for each in known if posixpath.basename(each).lower() == name]
    below = [each for each in known if each.lower().endswith(f"/{path.lower()}")]
    stem = name.partition(".")[0]
    kin = [each for each in known if posixpath.basename(each).lower().partition(".")[0] == stem]
    names: dict[str, list[str]] = {}
    for each in known[:_COMPARED]:
        names.setdefault(posixpath.basename(each).lower(), []).append(each)
    like = [each for found in difflib.get_close_matches(name, list(names), SHOWN, 0.6) for each in names[found]]
    same.sort(key=lambda each: -difflib.SequenceMatcher(None, each, path).ratio())
    return list(dict.fromkeys([*below, *same, *kin, *like]))[:SHOWN]


def missing(path: str, known: Sequence[str]) -> str:
    """The sentence about a path that is not there."""
    found = nearest(path, known)
    if found:
        return f"There is no `{path}`. Did you mean {' or '.join(f'`{each}`' for each in found)}?"
    return f"There is no `{path}`, and nothing like it. Look with list_files, or search for a word of its content."
