"""MAX_TASKS: how many tasks may be open at once, and which limit leaves no room. Pure; `state.store.quota` counts."""

from __future__ import annotations

from dataclasses import dataclass

REPOSITORIES = 5
"""An installation may have so many times as many open tasks as one of its repositories or people."""


@dataclass(frozen=True)
class Crowd:
    """Open tasks: of one person in the installation, of the repository, of the whole installation."""

    person: int = 0
    repository: int = 0
    installation: int = 0


@dataclass(frozen=True)
class Full:
    """Which limit is reached (a field of Crowd), how many are open, and how many may be."""

    which: str
    count: int
    most: int


def full(crowd: Crowd, most: int) -> Full | None:
    """The limit that leaves no room for one more; None while there is room. `most`: MAX_TASKS. Pure."""
    limits = {"person": most, "repository": most, "installation": most * REPOSITORIES}
    found = (Full(which, getattr(crowd, which), limit) for which, limit in limits.items())
    return next((one for one in found if one.count >= one.most), None)
