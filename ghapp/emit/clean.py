"""What no sink may ever show: terminal sequences, control characters, characters that hide or reorder text."""

from __future__ import annotations

import re
import unicodedata

# CSI, OSC (ended by BEL or ST) and two-character escape sequences
ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])|\x9b[0-?]*[ -/]*[@-~]")
# controls, formats (bidi, tags, zero width), private use, unassigned, surrogates
HIDDEN = frozenset({"Cc", "Cf", "Co", "Cn", "Cs"})
JOINERS = "\u200c\u200d"
EMOJI_SELECTOR = "\ufe0f"


def clean(text: str) -> str:
    """Text with only characters that are seen, newlines and tabs. CRLF and CR become LF."""
    text = ANSI.sub("", text)
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n")
    if text.isascii() and text.isprintable():
        return text
    kept: list[str] = []
    for char in text:
        if _seen(char, kept[-1] if kept else ""):
            kept.append(char)
    return "".join(kept)


def _seen(char: str, before: str) -> bool:
    if char in "\n\t":
        return True
    if char in JOINERS:  # needed by emoji families and by several scripts, only ever after a letter or symbol of theirs
        return bool(before) and ord(before) > 0x2FF and before not in JOINERS
    if "\ufe00" <= char <= "\ufe0f" or "\U000e0100" <= char <= "\U000e01ef":
        return char == EMOJI_SELECTOR and bool(before) and before != EMOJI_SELECTOR
    return unicodedata.category(char) not in HIDDEN
