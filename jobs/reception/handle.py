"""What each kind of event brings about: commands of comments and issues, ticks out of edits, plain words by intent."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ghapp.commands.grammar import parse
from ghapp.decide import LABEL, LABEL_COMMAND
from ghapp.decision import IssueNow, Source, SourceKind, text_hash
from ghapp.events import Incoming, Kind
from jobs.reception.command import command, suggestion, tamper
from jobs.reception.context import Spoken
from jobs.reception.people import is_person, once_an_hour
from jobs.reception.words import plain_words
from jobs.runtime import Runtime
from state.db.engine import read
from state.effects import Effect
from state.store import links, tasks
from state.views import RepoRef, TaskView


def handle(runtime: Runtime, event: Incoming) -> list[Effect]:
    """Act on one event; the effects that were stored. Raises the errors of `ghapp.clients.errors`."""
    acts = HANDLERS.get(event.kind)
    if acts is None or event.installation_id is None:
        return []
    return acts(runtime, event, RepoRef(event.repo.id, event.repo.full_name, event.installation_id))


def _commented(runtime: Runtime, event: Incoming, repo: RepoRef) -> list[Effect]:
    comment = event.comment
    if comment is None or comment.author is None or not is_person(runtime, event.sender):
        return []
    source = Source(SourceKind.COMMENT, str(comment.id), comment.created_at, comment.id, text_hash(comment.body))
    return _spoken(runtime, event, repo, comment.body, source)


def _opened(runtime: Runtime, event: Incoming, repo: RepoRef) -> list[Effect]:
    if not is_person(runtime, event.sender) or event.issue.author is None:
        return []
    source = Source(SourceKind.ISSUE, str(event.issue.id), event.issue.updated_at)
    return _spoken(runtime, event, repo, event.issue.body, source)


def _spoken(runtime: Runtime, event: Incoming, repo: RepoRef, body: str, source: Source) -> list[Effect]:
    task = _task(runtime, repo, event.issue.number)
    prefix_only = bool(task and task.options.get("prefix_only"))
    parsed = parse(body, thread_has_task=task is not None, prefix_only=prefix_only)
    spoken = Spoken(runtime, repo, event.sender, issue_of(event), source)
    effects: list[Effect] = []
    for found in parsed.commands:
        effects += command(spoken, found)
    if not parsed.commands and parsed.suggestion:
        effects += suggestion(spoken, parsed.suggestion)
    if not parsed.commands and not parsed.suggestion and source.kind is SourceKind.COMMENT:
        effects += plain_words(spoken, body, task)
    return effects


def _labeled(runtime: Runtime, event: Incoming, repo: RepoRef) -> list[Effect]:
    if event.label != LABEL or not is_person(runtime, event.sender):
        return []
    stamp = event.issue.updated_at.isoformat()
    source = Source(SourceKind.LABEL, f"{event.issue.id}:{stamp}", event.issue.updated_at)
    return command(Spoken(runtime, repo, event.sender, issue_of(event), source), LABEL_COMMAND)


def _edited(runtime: Runtime, event: Incoming, repo: RepoRef) -> list[Effect]:
    """A tick in a comment of ours, or somebody writing over it. Edits of people's comments never execute anything.

    What another bot wrote over ours is undone once an hour: two bots that answer each other never end.
    """
    from ghapp.ticks import Tick, read_edit

    comment = event.comment
    if comment is None or comment.author is None or comment.author.type != "Bot":
        return []
    bot = runtime.github.identity(repo)
    with read(runtime.engine) as session:
        last = links.last_sent(session, repo.id, comment.id)
        found = read_edit(
            event,
            bot_id=bot.bot_id,
            was_sent=lambda body: links.was_sent(session, repo.id, comment.id, body),
        )
    if found is None or not (is_person(runtime, event.sender) or once_an_hour(runtime, repo.id, event.sender.id)):
        return []
    source_id = found.source_id if isinstance(found, Tick) else f"{comment.id}:{comment.updated_at.isoformat()}"
    source = Source(SourceKind.TICK, source_id, comment.updated_at, comment.id, restore=last)
    spoken = Spoken(runtime, repo, event.sender, issue_of(event), source)
    return command(spoken, found.command) if isinstance(found, Tick) else tamper(spoken)


def issue_of(event: Incoming) -> IssueNow:
    """The issue as the event tells it."""
    return IssueNow(event.issue.number, event.issue.title, event.issue.body, event.issue.is_pr)


def _task(runtime: Runtime, repo: RepoRef, number: int) -> TaskView | None:
    with read(runtime.engine) as session:
        return tasks.by_issue(session, repo.id, number)


HANDLERS: Mapping[Kind, Callable[[Runtime, Incoming, RepoRef], list[Effect]]] = {
    Kind.COMMENT_CREATED: _commented,
    Kind.ISSUE_OPENED: _opened,
    Kind.ISSUE_LABELED: _labeled,
    Kind.COMMENT_EDITED: _edited,
}
