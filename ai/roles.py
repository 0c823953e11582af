"""What every agent's prompt states about the loop, taken from the code that keeps it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from ai.limits import Limits
from ai.loop import CALLS_A_TURN
from ai.port import ToolSpec, Usage
from ai.prompts import Prompts
from ai.rules import IN_A_ROW
from ai.stuck import ALTERNATIONS, SAME_ERRORS, SAME_PAIRS


@dataclass(frozen=True)
class Terms:
    """The conditions of a conversation: prompt files, limits, US dollars of a usage."""

    prompts: Prompts
    price: Callable[[Usage], float]
    limits: Limits
    max_out: int


LANGUAGES: Mapping[str, str] = {"en": "English", "es": "Spanish"}


def loop_values(limits: Limits, max_out: int) -> dict[str, object]:
    """The variables of system/base.md."""
    return {
        "calls_a_turn": CALLS_A_TURN,
        "in_a_row": IN_A_ROW,
        "same_pairs": SAME_PAIRS,
        "same_errors": SAME_ERRORS,
        "alternations": ALTERNATIONS,
        "turns": limits.turns,
        "minutes": f"{limits.seconds / 60:g}",
        "dollars": f"{limits.dollars:.2f}",
        "tokens": f"{limits.tokens:,}",
        "max_out": f"{max_out:,}",
    }


def code(text: str) -> str:
    """A name or command as code in a sentence: on one line, and unable to end its own marks."""
    return f"`{' '.join(text.split()).replace('`', chr(39))}`"


def tool_names(specs: Iterable[ToolSpec]) -> str:
    """The names of the tools for a sentence."""
    return ", ".join(f"`{spec.name}`" for spec in specs)


def listed(values: Iterable[str], nothing: str) -> str:
    """The values as code in a sentence, or the words for none."""
    return ", ".join(map(code, values)) or nothing


def commands(given: Mapping[str, str]) -> str:
    """The commands of a repository in a sentence."""
    return ", ".join(f"{purpose} {code(command)}" for purpose, command in given.items()) or "none are known"
