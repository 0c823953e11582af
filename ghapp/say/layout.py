"""Small pieces of Markdown that all texts share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ghapp.emit.inert import Md, cell, inert
from ghapp.say.messages import say
from state.lifecycle import StepStatus

BAR = 10
ICONS = {
    StepStatus.PENDING: "⚪",
    StepStatus.IN_PROGRESS: "🔵",
    StepStatus.READY_FOR_TEST: "🔵",
    StepStatus.TESTED: "🔵",
    StepStatus.DONE: "✅",
    StepStatus.FAILED: "❌",
    StepStatus.BLOCKED: "⛔",
    StepStatus.SKIPPED: "⏭️",
    StepStatus.CANCELLED: "🚫",
}
FINISHED = frozenset({StepStatus.DONE, StepStatus.SKIPPED, StepStatus.CANCELLED})


def clamp(text: str, limit: int) -> str:
    """Untrusted text cut at a word's end, with an ellipsis; still to be made inert."""
    text = " ".join(text.split())
    if len(text) <= limit:
        return text
    head = text[: limit - 1]
    word = head.rsplit(" ", 1)[0]
    return (word if len(word) > limit // 2 else head).rstrip(" ,;:.") + "…"


def short(text: str, limit: int) -> Md:
    """Inert text of at most `limit` characters as read."""
    return inert(clamp(text, limit))


def blocks(parts: Iterable[str]) -> str:
    """Parts one below the other, empty ones left out, with a blank line between."""
    return "\n\n".join(part for part in parts if part)


def bullets(lines: Iterable[str], indent: str = "") -> str:
    """A list of lines that are Markdown already."""
    return "\n".join(f"{indent}- {line}" for line in lines if line)


def section(title: str, body: str) -> str:
    """A titled part; nothing where the body is empty."""
    return f"#### {title}\n\n{body}" if body else ""


def details(summary: str, body: str) -> str:
    """A part that opens at a touch; nothing where the body is empty. `summary` is Markdown without block structure."""
    return f"<details>\n<summary>{summary}</summary>\n\n{body}\n\n</details>" if body else ""


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table whose plain cells are made inert; nothing where there are no rows."""
    lines = ["| " + " | ".join(cell(item) for item in row) + " |" for row in rows]
    if not lines:
        return ""
    return "\n".join(["| " + " | ".join(head) + " |", "|" + "---|" * len(head), *lines])


def link(text: str, address: str) -> Md:
    """A link to one of our own repository's pages, built by `Links`."""
    return Md(f"[{inert(text)}]({address})")


def bar(done: int, total: int) -> str:
    """A progress bar of ten places; never full before all is done, never empty after something is."""
    if total <= 0:
        return "▱" * BAR
    filled = done * BAR // total
    if done and not filled:
        filled = 1
    return "▰" * filled + "▱" * (BAR - filled)


def money_of(lang: str, spent: float, budget: float | None) -> str:
    """What was spent, and of what if there is a budget."""
    if budget is None:
        return say(lang, "common.spent", spent=spent)
    return say(lang, "common.spent_of", spent=spent, budget=budget)
