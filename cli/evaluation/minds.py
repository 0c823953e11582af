"""Scripted models for many tasks at once: the word in a request says whose turn it is."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cli.evaluation.samples import Sample

if TYPE_CHECKING:
    from devkit.rig.script import Seen

STEP = re.compile(r"Your step: (\d+) of")
NO_COMMAND = '{"intent": "UNRELATED", "task_type": "none", "confidence": 0.3}'


@dataclass(frozen=True)
class Mind:
    """What both models answer for one task: turns of the planner, and of the executor by step."""

    plan: Sequence[Any]
    steps: Mapping[int, Sequence[Any]]


@dataclass
class Minds:
    """The callable behind both stand-ins."""

    known: dict[str, Mind] = field(default_factory=dict)

    def add(self, word: str, sample: Sample, script: str) -> None:
        """The word stands in the request, and through the plan's title in all that follows."""
        steps = {step: [turn(one) for one in turns] for step, turns in sample.script(script).items()}
        plan = {**sample.asked.plan, "title": f"{sample.asked.plan['title']} {word}"}
        submit = {"tool": "submit_plan", "input": plan}
        self.known[word] = Mind([[call("list_files", path="."), *reads(plan)], submit], steps)

    def __call__(self, seen: Seen) -> Any:
        if not {"submit_plan", "done"} & set(seen.tools):
            return NO_COMMAND
        text = seen.anywhere
        mind = next((mind for word, mind in self.known.items() if word in text), None)
        if mind is None:
            return None
        turns = mind.plan if "submit_plan" in seen.tools else self._turns(mind, text)
        return turns[min(seen.turn, len(turns) - 1)]

    @staticmethod
    def _turns(mind: Mind, text: str) -> Sequence[Any]:
        found = STEP.search(text)
        return mind.steps.get(int(found[1]) if found else 1, mind.steps[max(mind.steps)])


def turn(written: Any) -> Any:
    """A turn as the stand-ins take it."""
    if isinstance(written, str):
        return written
    calls = written if isinstance(written, list) else [written]
    return [call(name, **(given or {})) for one in calls for name, given in one.items()]


def call(name: str, **given: Any) -> dict[str, Any]:
    """A tool call as the stand-ins take it."""
    return {"tool": name, "input": given}


def reads(plan: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Reading every file that the plan names and that is there."""
    files = [file["path"] for step in plan["steps"] for file in step["files"] if file["change"] != "create"]
    return [call("read_file", path=path) for path in dict.fromkeys(files)]
