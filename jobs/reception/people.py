"""Who gave a command, asked from GitHub at that moment; nobody is believed because a payload says so."""

from __future__ import annotations

from ghapp.clients.errors import Unanswerable
from ghapp.clients.github import Talk
from ghapp.decision import Actor
from ghapp.events import Person
from jobs.runtime import Runtime
from state.db.engine import read, write
from state.store import refusals
from state.views import TaskView

NO = "none"


def is_person(runtime: Runtime, sender: Person) -> bool:
    """Whether this account may speak to us at all: people, and bots that the settings list by id."""
    return sender.type == "User" or sender.id in runtime.settings.allowed_bots


def actor(runtime: Runtime, talk: Talk, sender: Person, task: TaskView | None) -> Actor:
    """The sender with the role GitHub names now. A "no" answers for a minute; no answer is a no (role None)."""
    requester = task is not None and task.requester_id == sender.id
    with read(runtime.engine) as session:
        if refusals.recent(session, talk.repo.id, sender.id):
            return Actor(sender.id, sender.login, NO, requester)
    try:
        role = talk.permission(sender.login, sender.id)
    except Unanswerable:
        return Actor(sender.id, sender.login, None, requester)
    if role in (NO, "read"):
        with write(runtime.engine) as session:
            refusals.remember(session, talk.repo.id, sender.id)
    return Actor(sender.id, sender.login, role, requester)


def may_react(runtime: Runtime, repo_id: int, who: Actor) -> bool:
    """Whether a refusal may show: people who may do something here always see it, strangers once an hour."""
    if who.at_least("triage") or who.is_requester:
        return True
    return once_an_hour(runtime, repo_id, who.id)


def once_an_hour(runtime: Runtime, repo_id: int, user_id: int) -> bool:
    """Claims what an account that may do nothing here gets at most once an hour."""
    with write(runtime.engine) as session:
        return refusals.may_react(session, repo_id, user_id)
