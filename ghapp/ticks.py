"""A tick in a check box of the bot's own comment, read as a command (docs/github-facts.md, "A tick as a command").

It counts only if the sender is a person, the text before the edit is one that we sent, and exactly one button line
changed from empty to ticked. Every other edit of our comment by somebody else is tampering, and is undone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from ghapp.commands.grammar import parse
from ghapp.commands.model import Command
from ghapp.events import Comment, Incoming, Kind
from ghapp.markdown import unix_lines
from ghapp.say.buttons import Button, Found, read
from state.store.links import body_hash


@dataclass(frozen=True)
class Tick:
    """The button, its command, and the key under which this very tick is carried out once."""

    button: Button
    command: Command
    source_id: str


@dataclass(frozen=True)
class Tamper:
    """Somebody else changed our comment; `known` says whether at least the text before it was ours."""

    known: bool


Edit: TypeAlias = Tick | Tamper


def read_edit(event: Incoming, *, bot_id: int, was_sent: Callable[[str], bool]) -> Edit | None:
    """Read an edited comment. `bot_id` is our App's user id; `was_sent` knows the last 50 bodies sent for this comment.

    None: not our comment, our own edit, or an edit after which the text is one that we sent (ticked and unticked).
    """
    comment = _changed(event, bot_id, was_sent)
    if comment is None:
        return None
    if event.body_from is None:
        return Tamper(known=False)
    known = was_sent(event.body_from)
    button = _ticked(unix_lines(event.body_from), unix_lines(comment.body))
    if not known or button is None or event.sender.type != "User":
        return Tamper(known)
    commands = parse(button.command, thread_has_task=True).commands
    if len(commands) != 1:
        return Tamper(known)
    # An emptied box has the same text as before, so the edit's time tells a second tick from a repeated delivery.
    when = comment.updated_at.isoformat()
    return Tick(button, commands[0], f"{comment.id}:{body_hash(event.body_from)[:32]}:{when}:{button.command}")


def _changed(event: Incoming, bot_id: int, was_sent: Callable[[str], bool]) -> Comment | None:
    """Our comment, where somebody else gave it a text that we never sent."""
    comment = event.comment
    if event.kind is not Kind.COMMENT_EDITED or comment is None or comment.author is None:
        return None
    if comment.author.id != bot_id or event.sender.id == bot_id or was_sent(comment.body):
        return None
    return comment


def _ticked(before: str, after: str) -> Button | None:
    """The button of the only line that differs, where it went from empty to ticked and nothing else changed in it."""
    old, new = before.split("\n"), after.split("\n")
    if len(old) != len(new):
        return None
    changed = [number for number, pair in enumerate(zip(old, new, strict=True)) if pair[0] != pair[1]]
    if len(changed) != 1:
        return None
    was, now = _at(before, changed[0]), _at(after, changed[0])
    if was is None or now is None or was.button != now.button:
        return None
    return now.button if now.ticked and not was.ticked else None


def _at(body: str, line: int) -> Found | None:
    return next((found for found in read(body) if found.line == line), None)
