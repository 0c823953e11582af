"""What `/approve [hash] [1-3,5]` selects: steps by number or id, and what they depend on. Errors are values."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from state.plan.graph import Graph
from state.plan.hashing import SHOWN_DIGITS
from state.plan.model import Plan, Step

_HASH = re.compile(rf"[0-9a-f]{{{SHOWN_DIGITS},64}}")
_PART = re.compile(r"(s?\d{1,6})(?:\s*-\s*(s?\d{1,6}))?")


@dataclass(frozen=True)
class Refused:
    """Why nothing was selected: the key of a catalog sentence and what fills it."""

    key: str
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Asked:
    """What the words after `/approve` say: a plan hash (its first digits), ranges of step names with both ends."""

    plan_hash: str | None = None
    ranges: tuple[tuple[str, str], ...] = ()

    @property
    def written(self) -> str:
        """The ranges as one types them: `1-3,5`; nothing when no step was named."""
        return ",".join(first if first == last else f"{first}-{last}" for first, last in self.ranges)


@dataclass(frozen=True)
class Selection:
    """Steps in plan order; `added` were not named, but others depend on them. `everything` = no step was named."""

    steps: tuple[str, ...]
    added: tuple[str, ...] = ()
    everything: bool = False

    @property
    def scope(self) -> str:
        """The scope as the approval row stores it: `all`, or the step ids."""
        return "all" if self.everything else ",".join(self.steps)


def parse(text: str) -> Asked | Refused:
    """Read `[hash] [1-3,5]`; the first word is a hash if it has four or more hexadecimal digits and nothing else."""
    words = text.strip().lower().lstrip("#`").replace("`", " ").split(maxsplit=1)
    plan_hash = words.pop(0) if words and _HASH.fullmatch(words[0]) else None
    parts = [part for part in re.split(r"\s*[,;]\s*|(?<![-\s])\s+(?!\s*-)", " ".join(words).strip()) if part]
    ranges = []
    for part in parts:
        found = _PART.fullmatch(part)
        if not found:
            return Refused("select.unreadable", {"part": part[:40]})
        ranges.append((found[1], found[2] or found[1]))
    return Asked(plan_hash, tuple(ranges))


def fits(asked: Asked, plan_hash: str) -> bool:
    """Whether the hash that was typed names this plan; none typed fits the shown one."""
    return asked.plan_hash is None or plan_hash.startswith(asked.plan_hash)


def resolve(plan: Plan, asked: Asked) -> Selection | Refused:
    """The steps that were asked for with everything that they depend on; no numbers = all steps that are no extras."""
    if not asked.ranges:
        return Selection(tuple(step.id for step in plan.steps() if not step.extra), everything=True)
    steps = list(plan.steps())
    named = _numbers(steps, asked)
    if isinstance(named, Refused):
        return named
    wanted = [step.id for step in steps if step.number in named]
    needed = Graph((step.id, step.depends_on) for step in steps).needed_by(wanted)
    chosen = tuple(step.id for step in steps if step.id in needed)
    return Selection(chosen, tuple(step_id for step_id in chosen if step_id not in wanted))


def _numbers(steps: Sequence[Step], asked: Asked) -> set[int] | Refused:
    """The numbers of the steps that the ranges name."""
    known = {step.id: step.number for step in steps} | {str(step.number): step.number for step in steps}
    named: set[int] = set()
    for first, last in asked.ranges:
        low, high = known.get(_plain(first)), known.get(_plain(last))
        if low is None or high is None:
            return Refused("select.unknown_step", {"step": first if low is None else last, "last": len(steps)})
        if low > high:
            return Refused("select.backwards", {"first": first, "last": last})
        named |= set(range(low, high + 1))
    return named


def _plain(name: str) -> str:
    """`007` and `7` are one number, `s7` and `s07` one id."""
    return f"s{int(name[1:]):02d}" if name.startswith("s") else str(int(name))
