"""Options of `/task`: `key=value` words at the beginning or the end of its first line.

    /task add stock validation type=fix base=development priority=high budget=3 deadline=2026-12-01 discovery=yes

Words elsewhere that only look like options ("set type=admin in the form") belong to the request.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

TYPES = frozenset(("feat", "fix", "refactor", "docs", "test", "chore"))
PRIORITIES: Mapping[str, str] = {
    **{name: name for name in ("critical", "high", "medium", "low")},
    "critica": "critical",
    "alta": "high",
    "media": "medium",
    "baja": "low",
}
ANSWERS: Mapping[str, bool] = {
    "yes": True,
    "si": True,
    "true": True,
    "on": True,
    "no": False,
    "false": False,
    "off": False,
}
KEYS: Mapping[str, str] = {
    **{name: name for name in ("type", "base", "priority", "budget", "deadline", "discovery")},
    "tipo": "type",
    "rama": "base",
    "prioridad": "priority",
    "presupuesto": "budget",
    "plazo": "deadline",
    "descubrimiento": "discovery",
}
WORD = re.compile(r"(?P<key>[A-Za-z]+)=(?P<value>\S*)")
BRANCH = re.compile(r"(?!.*(?:\.\.|//|@\{|\.lock(?:/|$)|/\.))[A-Za-z0-9_][A-Za-z0-9._/-]{0,199}(?<![./])")
MOST_DOLLARS = 10_000.0


@dataclass(frozen=True)
class OptionError:
    """An option that cannot be used: the catalog key that says why, the option and the value as typed."""

    key: str
    option: str
    value: str


@dataclass(frozen=True)
class TaskOptions:
    """The request without its options, and what they say; None where nothing was said. Budget in US dollars."""

    request: str
    type: str | None = None
    base: str | None = None
    priority: str | None = None
    budget: float | None = None
    deadline: datetime | None = None
    discovery: bool | None = None
    errors: tuple[OptionError, ...] = ()


def read_options(argument: str, now: datetime) -> TaskOptions:
    """Split a `/task` argument; wrong values come back as errors, never as exceptions."""
    first, _, rest = argument.partition("\n")
    words = first.split(" ")
    low = _leading(words)
    high = len(words) - _leading(words[low:][::-1])
    chosen: dict[str, Any] = {}
    errors: list[OptionError] = []
    for word in filter(None, (*words[:low], *words[high:])):
        _take(word, now, chosen, errors)
    request = "\n".join(part for part in (" ".join(words[low:high]).strip(), rest) if part).strip()
    return TaskOptions(request, **chosen, errors=tuple(errors))


def fold(text: str) -> str:
    """Lower case without accents: how names and values are compared."""
    split = unicodedata.normalize("NFKD", text.lower())
    return "".join(char for char in split if not unicodedata.combining(char))


def _leading(words: list[str]) -> int:
    count = 0
    while count < len(words) and (not words[count] or _option(words[count])):
        count += 1
    return count


def _option(word: str) -> str | None:
    found = WORD.fullmatch(word)
    return KEYS.get(fold(found["key"])) if found else None


def _take(word: str, now: datetime, chosen: dict[str, Any], errors: list[OptionError]) -> None:
    option, value = _option(word) or "", word.partition("=")[2]
    if option in chosen:
        errors.append(OptionError("commands.option.twice", option, value))
        return
    found = READERS[option](value, now)
    if found is None:
        errors.append(OptionError(f"commands.option.{option}", option, value))
    else:
        chosen[option] = found


def _dollars(value: str) -> float | None:
    found = re.fullmatch(r"\$?(\d{1,6}(?:[.,]\d{1,2})?)\$?", value, re.ASCII)
    dollars = float(found[1].replace(",", ".")) if found else 0.0
    return dollars if 0 < dollars <= MOST_DOLLARS else None


def _deadline(value: str, now: datetime) -> datetime | None:
    """The end of that day, UTC."""
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", value, re.ASCII):
        return None
    try:
        day = datetime.fromisoformat(value).replace(hour=23, minute=59, second=59, tzinfo=UTC)
    except ValueError:
        return None
    return day if day >= now else None


def read_budget(word: str) -> tuple[float | None, str] | None:
    """(US dollars, or None where it is no amount, and the value) of a word such as `budget=2.50`; None: no budget."""
    if _option(word) != "budget":
        return None
    value = word.partition("=")[2]
    return _dollars(value), value


READERS: Mapping[str, Callable[[str, datetime], Any]] = {
    "type": lambda value, _: fold(value) if fold(value) in TYPES else None,
    "base": lambda value, _: value if BRANCH.fullmatch(value) else None,
    "priority": lambda value, _: PRIORITIES.get(fold(value)),
    "budget": lambda value, _: _dollars(value),
    "deadline": _deadline,
    "discovery": lambda value, _: ANSWERS.get(fold(value)),
}
