"""A conversation for the terminal: plain text, nothing that a terminal would obey."""

from __future__ import annotations

from collections.abc import Iterator

from cli.replaying.model import Called, Talk, Turn

WIDTH = 96
FOLDED = 6


def text(talk: Talk, *, whole: bool = False) -> str:
    """The whole conversation; the prompts only in their first lines unless `whole`."""
    return "\n".join([*_head(talk, whole), *(line for turn in talk.turns for line in _turn(turn)), *_end(talk), ""])


def _head(talk: Talk, whole: bool) -> Iterator[str]:
    yield f"━━ {talk.name} · {talk.model} ".ljust(WIDTH, "━")
    for name, said in [
        *((f"system {n}", part) for n, part in enumerate(talk.system, 1)),
        ("first message", talk.first),
    ]:
        lines = lines_of(said)
        shown = lines if whole else lines[:FOLDED]
        more = [f"… {len(lines) - len(shown)} more lines (--whole)"] if len(lines) > len(shown) else []
        yield f"\n┌ {name}"
        yield from (f"│ {line}".rstrip() for line in [*shown, *more])


def _turn(turn: Turn) -> Iterator[str]:
    if turn.condensed:
        yield "\n┌ condensed: from here on this stands for the turns before"
        yield from (f"│ {line}".rstrip() for line in lines_of(turn.condensed))
    yield f"\n── turn {turn.number} · {used(turn)} ".ljust(WIDTH, "─")
    if turn.text:
        yield turn.text
    for call in turn.calls:
        yield from _call(call)
    if turn.said:
        yield "▏we said"
        yield from (f"▏ {line}".rstrip() for line in lines_of(turn.said))


def _call(call: Called) -> Iterator[str]:
    short = [(name, value) for name, value in call.arguments if "\n" not in value and len(value) < WIDTH]
    yield f"▶ {call.name}({', '.join(f'{name}: {value}' for name, value in short)})"
    for name, value in call.arguments:
        if (name, value) not in short:
            yield f"  {name}:"
            yield from (f"    {line}".rstrip() for line in lines_of(value))
    mark = "✗" if call.is_error else "■" if call.final else "◀"
    first, *more = lines_of(call.answer)
    yield f"{mark} {first}"
    yield from (f"  {line}".rstrip() for line in more)


def _end(talk: Talk) -> Iterator[str]:
    yield f"\n━━ {talk.exit or 'not ended'} · {came_to(talk)} ".ljust(WIDTH, "━")
    if talk.detail:
        yield talk.detail


def lines_of(said: str) -> list[str]:
    """Lines as programs count them: other characters that break a line for people stay where they are."""
    return said.removesuffix("\n").split("\n")


def came_to(talk: Talk) -> str:
    """What it came to, in one line."""
    count = len(talk.turns)
    return f"{count} turn{'s' * (count != 1)} · {used(talk.turns[-1])}" if talk.turns else "no turn"


def used(turn: Turn) -> str:
    """What was used so far."""
    return f"{turn.tokens:,} tokens · ${turn.dollars:.4f} · {turn.seconds:.0f} s"
