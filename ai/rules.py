"""What is done about each way in which a reply can be useless: how often it is asked for again, and what is said."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from ai.port import Stop

IN_A_ROW: Final = 3
PAUSES: Final = 5

NO_CALL: Final = (
    "Your reply had no tool call, so nothing was done. Go on by calling a tool; "
    "when the work is finished, call `{finish}`."
)
CUT: Final = (
    "Your reply was cut off at {max_out} tokens, so nothing of it was done. Send less at once: "
    "one file or one edit in each call."
)
UNREADABLE: Final = (
    "Your reply could not be read ({detail}), so nothing was done. Call one of the offered tools by its exact name, "
    "with a JSON object as arguments."
)
GO_ON: Final = "Go on from where you paused."
EMPTY: Final = "Your reply was empty, so nothing was done. Go on by calling a tool."


@dataclass(frozen=True)
class Rule:
    """`again` = how often the same request is repeated (`widen`: with twice the output limit); `say` = our words."""

    again: int = 0
    widen: bool = False
    say: str = ""


RULES: Final = {
    Stop.LENGTH: Rule(again=1, widen=True, say=CUT),
    Stop.MALFORMED: Rule(again=1, say=UNREADABLE),
    Stop.EMPTY: Rule(again=2, say=EMPTY),
    Stop.RECITED: Rule(again=2),
    Stop.REFUSED: Rule(again=1),
    Stop.BLOCKED: Rule(),
    Stop.CONTEXT: Rule(),
}
USABLE: Final = frozenset({Stop.END, Stop.CALLS, Stop.PAUSE})


def rule(stop: Stop) -> Rule:
    """The rule for a stop; usable replies have none."""
    return RULES.get(stop, Rule())
