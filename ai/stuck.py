"""Is a model going in circles? Pure, over the turns so far (harness.md, Loop)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Final

from ai.port import Answered, Reply, Turn

SAME_PAIRS: Final = 4
SAME_ERRORS: Final = 3
ALTERNATIONS: Final = 3
WINDOW: Final = 8

AGAIN: Final = (
    f"That was the same call with the same result {SAME_PAIRS - 1} times; once more ends the attempt. Act on what it "
    "says, try another way, or call `{finish}`."
)

Pair = tuple[str, str, bool]


def stuck(turns: Sequence[Turn]) -> str:
    """Why the work is stuck, in words for the report; empty if it is not."""
    pairs = list(islice(recent(turns), WINDOW))
    if len(pairs) >= SAME_PAIRS and len(set(pairs[:SAME_PAIRS])) == 1:
        return f"the same call with the same result {SAME_PAIRS} times: {pairs[0][0]}"
    errors = pairs[:SAME_ERRORS]
    if len(errors) == SAME_ERRORS and all(failed for _, _, failed in errors) and len({e[1] for e in errors}) == 1:
        return f"the same error {SAME_ERRORS} times: {errors[0][1].splitlines()[0][:200]}"
    last = pairs[: 2 * ALTERNATIONS]
    if len(last) == 2 * ALTERNATIONS and len(set(last[::2])) == len(set(last[1::2])) == 1:
        return f"the same two calls in turn {ALTERNATIONS} times: {last[1][0]}, {last[0][0]}"
    return ""


def nearly(turns: Sequence[Turn], finish: str) -> str:
    """A warning before the same call ends the work; empty where none is due."""
    pairs = list(islice(recent(turns), SAME_PAIRS - 1))
    return AGAIN.format(finish=finish) if len(pairs) == SAME_PAIRS - 1 and len(set(pairs)) == 1 else ""


def recent(turns: Sequence[Turn]) -> Iterator[Pair]:
    """(call, result, failed), newest first; equal pairs within one turn count once, as the model saw no answer yet."""
    for index in range(len(turns) - 1, 0, -1):
        turn, before = turns[index], turns[index - 1]
        if not isinstance(turn, Answered) or not isinstance(before, Reply):
            continue
        found = [
            (f"{call.name} {json.dumps(dict(call.args), sort_keys=True)[:300]}", answer.text, answer.is_error)
            for call, answer in zip(before.calls, turn.answers, strict=False)
        ]
        yield from reversed(list(dict.fromkeys(found)))
