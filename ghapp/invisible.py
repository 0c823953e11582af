"""Characters that nobody sees: dropped before people's text is read as a command or shown to a model.

Format, private-use, unassigned and control characters, blank letters, tag characters and variation selectors go; a
joiner or one emoji selector stays where it belongs to an emoji. Source: Unicode `Default_Ignorable_Code_Point`.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0\ufffc")
SELECTORS = ((0xFE00, 0xFE0F), (0xE0100, 0xE01EF))
DROPPED = frozenset(("Cf", "Co", "Cn", "Cc", "Cs"))
JOINER, EMOJI_STYLE = "\u200d", "\ufe0f"
DIRECTION = re.compile("[\u202a-\u202e\u2066-\u2069]")
BREAKS = {"\u2028": " ", "\u2029": " ", "\t": "\t", "\n": "\n"}
COMPATIBLE = re.compile("[\uff01-\uff5e\ufb00-\ufb06\U0001d400-\U0001d7ff]+")


def drop_invisible(text: str) -> tuple[str, int]:
    """The text without what is not shown, and how many runs of hidden characters were dropped."""
    if text.isascii() and text.isprintable():
        return text, 0
    kept: list[str] = []
    runs, within = 0, False
    for index, char in enumerate(text):
        shown = BREAKS.get(char) or ("" if _hidden(char) and not _in_emoji(text, index) else char)
        if shown:
            kept.append(shown)
        runs += not shown and not within
        within = not shown
    return "".join(kept), runs


def plain_letters(text: str) -> str:
    """NFKC for full-width, mathematical and ligature letters only: elsewhere it would change what code says."""
    return COMPATIBLE.sub(lambda found: unicodedata.normalize("NFKC", found[0]), text)


def turns_direction(line: str) -> bool:
    """Whether the line can show its letters in another order than it holds them."""
    return DIRECTION.search(line) is not None


@lru_cache(maxsize=4096)
def _hidden(char: str) -> bool:
    if char in BLANK or any(low <= ord(char) <= high for low, high in SELECTORS):
        return True
    return unicodedata.category(char) in DROPPED


def _in_emoji(text: str, index: int) -> bool:
    before, after = text[index - 1 : index], text[index + 1 : index + 2]
    if text[index] == EMOJI_STYLE:
        return _pictured(before)
    return text[index] == JOINER and (before == EMOJI_STYLE or _pictured(before)) and _pictured(after)


def _pictured(char: str) -> bool:
    """Emoji and their skin tones; the letters and signs of scripts are not."""
    return bool(char) and (unicodedata.category(char) == "So" or "\U0001f3fb" <= char <= "\U0001f3ff")
