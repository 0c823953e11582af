"""A trajectory file as plain values; what a later version writes beside them is left out, never an error."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CONTROLS = {code: chr(0x2400 + code) for code in range(32) if chr(code) not in "\n\t"}
INVISIBLE = (*range(0x7F, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A))  # the last two turn text around
UNSEEN = CONTROLS | {code: f"<U+{code:04X}>" for code in INVISIBLE}
"""What cannot be seen, made visible: a terminal would obey it, and a page cannot hold all of it."""
ORDER = ("path", "start", "end", "first_line", "last_line", "old", "new")
"""Providers give arguments in an order of their own; a change reads best from old to new."""
PLANNER = re.compile(r"plan-r(\d+)-\d+")
STEP = re.compile(r"(\w+)-r(\d+)-a(\d+)")


@dataclass(frozen=True)
class Called:
    """One call with its answer; `lines` are (argument, text) as the model wrote them."""

    name: str
    arguments: tuple[tuple[str, str], ...]
    answer: str
    is_error: bool = False
    final: bool = False


@dataclass(frozen=True)
class Turn:
    """One turn of the model with what was said to it; `seconds`, `dollars` and `tokens` are sums so far."""

    number: int
    text: str
    calls: tuple[Called, ...]
    said: str
    tokens: int
    dollars: float
    seconds: float
    tokens_in: int = 0
    cached: int = 0
    out: int = 0
    stop: str = ""
    condensed: str = ""


@dataclass(frozen=True)
class Talk:
    """One conversation: who with, what it began with, its turns, and how it ended (empty: it did not)."""

    name: str
    model: str
    system: tuple[str, ...]
    first: str
    turns: tuple[Turn, ...]
    exit: str = ""
    detail: str = ""


def read(path: Path) -> Talk | None:
    """The conversation in a file; None if there is none."""
    from ai.trajectory import complete_rows

    rows = complete_rows(path)
    if not rows or rows[0].get("kind") != "start":
        return None
    start, turns, condensed, end = rows[0], list[Turn](), "", dict[str, Any]()
    for row in rows[1:]:
        kind, end = row.get("kind"), row if row.get("kind") == "end" else {}
        if kind == "turn":
            turns.append(_turn(len(turns) + 1, row, condensed))
            condensed = ""
        elif kind == "condensed":
            condensed = plain(str(row.get("stands", {}).get("text", "")))
    system = tuple(plain(part) for part in start["system"])
    ended = plain(str(end.get("exit", ""))), plain(str(end.get("detail", "")))
    return Talk(title(path.stem), plain(start["model"]), system, plain(start["first"]), tuple(turns), *ended)


def title(name: str) -> str:
    """A file's name in words; rounds and attempts count from 1."""
    if found := PLANNER.fullmatch(name):
        return "Planning" + (f", round {int(found[1]) + 1}" if found[1] != "0" else "")
    if found := STEP.fullmatch(name):
        again = f", round {int(found[2]) + 1}" if found[2] != "0" else ""
        return f"Step {found[1]}{again}, attempt {int(found[3]) + 1}"
    return plain(name)


def plain(text: str) -> str:
    """The text with what cannot be seen made visible; lines and tabs stay."""
    whole = text.encode("utf-8", "backslashreplace").decode("utf-8")  # half of a surrogate pair cannot be written
    return whole.translate(UNSEEN)


def _turn(number: int, row: Mapping[str, Any], condensed: str) -> Turn:
    parts = row.get("turns", [])
    reply: Mapping[str, Any] = next((one for one in parts if one.get("type") == "Reply"), {})
    answered: Mapping[str, Any] = next((one for one in parts if one.get("type") == "Answered"), {})
    spoken = [str(one["text"]) for one in parts if one.get("type") == "Said"]
    used, usage = row.get("used", {}), reply.get("usage", {})
    answers = {str(one["call_id"]): one for one in answered.get("answers", [])}
    return Turn(
        number,
        plain(str(reply.get("text") or "")),
        tuple(_called(call, answers.get(str(call["id"]), {})) for call in reply.get("calls", [])),
        plain("\n\n".join([*filter(None, [str(answered.get("note") or "")]), *spoken])),
        int(used.get("tokens", 0)),
        float(used.get("dollars", 0)),
        float(used.get("seconds", 0)),
        int(usage.get("tokens_in", 0)),
        int(usage.get("cached", 0)),
        int(usage.get("out", 0)),
        plain(str(reply.get("stop") or "")),
        condensed,
    )


def _called(call: Mapping[str, Any], answer: Mapping[str, Any]) -> Called:
    args = sorted(dict(call.get("args") or {}).items(), key=lambda one: ORDER.index(one[0]) if one[0] in ORDER else 99)
    given = [(str(name), _argument(value)) for name, value in args]
    if call.get("problem"):
        given.append(("(cannot be read)", str(call["problem"])))
    arguments = tuple((plain(name), plain(value)) for name, value in given)
    text = plain(str(answer.get("text", "(no answer)")))
    return Called(plain(str(call["name"])), arguments, text, bool(answer.get("is_error")), bool(answer.get("final")))


def _argument(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=2)
