"""Whether a version lies in a range of versions, as npm writes them. Pure."""

from __future__ import annotations

import re

_VERSION = re.compile(r"[=v]*(\d+)(?:\.(\d+))?(?:\.(\d+))?(?:-([0-9A-Za-z.-]+))?(?:\+[\w.-]+)?")
_BOUND = re.compile(r"(>=|<=|>|<|=|)\s*(v?\d[0-9A-Za-z.+-]*)")

Key = tuple[int, int, int, int, tuple[tuple[int, int, str], ...]]


def within(version: str, ranges: str) -> bool:
    """Whether `ranges` (`>=1.0.0 <1.2.3 || <0.5.0`) holds the version. What cannot be read is taken to hold it."""
    found = _key(version)
    if found is None:
        return True
    return any(_holds(found, part) for part in ranges.split("||"))


def _holds(version: Key, part: str) -> bool:
    text = part.strip()
    if text in ("", "*", "x"):
        return True
    bounds = _BOUND.findall(text)
    if re.sub(r"[\s,]", "", _BOUND.sub("", text)):
        return True
    return all(_meets(version, operator, _key(bound)) for operator, bound in bounds)


def _meets(version: Key, operator: str, bound: Key | None) -> bool:
    if bound is None:
        return True
    compared = {">=": version >= bound, "<=": version <= bound, ">": version > bound, "<": version < bound}
    return compared.get(operator, version == bound)


def _key(text: str) -> Key | None:
    """A value that sorts as versions do: one before its release sorts before it."""
    found = _VERSION.fullmatch(text.strip())
    if found is None:
        return None
    parts = tuple((0, int(one), "") if one.isdigit() else (1, 0, one) for one in (found[4] or "").split(".") if one)
    return int(found[1]), int(found[2] or 0), int(found[3] or 0), 0 if parts else 1, parts
