"""Branch names: type -> prefix, title -> slug (spec section 2). The branch is named at approval."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection

from state.plan.model import TaskType

PREFIXES = {
    TaskType.FEAT: "feature",
    TaskType.FIX: "fix",
    TaskType.REFACTOR: "refactor",
    TaskType.DOCS: "docs",
    TaskType.TEST: "test",
    TaskType.CHORE: "chore",
}
SLUG_LENGTH = 40
NO_LETTERS = "task"

# Letters that Unicode decomposition leaves alone; the Cyrillic ones follow the usual passport spelling.
_SPELLED = {
    **dict(zip("æœøðþßłđıħŧŋ", ("ae", "oe", "o", "d", "th", "ss", "l", "d", "i", "h", "t", "n"), strict=True)),
    **dict(
        zip(
            "абвгдеёжзийклмнопрстуфхцчшщъыьэюяєіїґ",
            (
                *("a", "b", "v", "g", "d", "e", "e", "zh", "z", "i", "i", "k", "l", "m", "n", "o", "p", "r", "s", "t"),
                *("u", "f", "kh", "ts", "ch", "sh", "shch", "", "y", "", "e", "iu", "ia", "ie", "i", "i", "g"),
            ),
            strict=True,
        )
    ),
    **dict(
        zip(
            "αβγδεζηθικλμνξοπρσςτυφχψω",
            (
                *("a", "v", "g", "d", "e", "z", "i", "th", "i", "k", "l", "m", "n", "x", "o", "p", "r", "s", "s"),
                *("t", "y", "f", "ch", "ps", "o"),
            ),
            strict=True,
        )
    ),
}


def slug(title: str) -> str:
    """`[a-z0-9-]{1,40}` from any title; `task` where no letter of it can be spelled in ASCII."""
    spelled = "".join(_SPELLED.get(letter, letter) for letter in unicodedata.normalize("NFC", title).lower())
    plain = unicodedata.normalize("NFKD", spelled)
    respelled = "".join(_SPELLED.get(letter, letter) for letter in plain if not unicodedata.combining(letter))
    words = re.findall(r"[a-z0-9]+", respelled.lower())
    return _cut("-".join(words), SLUG_LENGTH) or NO_LETTERS


def _cut(text: str, length: int) -> str:
    """At most `length` characters, ending at a word where that loses less than half."""
    if len(text) <= length:
        return text
    head, _, _ = text[: length + 1].rpartition("-")
    return (head if len(head) * 2 >= length else text[:length]).rstrip("-")


def branch_name(kind: TaskType, title: str, key: str, taken: Collection[str] = ()) -> str:
    """The task's branch, `feature/add-stock-validation`; with the key as suffix where that name is taken.

    `taken` are the branch names of the repository. Git keeps branches as paths, so a branch `feature/x/y` takes
    `feature/x`, and a branch called `feature` leaves no room below it: then the prefix is joined with a hyphen.
    """
    names = {name.lower() for name in taken}
    prefix = PREFIXES[kind] + ("-" if PREFIXES[kind] in names else "/")
    name = prefix + slug(title)
    if name not in names and not any(other.startswith(name + "/") for other in names):
        return name
    return f"{prefix}{_cut(slug(title), SLUG_LENGTH - len(key) - 1)}-{key}"
