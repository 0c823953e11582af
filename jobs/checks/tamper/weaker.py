"""Whether one assertion excludes less than another that looks at the same thing. Pure."""

from __future__ import annotations

import ast
import builtins
import operator
import re
from collections.abc import Callable, Mapping

from jobs.checks.tamper.model import Assertion, Level

AWAITED = "awaited"
"""The detail of what the test waits for, where it would hold of every coroutine."""
_GUARDS = {
    "dead": "it is never reached",
    "swallowed": "its failure is swallowed",
    "unawaited": "nobody waits for its failure",
}
_ORDERS: Mapping[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_UP, _DOWN = {">", ">="}, {"<", "<="}
_EMPTY = {"0", "0.0", "None", "False", "''", '""', "[]", "()", "{}", "null", "false", "undefined"}
_PLAIN = re.compile(r"(['\"])([\w ,:;'/-]*)\1")
_BROAD = {"Exception", "BaseException"}


def weaker(old: Assertion, new: Assertion) -> str:
    """How `new` is weaker than `old`; empty where it is not."""
    if new.level is Level.NOTHING and old.level is not Level.NOTHING:
        return "it can no longer fail"
    if extra := guarded(old, new):
        return extra
    if new.level < old.level:
        return "it is less exact"
    if new.slack > old.slack:
        return f"its tolerance grew from {old.slack:g} to {new.slack:g}"
    if old.kind != new.kind:
        return ""
    return _raises(old, new) if old.kind == "raises" else _waits(old, new) or _bounds(old, new) or _members(old, new)


def implied(old: Assertion, new: Assertion) -> bool:
    """Whether whatever satisfies `new` satisfies `old`: it only became sharper."""
    if old.subject != new.subject or weaker(old, new) or not _details(old, new):
        return False
    if old.expected == new.expected and old.kind in {new.kind, "truth"}:
        return True
    return new.kind in {"equal", "is"} and _satisfies(new.expected, old)


def _details(old: Assertion, new: Assertion) -> bool:
    """Whether the details ask for at least as much: the same, more of a message, or a stricter word for a call."""
    if old.kind != new.kind or old.kind == "mock" or old.detail in {"", new.detail}:
        return True
    return old.kind == "raises" and _part_of(old.detail, new.detail)


def _part_of(one: str, other: str) -> bool:
    """Whether a plain message stands in another one."""
    found = [_PLAIN.fullmatch(text) for text in (one, other)]
    words = [match[2] for match in found if match]
    return len(words) == 2 and words[0] in words[1]


def _satisfies(value: str, one: Assertion) -> bool:
    if one.kind == "truth":
        return value not in _EMPTY
    if one.kind == "unequal":
        return value != one.expected
    if one.kind in _ORDERS:
        number, bound = _number(value), _number(one.expected)
        return number is not None and bound is not None and _ORDERS[one.kind](number, bound)
    return one.kind == "in" and value in _values(one.expected)


def guarded(old: Assertion, new: Assertion) -> str:
    """What newly keeps it from being reached, or its failure from being seen."""
    left = list(old.guards)
    for guard in new.guards:
        if guard in left:
            left.remove(guard)
        else:
            return _GUARDS.get(guard, f"it is reached only {guard}")
    return ""


def _waits(old: Assertion, new: Assertion) -> str:
    left = old.subject == new.subject and old.detail == AWAITED and not new.detail
    return "nobody waits for the answer any more, so it always passes" if left else ""


def _bounds(old: Assertion, new: Assertion) -> str:
    before, after = _number(old.expected), _number(new.expected)
    if before is None or after is None or old.subject != new.subject:
        return ""
    looser = (old.kind in _UP and after < before) or (old.kind in _DOWN and after > before)
    return f"its bound moved from {before:g} to {after:g}" if looser else ""


def _members(old: Assertion, new: Assertion) -> str:
    if old.kind != "in" or old.subject != new.subject:
        return ""
    before, after = _values(old.expected), _values(new.expected)
    return "more values pass" if before and after and before < after else ""


def _raises(old: Assertion, new: Assertion) -> str:
    before, after = _classes(old.expected), _classes(new.expected)
    if old.detail != new.detail and (less := _message(old.detail, new.detail)):
        return less
    if after & _BROAD and not before & _BROAD:
        return f"any error passes ({', '.join(sorted(after))})"
    if before < after:
        return f"more errors pass ({', '.join(sorted(after))})"
    if "" in after and "" not in before:
        return "any error passes"
    wider = _wider(before, after)
    return f"more errors pass ({', '.join(wider)})" if wider else ""


def _message(old: str, new: str) -> str:
    if old and not new:
        return "the message is no longer compared"
    return "less of the message is compared" if _part_of(new, old) else ""


def _wider(before: set[str], after: set[str]) -> list[str]:
    """What has one of the errors of before below it."""
    return sorted(up for up in after if any(up != down and _above(up, down) for down in before))


def _above(up: str, down: str) -> bool:
    wide, narrow = getattr(builtins, up, None), getattr(builtins, down, None)
    return isinstance(wide, type) and isinstance(narrow, type) and issubclass(narrow, wide)


def _classes(text: str) -> set[str]:
    return {part.strip() for part in text.strip("()").split(",")} - ({""} if text else set())


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _values(text: str) -> set[str]:
    try:
        found = ast.literal_eval(text)
    except (ValueError, SyntaxError, RecursionError, MemoryError):
        return set()
    return {repr(one) for one in found} if isinstance(found, tuple | list | set | frozenset) else set()
