"""Reactions on issues and comments."""

from __future__ import annotations

from devkit.github.errors import Refused, invalid, not_found
from devkit.github.hub import Hub
from devkit.github.model import Issue, Reaction, User
from devkit.github.shapes.issues import REACTIONS


def react(hub: Hub, subject: str, parent: Issue, user: User, content: str, may_write: bool) -> tuple[Reaction, bool]:
    """(reaction, whether it is new). 422 unknown content, 403 on a locked conversation without write."""
    if content not in REACTIONS:
        raise invalid("Reaction", "content", "invalid")
    if parent.locked and not may_write:
        raise Refused(403, "Unable to react because issue is locked.")
    with hub.lock:
        for row in hub.store.reactions_of(subject):
            if (row.user_id, row.content) == (user.id, content):
                return row, False
        return hub.store.add_reaction(Reaction(hub.store.next_id(), subject, user.id, content)), True


def remove(hub: Hub, subject: str, reaction_id: int, user: User) -> None:
    row = hub.store.reactions.get(reaction_id)
    if row is None or row.subject != subject:
        raise not_found()
    if row.user_id != user.id:
        raise Refused(403, "You can only delete your own reactions.")
    hub.store.reactions.delete(reaction_id)


def grouped(hub: Hub, subject: str) -> list[tuple[str, int, str]]:
    """(content, count, logins) of each reaction that is there, in GitHub's order."""
    rows = hub.store.reactions_of(subject)
    found = []
    for content in REACTIONS:
        logins = [hub.store.users[row.user_id].login for row in rows if row.content == content]
        if logins:
            found.append((content, len(logins), ", ".join(logins)))
    return found
