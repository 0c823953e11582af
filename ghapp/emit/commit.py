"""Untrusted text for commit messages: nothing in it closes an issue, calls a person, skips CI or poses as a trailer."""

from __future__ import annotations

import re

from ghapp.emit.clean import clean

_REFERENCE = re.compile(
    r"(?i)(?:\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?):?\s+)?(?:\b[\w.-]+/[\w.-]+#|\bgh-|#)(?=\d)"
)
_ADDRESS = re.compile(
    r"(?i)\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?):?\s+(?=https?://)|\bhttps?://(?=\S*/(?:issues|pull)/\d)"
)
_MENTION = re.compile(r"(?<![\w.+-])@(?=\w)")
_SKIP = re.compile(r"(?i)\[(?:skip|no)[ -]ci\]|\[ci[ -]skip\]|\[skip actions\]|\[actions skip\]|\*{3}NO_CI\*{3}")
_TRAILER = re.compile(
    r"(?im)^\s*(?:devtask-[\w-]+|co-authored-by|signed-off-by|skip-checks|reviewed-by|acked-by)\s*:.*$\n?"
)


def commit_text(text: str) -> str:
    """Several lines for a commit's body; repeated until nothing is left to take out."""
    text = clean(text)
    while True:
        after = _TRAILER.sub("", _SKIP.sub("", _MENTION.sub("", _REFERENCE.sub("issue ", _ADDRESS.sub("", text)))))
        if after == text:
            return "\n".join(line.rstrip() for line in text.split("\n")).strip()
        text = after


def commit_subject(text: str, limit: int = 72) -> str:
    """One line, cut at `limit` characters at a word's end."""
    line = " ".join(commit_text(text).split())
    if len(line) <= limit:
        return line
    return line[: limit - 1].rsplit(" ", 1)[0].rstrip(" ,;:") + "…"
