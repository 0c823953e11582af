"""The agent loop: ask, answer every call in order, write the turn down, until it is done or a limit says stop."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from ai import rules
from ai.arguments import Mistake, accept
from ai.asking import Asker, estimate
from ai.condense import Condensing, condense, due
from ai.limits import Exit, Limits
from ai.port import Answer, Answered, Cancelled, Reply, Request, Said, Stop, Toolbox, ToolCall, ToolResult, Turn, Usage
from ai.stuck import nearly, stuck
from ai.trajectory import Opening, Past, Trajectory, Used

CALLS_A_TURN: Final = 24
NOT_RUN: Final = "Not run: {why}."
NO_OUTPUT: Final = "(no output)"


@dataclass(frozen=True)
class Talk:
    """One conversation to be had. `finish` names the tool that ends it; `price` turns usage into US dollars.

    `condensing` says when old turns are condensed; None: never.
    """

    opening: Opening
    prompt_hash: str
    finish: str
    limits: Limits
    max_out: int
    price: Callable[[Usage], float]
    clock: Callable[[], float] = time.monotonic
    condensing: Condensing | None = None


@dataclass(frozen=True)
class Ended:
    """How it ended: `call` is the accepted finishing call (only with DONE), `detail` is for the report."""

    exit: Exit
    detail: str
    used: Used
    call: ToolCall | None = None


class Loop:
    """One attempt. Provider errors and a reached budget pass through: the trajectory holds every complete turn."""

    def __init__(self, talk: Talk, asker: Asker, toolbox: Toolbox, trajectory: Trajectory) -> None:
        self.talk = talk
        self.asker = asker
        self.toolbox = toolbox
        self.trajectory = trajectory
        self.specs = tuple(toolbox.specs())
        self.idle = 0
        self.finished: ToolCall | None = None

    def run(self) -> Ended:
        """Go on from the last complete turn, or begin. A conversation that had ended well is not had again."""
        past = self.trajectory.begin(self.talk.opening)
        self.finished = finishing_call(past.turns)
        if self.finished:
            return Ended(Exit.DONE, "", past.used, self.finished)
        try:
            exit_status, detail, used = self._turns(past)
        except Cancelled:
            return Ended(Exit.CANCELLED, "stopped while the model was thinking", self._past.used)
        self.trajectory.end(exit_status, detail)
        return Ended(exit_status, detail, used, self.finished)

    def _turns(self, past: Past) -> tuple[Exit, str, Used]:
        self._past = past
        started = self.talk.clock() - past.used.seconds
        while True:
            over = self.talk.limits.reached(self._past.used)
            if over:
                return (*over, self._past.used)
            self._condense()
            reply = self.asker.ask(self._request())
            said, ended = self._respond(reply)
            used = self._used(reply.usage, self.talk.clock() - started)
            self._record(said, used, warn=ended is None)
            ended = ended or self._circles()
            if ended:
                return (*ended, self._past.used)

    def _request(self) -> Request:
        opening = self._past.opening
        turns = (Said(opening.first), *self._past.turns)
        return Request(opening.system, turns, self.specs, self.talk.max_out, self.talk.prompt_hash)

    def _condense(self) -> None:
        rule, past = self.talk.condensing, self._past
        if rule and due(rule, past.turns, past.used.turns, estimate(self._request())):
            stands, kept = condense(rule, past.turns, past.used.turns, self.trajectory.redact)
            self.trajectory.condensed(stands, kept)
            self._past = past.condensed(stands, kept)

    def _respond(self, reply: Reply) -> tuple[tuple[Turn, ...], tuple[Exit, str] | None]:
        """What this turn adds to the conversation, and whether it ends it."""
        if reply.stop is Stop.CALLS:
            self.idle = 0
            return self._answer_all(reply)
        if reply.stop is Stop.PAUSE:
            self.idle += 1
            said = (reply, Said(rules.GO_ON))
            return said, (Exit.SILENT, "paused over and over") if self.idle > rules.PAUSES else None
        if reply.stop is Stop.END:
            return self._nudge((reply,), rules.NO_CALL.format(finish=self.talk.finish), Exit.SILENT, reply.text)
        words = rules.rule(reply.stop).say
        if words:
            text = words.format(max_out=self.talk.max_out, detail=reply.detail)
            return self._nudge((), text, Exit.UNREADABLE, reply.detail or str(reply.stop))
        return (), (Exit.CONTEXT if reply.stop is Stop.CONTEXT else Exit.REFUSED, reply.detail)

    def _nudge(
        self, kept: tuple[Turn, ...], text: str, at_last: Exit, detail: str
    ) -> tuple[tuple[Turn, ...], tuple[Exit, str] | None]:
        self.idle += 1
        if self.idle >= rules.IN_A_ROW:
            return kept, (at_last, detail)
        return (*kept, Said(text)), None

    def _answer_all(self, reply: Reply) -> tuple[tuple[Turn, ...], tuple[Exit, str] | None]:
        answers = []
        ended: tuple[Exit, str] | None = None
        for number, call in enumerate(reply.calls):
            if ended is None and self.asker.cancel():
                ended = (Exit.CANCELLED, "stopped between two tool calls")
            result = self._result(call, number, ended)
            if result.final:
                ended, self.finished = (Exit.DONE, ""), call
            text = self.trajectory.redact(result.text) or NO_OUTPUT
            answers.append(Answer(call.id, call.name, text, result.is_error, result.final))
        return (reply, Answered(tuple(answers))), ended

    def _result(self, call: ToolCall, number: int, ended: tuple[Exit, str] | None) -> ToolResult:
        if ended is not None:
            why = "the task was stopped" if ended[0] is Exit.CANCELLED else "the work had ended with an earlier call"
            return ToolResult(NOT_RUN.format(why=why), is_error=True)
        if number >= CALLS_A_TURN:
            why = f"at most {CALLS_A_TURN} calls in one reply; send it again"
            return ToolResult(NOT_RUN.format(why=why), is_error=True)
        try:
            return self.toolbox.call(call.name, accept(call, self.specs))
        except Mistake as mistake:
            return ToolResult(str(mistake), is_error=True)

    def _used(self, usage: Usage, seconds: float) -> Used:
        before = self._past.used
        return Used(
            before.turns + 1,
            seconds,
            before.dollars + self.talk.price(usage),
            before.tokens + usage.tokens_in + usage.out,
        )

    def _record(self, said: tuple[Turn, ...], used: Used, *, warn: bool) -> None:
        notes = (
            self.talk.limits.warning(self._past.used, used, self.talk.finish),
            nearly((*self._past.turns, *said), self.talk.finish),
        )
        note = "\n".join(filter(None, notes)) if warn else ""
        if note and said:
            said = (*said[:-1], *noted(said[-1], note))
        self.trajectory.turn(said, used)
        self._past = replace(self._past, turns=(*self._past.turns, *said), used=used)

    def _circles(self) -> tuple[Exit, str] | None:
        why = stuck(self._past.turns)
        return (Exit.STUCK, why) if why else None


def finishing_call(turns: tuple[Turn, ...]) -> ToolCall | None:
    """The call that ended the conversation; None while it goes on."""
    if len(turns) < 2 or not isinstance(turns[-1], Answered) or not isinstance(turns[-2], Reply):
        return None
    pairs = zip(turns[-2].calls, turns[-1].answers, strict=True)
    return next((call for call, answer in pairs if answer.final), None)


def noted(turn: Turn, note: str) -> tuple[Turn, ...]:
    """The turn with a sentence of ours at its end."""
    if isinstance(turn, Answered):
        return (replace(turn, note=note),)
    return (Said(f"{turn.text}\n\n{note}"),) if isinstance(turn, Said) else (turn,)
