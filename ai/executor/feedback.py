"""What an attempt is told about those before it: each retry gets more (spec 6), all of it as data.

1 the errors; 2 also examples that work and mistakes to avoid; 3 also the diff so far and the debug agent's suggestions.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from ai.blocks import data_block

TOKENS: Final = 12_000
"""What all feedback together may take."""
BYTES_PER_TOKEN: Final = 3
CUT: Final = "[cut here]"

AGAIN: Final = "The last attempt failed; its edits are still in the work tree. Find out why before you change more."
ANEW: Final = (
    "Earlier attempts at this step failed and were taken back: the work tree is as it was before them, and a person "
    "asked for another try. Do not begin as they did."
)
GOES_ON: Final = "This attempt stopped to ask a person, and goes on now; its edits are still in the work tree."
LAST: Final = "This is the last attempt."
HOW_GUIDED: Final = "How to go about it this time: a debugger studied the failed attempts, and a person chose this."
HOW_EXAMPLES: Final = "Code that works here; write as it does."
HOW_MISTAKES: Final = "What was tried and failed; do not repeat it."
HOW_DIFF: Final = "The diff so far, against the state before this step. Keep what is right in it."
HOW_SUGGESTED: Final = (
    "A debugger read the failed attempts and suggests this. It ran nothing: check each against the file before you "
    "use it; line numbers are those of the work tree as it is now."
)

SAID_NOTHING: Final = "(the attempt said nothing about itself)"
AVOID: Final = {
    "same_failure": "What was changed had no effect on this failure: find the code behind it before you edit.",
    "no_progress": "Make one failing test pass at a time, with the smallest change, before you touch anything else.",
    "no_edit": "Change the files that the step names with the edit tools before you call `done`.",
    "model": "Act through tool calls only, and end with `done`.",
    "same_call": "When a call gives the same result twice, read the code around it and try something else.",
    "protected_path": "Leave protected paths alone; one that the step cannot do without goes into `extra_files`.",
    "secret": "Write no key or token, nor anything shaped like one, into a file; make test values up at run time.",
    "tamper": "Leave existing tests and their configuration as strict as they are; change the code.",
}
AVOID_RED: Final = (
    "Read the first failing assertion and the code that it reaches before you edit, and see it pass before `done`."
)
"""For whatever the checks found."""


@dataclass(frozen=True)
class Example:
    """Something that works: `source` says where it stands, `why_it_worked` how one knows."""

    source: str
    why_it_worked: str
    text: str


@dataclass(frozen=True)
class Mistake:
    """Something that failed: what was done, what came of it, and how not to do it again."""

    mistake: str
    error: str
    how_to_avoid: str


@dataclass(frozen=True)
class Suggestion:
    """One change that the debug agent suggests; `line` counts from 1, 0 = the file as a whole."""

    path: str
    line: int
    problem: str
    change: str

    def __str__(self) -> str:
        place = f"{self.path}:{self.line}" if self.line else self.path
        return f"- {place}: {self.problem}\n  -> {self.change}"


@dataclass(frozen=True)
class Feedback:
    """Everything that one attempt is told; empty for the first. `anew`: the edits of the attempts before are gone.
    `goes_on`: what a person decided, for an attempt that stopped to ask; its edits are still there.
    """

    errors: str = ""
    goes_on: str = ""
    anew: bool = False
    last: bool = False
    guidance: str = ""
    examples: tuple[Example, ...] = ()
    mistakes: tuple[Mistake, ...] = ()
    diff: str = ""
    cause: str = ""
    suggestions: tuple[Suggestion, ...] = ()


def render(given: Feedback, tokens: int = TOKENS) -> str:
    """The part of the first message, with a blank line after it; empty where there is nothing to tell.

    Where the budget does not hold all of it, the parts that are named first go in first; what is cut says so.
    """
    parts = [one for one in _parts(given) if one[2].strip()]
    if not parts:
        return ""
    left = tokens * BYTES_PER_TOKEN
    how = GOES_ON if given.goes_on else ANEW if given.anew else AGAIN
    said = [how] + ([LAST] if given.last else [])
    shown = [" ".join(said)]
    for why, name, text in parts:
        kept = cut(text, left)
        left -= len(kept.encode())
        if kept:
            shown.append("\n".join(filter(None, (why, data_block(name, kept)))))
    return "\n\n".join(shown) + "\n\n"


def _parts(given: Feedback) -> list[tuple[str, str, str]]:
    """(sentence, name of the block, text), the most useful first."""
    suggested = "\n".join(filter(None, [given.cause, *map(str, given.suggestions)]))
    return [
        ("", "what was decided", given.goes_on),
        (HOW_GUIDED, "guidance", given.guidance),
        ("", "what the checks found", given.errors),
        (HOW_SUGGESTED, "suggestions of the debugger", suggested if given.suggestions else ""),
        (HOW_MISTAKES, "mistakes to avoid", "\n".join(map(_mistake, given.mistakes))),
        (HOW_DIFF, "the diff so far", given.diff),
        (HOW_EXAMPLES, "examples that work", examples(given.examples)),
    ]


def _mistake(one: Mistake) -> str:
    return f"- Tried: {one.mistake}\n  Came of it: {one.error}\n  Instead: {one.how_to_avoid}"


def examples(found: Iterable[Example]) -> str:
    """Examples one below the other, each with its source and why it is one."""
    return "\n\n".join(f"--- {one.source} ({one.why_it_worked})\n{one.text.strip()}" for one in found)


def cut(text: str, most: int) -> str:
    """The beginning of the text, whole lines of at most `most` bytes; empty where not even a few fit."""
    if len(text.encode()) <= most:
        return text
    kept: list[str] = []
    for line in text.split("\n"):
        most -= len(line.encode()) + 1
        if most < len(CUT):
            break
        kept.append(line)
    return "\n".join([*kept, CUT]) if kept else ""


def shortened(texts: Sequence[str], most: int) -> list[str]:
    """Each text on one line and cut."""
    return [line if len(line) <= most else line[: most - 1] + "…" for line in (" ".join(one.split()) for one in texts)]
