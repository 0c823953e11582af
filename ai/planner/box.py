"""The planner's tools: those that read, and `submit_plan`, whose answer is what the validator found.

What the box knows follows from the conversation alone: a resumed one is played to it again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

from ai.planner import words
from ai.planner.seen import LOOKING, rules, shown
from ai.port import Answered, Json, Reply, Toolbox, ToolResult, ToolSpec, Turn
from ai.tools.finish import CANNOT_KINDS, submit_plan
from ai.tools.limits import PLAN_REPAIRS
from state.plan.check_order import MAX_STEPS
from state.plan.model import Plan
from state.plan.parts import MAX_IN_PARTS, Parts, add, begin, is_skeleton
from state.plan.problems import Problem, teach
from state.plan.schema import submit_plan_schema
from state.plan.seen import Seen

FINISH: Final = "submit_plan"
_NOT_RUN: Final = "Not run: "


@dataclass(frozen=True)
class Handed:
    """A submission to be judged: with what had been read by then, and `most` steps; a `part` is judged for itself."""

    raw: Mapping[str, Any]
    seen: Seen
    most: int = MAX_STEPS
    part: bool = False


Validate = Callable[[Handed], Plan | Sequence[Problem]]


@dataclass(frozen=True)
class Cannot:
    """Why there is no plan: kind is nothing_to_do, impossible or ambiguous; the reason is the model's, for people."""

    kind: str
    reason: str


class PlannerBox:
    """`named` are the paths that the request is about (none: a plan without a look is fine), `conventions` is text
    that the first message shows.
    """

    def __init__(self, read: Toolbox, validate: Validate, named: Sequence[str] = (), conventions: str = "") -> None:
        self.read = read
        self.validate = validate
        self.named = tuple(named)
        self.seen = rules(conventions)
        self.looked = self.taught = self.asked = False
        self.rejected = 0
        self.parts: Parts | None = None
        self.plan: Plan | None = None
        self.cannot: Cannot | None = None
        self.problems: tuple[Problem, ...] = ()
        self._finish = submit_plan(submit_plan_schema())

    def specs(self) -> Sequence[ToolSpec]:
        """The read tools first, as they never change."""
        return (*self.read.specs(), self._finish)

    def call(self, name: str, args: Json) -> ToolResult:
        """Run a read tool, or judge a plan."""
        if name == FINISH:
            return self._submit(dict(args))
        result = self.read.call(name, args)
        if not result.is_error:
            self._look(name, result.text)
        return result

    def replay(self, turns: Sequence[Turn]) -> None:
        """Take up an interrupted conversation: what was shown and handed in before counts as if it were now."""
        for reply, answered in pairwise(turns):
            if not isinstance(reply, Reply) or not isinstance(answered, Answered):
                continue
            for call, answer in zip(reply.calls, answered.answers, strict=False):
                if call.problem or answer.text.startswith(_NOT_RUN):
                    continue
                if call.name == FINISH:
                    self._submit(dict(call.args))
                elif not answer.is_error:
                    self._look(call.name, answer.text)

    def _look(self, name: str, text: str) -> None:
        self.looked = self.looked or name in LOOKING
        self.seen = self.seen | shown(name, text)

    def _submit(self, args: dict[str, Any]) -> ToolResult:
        reason = args.pop("cannot", None)
        if reason is not None and not args.get("steps"):
            return self._no_plan(reason)
        if self.named and not self.looked and not self.taught:
            self.taught = True
            return ToolResult(words.read_first(self.named))
        if is_skeleton(args):
            return self._skeleton(args)
        if self.parts:
            return self._part(self.parts, args)
        if args.get("part"):
            return self._wrong([Problem("part", "is given", "a skeleton first")], words.NO_SKELETON)
        return self._judged(self.validate(Handed(args, self.seen)))

    def _judged(self, found: Plan | Sequence[Problem]) -> ToolResult:
        if isinstance(found, Plan):
            return self._accepted(found)
        if not self.asked and all(problem.justifiable for problem in found):
            self.asked = True
            return ToolResult(teach(found, then=words.JUSTIFY), is_error=True)
        return self._wrong(found, teach(found))

    def _accepted(self, plan: Plan) -> ToolResult:
        self.plan = plan
        return ToolResult(words.ACCEPTED, final=True)

    def _wrong(self, found: Sequence[Problem], text: str) -> ToolResult:
        self.problems = tuple(found)
        self.rejected += 1
        if self.rejected > PLAN_REPAIRS:
            return ToolResult(words.FAILED, is_error=True, final=True)
        return ToolResult(text + words.repairs(self.rejected), is_error=True)

    def _skeleton(self, args: dict[str, Any]) -> ToolResult:
        found = begin(args, self.parts)
        if not isinstance(found, Parts):
            return self._wrong(found, teach(found))
        self.parts = found
        return self._go_on(found)

    def _part(self, parts: Parts, args: dict[str, Any]) -> ToolResult:
        if not args.get("part"):
            names = ", ".join(f'"{one.name}"' for one in parts.missing or parts.phases)
            return self._wrong([Problem("part", "is missing", names)], words.WHICH_PART.format(names=names))
        found = add(parts, args)
        if not isinstance(found, Parts):
            return self._wrong(found, teach(found))
        judged = self.validate(Handed(found.alone(args["part"]), self.seen, part=True))
        if not isinstance(judged, Plan):
            return self._wrong(judged, teach(judged, then="Correct all of them and hand in this phase again."))
        if len(found.missing) < len(parts.missing):
            self.rejected = 0
        self.parts = found
        return self._go_on(found)

    def _go_on(self, parts: Parts) -> ToolResult:
        if parts.missing:
            return ToolResult(words.next_part(parts))
        found = self.validate(Handed(parts.whole(), self.seen, MAX_IN_PARTS))
        if isinstance(found, Plan):
            return self._accepted(found)
        # Several phases may be wrong, and each is mended by itself: fewer problems than before are no failed repair.
        if self.problems and len(found) < len(self.problems):
            self.rejected -= 1
        return self._wrong(found, words.wrong_whole(parts, found))

    def _no_plan(self, given: Any) -> ToolResult:
        kind = given.get("kind") if isinstance(given, dict) else None
        reason = given.get("reason") if isinstance(given, dict) else None
        if kind not in CANNOT_KINDS or not isinstance(reason, str) or not reason.strip():
            kinds = ", ".join(CANNOT_KINDS)
            return ToolResult(
                f"`cannot` needs kind (one of {kinds}) and reason (a sentence for people).", is_error=True
            )
        self.cannot = Cannot(kind, reason.strip())
        return ToolResult(words.NOTED, final=True)
