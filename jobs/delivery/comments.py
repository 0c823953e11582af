"""New comments, edits of ours, reactions."""

from __future__ import annotations

from datetime import timedelta

from ghapp.clients.github import Comment
from jobs.delivery.sending import READS, NotSeenYet, Sending
from state.db.engine import read, write
from state.effects import EffectKind
from state.failpoint import failpoint
from state.store import links, markers, plans

SLACK = timedelta(seconds=60)


def comment(sending: Sending) -> int | None:
    """Post a comment once; its id. An earlier try that may have been applied is looked for first.

    One that is found may have been ticked or written over already, so what counts as ours is what we meant to send.
    """
    row, text = sending.row, str(sending.row.body["text"])
    found = find(sending, row.op_id) if row.verify else None
    made = found or post(sending, row.op_id, text)
    body = made.body if found is None else marked(sending, row.op_id, text)
    remember(sending, made.id, body)
    _posted(sending, made, body)
    return made.id


def marked(sending: Sending, op_id: str, text: str) -> str:
    """The whole body as it is sent, with the marker of `op_id`."""
    return f"{sending.emitted(markers.strip(text))}\n\n{sending.marker(op_id)}"


def post(sending: Sending, op_id: str, text: str) -> Comment:
    """A new comment that carries the marker of `op_id`. Raises Lost when another sender has the row by now."""
    body = marked(sending, op_id, text)
    talk, kind = sending.talk, "status" if sending.row.kind is EffectKind.STATUS else "post"
    failpoint(f"outbox.before_{kind}")
    sending.asking()
    made = talk.create_comment(int(sending.row.target["issue"]), body)
    failpoint(f"outbox.after_{kind}")
    return made


def find(sending: Sending, op_id: str) -> Comment | None:
    """The comment of ours that carries this marker; None once three reads over ten seconds did not see it.

    Lists lag after a create: a read before that raises NotSeenYet.
    """
    row = sending.row
    since = (row.first_sent_at or row.created_at) - SLACK
    bot = sending.run.github.identity(sending.repo).bot_id
    found = sending.talk.comments_since(int(row.target["issue"]), since)
    mine = next((c for c in found if c.author_id == bot and sending.is_marked(c.body, op_id)), None)
    if mine is None and row.reads + 1 < READS:
        raise NotSeenYet
    return mine


def remember(sending: Sending, comment_id: int, body: str) -> None:
    """Keep the body that we sent, by which a tick in it is recognised."""
    with write(sending.run.engine) as session:
        links.sent(session, sending.repo.id, comment_id, body)


def _posted(sending: Sending, made: Comment, body: str) -> None:
    row = sending.row
    version = row.body.get("version")
    if version is None or row.task_id is None:
        return
    with write(sending.run.engine) as session:
        plans.mark_posted(session, row.task_id, int(version), made.id, links.body_hash(body), made.created_at)


def edit(sending: Sending) -> int:
    """Write a comment of ours anew, with the marker that it was made with; the same again changes nothing."""
    comment_id = int(sending.row.target["comment_id"])
    with read(sending.run.engine) as session:
        before = links.last_sent(session, sending.repo.id, comment_id) or ""
    made_by = markers.found(sending.run.marker_key, before)
    text = sending.emitted(markers.strip(str(sending.row.body["text"])))
    write_over(sending, comment_id, f"{text}\n\n{sending.marker(made_by)}" if made_by else text)
    return comment_id


def write_over(sending: Sending, comment_id: int, body: str) -> None:
    """Remember the body first: a tick may come in before we are told that the edit was applied."""
    remember(sending, comment_id, body)
    kind = "status_edit" if sending.row.kind is EffectKind.STATUS else "edit"
    failpoint(f"outbox.before_{kind}")
    sending.talk.edit_comment(comment_id, body)
    failpoint(f"outbox.after_{kind}")


def reaction(sending: Sending) -> None:
    """A reaction; one that is there stays."""
    row = sending.row
    target = row.target.get("comment_id")
    failpoint("outbox.before_reaction")
    if target is not None:
        sending.talk.react(str(row.body["content"]), comment=int(target))
    else:
        sending.talk.react(str(row.body["content"]), issue=int(row.target["issue"]))
    failpoint("outbox.after_reaction")
