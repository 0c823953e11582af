"""A plan with a few steps added or changed, everything else word for word: what a proposal of the debug agent makes.

It goes the way of every plan: the flat form, read and checked like what the planner hands in.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from state.plan.flat import Reading, flatten, read
from state.plan.model import Plan
from state.plan.problems import Problem

OWN: Final = ("proposal", "insert_before")
"""Fields of a proposed step that are none of a plan's step."""


def amended(
    plan: Plan, steps: Sequence[Mapping[str, Any]], failed: str, closed: Collection[str], used: Collection[str] = ()
) -> Reading:
    """The plan with the proposed `steps`: one whose id the plan has is changed in the fields that are given, another is
    put before the step `insert_before` (an id or a number; left out: the failed one), which then depends on it.

    `closed` are ids that must stay as they are (done or skipped), `used` all ids that were ever given.
    """
    work = _Work(flatten(plan)["steps"], frozenset(closed), failed, {str(one.number): one.id for one in plan.steps()})
    for place, given in enumerate(steps, 1):
        work.take(place, given)
    if work.problems:
        return Reading(None, tuple(work.problems))
    return read({**flatten(plan), "steps": work.rows}, plan, used)


def changes_known(plan: Plan, steps: Sequence[Mapping[str, Any]]) -> bool:
    """Whether one of the proposed steps is a step that the plan has."""
    return any(plan.step(str(one.get("id") or "").strip()) is not None for one in steps)


@dataclass
class _Work:
    rows: list[dict[str, Any]]
    closed: frozenset[str]
    failed: str
    numbers: Mapping[str, str]
    problems: list[Problem] = field(default_factory=list)

    def take(self, place: int, given: Mapping[str, Any]) -> None:
        """One proposed step into the rows."""
        raw = {name: value for name, value in given.items() if name not in OWN and value is not None}
        where = f'step {place} "{str(raw.get("title", ""))[:80]}"'
        name = str(raw.get("id") or "").strip()
        known = self._place(name)
        if known is None:
            self._insert(where, place, raw, str(given.get("insert_before") or "").strip())
        elif name in self.closed:
            self.problems.append(Problem(f"{where}, id", f'"{name}" is done and stays as it is', self._open()))
        else:
            self.rows[known] = {**self.rows[known], **raw}

    def _insert(self, where: str, place: int, raw: dict[str, Any], before: str) -> None:
        before = self.numbers.get(before, before) or self.failed
        index = self._place(before)
        if index is None or before in self.closed:
            what = "is done, so nothing comes before it" if before in self.closed else "is no step of the plan"
            self.problems.append(Problem(f"{where}, insert_before", f'"{before}" {what}', self._open()))
            return
        target = self.rows[index]
        label = str(raw.get("id") or "").strip() or f"new-{place}"
        homes = {name: target[name] for name in ("phase", "milestone") if target.get(name)}
        homes["serves"] = target.get("serves") or target["title"]  # one that serves nothing would be off
        kept = {name: value for name, value in raw.items() if value not in ("", [])}
        self.rows[index] = {**target, "depends_on": [*target.get("depends_on", []), label]}
        self.rows.insert(index, {**homes, **kept, "id": label})

    def _place(self, name: str) -> int | None:
        return next((index for index, row in enumerate(self.rows) if row["id"] == name), None) if name else None

    def _open(self) -> str:
        return ", ".join(row["id"] for row in self.rows if row["id"] not in self.closed)
