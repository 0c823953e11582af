"""A long conversation made short: old turns give way to a list of what was decided and done.

Mechanical and declared: no model is asked, the conversation says that it happened, the trajectory holds the result, so
that a resumed one goes on with the same bytes. The opening (plan, step, notes of earlier steps) is not touched, and
whole turns go or stay: signatures and thinking blocks of what stays are verbatim, every call keeps its result.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Final

from ai.blocks import data_block
from ai.port import Answer, Answered, Reply, Said, ToolCall, Turn

TESTS: Final = "run_tests"
SAID_CHARS: Final = 400
ARGS_CHARS: Final = 120
RESULT_CHARS: Final = 160
TESTS_CHARS: Final = 2_000
LINES_CHARS: Final = 6_000
HEAD: Final = (
    "Condensed to keep this conversation short: the list below stands for the turns up to here. Nothing was undone, "
    "the work tree holds every edit; outputs are left out, so read or run again what you need to see."
)
DONE: Final = "what was said and done, oldest first"
TESTED: Final = "the last test run among it"


@dataclass(frozen=True)
class Condensing:
    """When it happens: at turn `begin` and every `every` turns after the last time, all but the newest `keep` turns go;
    but only where the next request would be over `tokens`, as each time costs what the cache held of what stays.
    """

    tokens: int = 8_000
    begin: int = 20
    every: int = 10
    keep: int = 6


@dataclass(frozen=True)
class Condensed(Said):
    """The list as a message of ours; `lines` and `tests` are what it was made of, `at` the turns used by then."""

    lines: tuple[str, ...] = ()
    tests: str = ""
    at: int = 0


def due(rule: Condensing, turns: Sequence[Turn], used: int, tokens: int) -> bool:
    """Whether it is time, `used` turns into an attempt whose next request has about `tokens` tokens."""
    before = turns[0].at if turns and isinstance(turns[0], Condensed) else rule.begin - rule.every
    return tokens > rule.tokens and used - before >= rule.every and cut(rule, turns) > 0


def cut(rule: Condensing, turns: Sequence[Turn]) -> int:
    """How many of the turns go: those before the oldest reply that stays. 0 where nothing would be won."""
    replies = [index for index, turn in enumerate(turns) if isinstance(turn, Reply)]
    kept = replies[-rule.keep] if len(replies) > rule.keep else 0
    return kept if kept > 1 else 0


def condense(rule: Condensing, turns: Sequence[Turn], used: int, redact: Callable[[str], str]) -> tuple[Condensed, int]:
    """The message that stands for the old turns, and how many of the newest stay. What it says passes `redact`."""
    gone = turns[: cut(rule, turns)]
    before = gone[0] if gone and isinstance(gone[0], Condensed) else Condensed("")
    lines = shortened([*before.lines, *map(redact, told(gone))])
    tests = redact(last_tests(gone)) or before.tests
    parts = [HEAD, data_block(DONE, "\n".join(lines)), *([data_block(TESTED, tests)] if tests else [])]
    return Condensed("\n".join(parts), tuple(lines), tests, used), len(turns) - len(gone)


def told(turns: Sequence[Turn]) -> Iterator[str]:
    """Each reply's words, each call with the first line of its result, each word of ours."""
    for turn, following in zip_longest(turns, turns[1:]):
        if isinstance(turn, Reply):
            yield from reply_lines(turn, following)
        elif isinstance(turn, Answered) and turn.note:
            yield f"- {turn.note}"
        elif isinstance(turn, Said) and not isinstance(turn, Condensed):
            yield f"- Service: {short(turn.text, RESULT_CHARS)}"


def reply_lines(reply: Reply, following: Turn | None) -> Iterator[str]:
    """Its words and its calls; the results stand in the turn that follows."""
    if reply.text.strip():
        yield f"- You: {short(reply.text, SAID_CHARS)}"
    answers = following.answers if isinstance(following, Answered) else ()
    yield from (call_line(call, answer) for call, answer in zip(reply.calls, answers, strict=False))


def call_line(call: ToolCall, answer: Answer) -> str:
    """`- edit_file src/app.py: Edited src/app.py, now 12 lines.`"""
    return f"- {call.name}{arguments(call)}: {outcome(answer)}"


def arguments(call: ToolCall) -> str:
    """What a call was about: its short values; a passage of several lines says nothing here."""
    values = [str(value) for value in call.args.values() if not isinstance(value, list | dict)]
    shown = short(" ".join(value for value in values if value.strip() and "\n" not in value.strip()), ARGS_CHARS)
    return f" {shown}" if shown else ""


def outcome(answer: Answer) -> str:
    """The line of a result that says how it went: the first; of a test run the one with the counts."""
    rows = [row for row in answer.text.splitlines() if row.strip()] or [""]
    if answer.name == TESTS:
        failed = [row.strip() for row in rows if row.startswith("FAILED ")]
        counts = [row for row in rows if row.startswith("Tests ")]
        return short("; ".join([*counts[:1], *failed]) or rows[0], 2 * RESULT_CHARS)
    return short(rows[0], RESULT_CHARS)


def last_tests(turns: Iterable[Turn]) -> str:
    """What the last test run said, cut at its end: failures stand first."""
    said = [one.text for turn in turns if isinstance(turn, Answered) for one in turn.answers if one.name == TESTS]
    text = said[-1].strip() if said else ""
    return (
        text if len(text) <= TESTS_CHARS else f"{text[:TESTS_CHARS]}\n[... {len(text) - TESTS_CHARS} more characters]"
    )


def shortened(lines: Sequence[str]) -> list[str]:
    """The newest lines that fit; the model's own words stay longest, then what changed files."""
    room, kept = LINES_CHARS, set[int]()
    for wanted in (("- You:",), ("- You:", "- edit_file", "- replace_lines", "- write_file", "- done"), ("- ",)):
        for index in reversed(range(len(lines))):
            if index not in kept and lines[index].startswith(wanted) and len(lines[index]) <= room:
                kept.add(index)
                room -= len(lines[index]) + 1
    gone = len(lines) - len(kept)
    head = [f"- ({gone} lines left out)"] if gone else []
    return [*head, *(lines[index] for index in sorted(kept))]


def short(text: str, most: int) -> str:
    """On one line, at most so many characters."""
    flat = " ".join(text.split())
    return flat if len(flat) <= most else f"{flat[: most - 4]} ..."
