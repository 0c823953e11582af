"""A tick in the bot's comment as a command, and every other edit of it as tampering."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from ghapp.events import Comment, Incoming, Issue, Kind, Person, Repo
from ghapp.say.buttons import Button, render_all
from ghapp.ticks import Tamper, Tick, read_edit

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
BOT, ALICE = Person(1, "devtask[bot]", "Bot"), Person(2, "alice", "User")
BODY = "# Plan v3\n\n- [ ] a list item of the plan\n\n" + render_all(
    [Button("Approve and run", "/approve 7f3a"), Button("Reject", "/reject"), Button("Abort", "/abort")]
)
APPROVED = BODY.replace("- [ ] **Approve", "- [x] **Approve")


def edit(before, after, *, sender=ALICE, author=BOT, kind=Kind.COMMENT_EDITED, at=NOW):
    issue = Issue(5, 7, "n", "t", "b", ALICE, False, False, "open", NOW)
    comment = Comment(500, after, author, NOW, at, 1)
    return Incoming(kind, 99, Repo(10, "a/b", False, "main"), issue, sender, comment, before)


def read(event, sent=(BODY,)):
    known = {text.strip() for text in sent}
    return read_edit(event, bot_id=BOT.id, was_sent=lambda text: text.replace("\r\n", "\n").strip() in known)


def test_one_ticked_button_is_its_command():
    tick = read(edit(BODY, APPROVED))
    assert isinstance(tick, Tick)
    assert (tick.command.name, tick.command.argument, tick.button.label) == ("approve", "7f3a", "Approve and run")


@pytest.mark.parametrize("mark", ["x", "X"])
def test_github_writes_the_mark_in_either_case_and_lines_with_crlf(mark):
    after = BODY.replace("- [ ] **Reject", f"- [{mark}] **Reject").replace("\n", "\r\n")
    tick = read(edit(BODY.replace("\n", "\r\n"), after))
    assert isinstance(tick, Tick) and tick.command.name == "reject"


def test_the_key_is_the_same_for_a_repeated_delivery_and_another_for_a_second_tick():
    first, again = read(edit(BODY, APPROVED)), read(edit(BODY, APPROVED))
    later = read(edit(BODY, APPROVED, at=NOW + timedelta(minutes=1)))
    assert first.source_id == again.source_id != later.source_id and len(first.source_id) <= 300


@pytest.mark.parametrize(
    "after",
    [
        BODY + "\nmore",
        BODY.replace("# Plan v3", "# Plan v4"),
        BODY.replace("- [ ] a list", "- [x] a list"),
        BODY.replace("- [ ] **", "- [x] **"),
        APPROVED.replace("# Plan v3", "# Plan v4"),
        APPROVED.replace("/approve 7f3a", "/approve 9999"),
        APPROVED.replace("Approve and run", "Approve"),
        BODY.replace("/abort", "/help"),
        APPROVED + "\n",
        APPROVED.replace("\n\n- [ ] a list", "\n- [ ] a list"),
        "",
    ],
    ids=["added", "title", "other box", "all", "tick and more", "other command", "other label", "command", "line end",
         "line gone", "emptied"],
)  # fmt: skip
def test_any_other_edit_is_tampering(after):
    assert read(edit(BODY, after)) == Tamper(known=True)


def test_a_text_before_that_is_none_of_ours_is_tampering():
    assert read(edit(BODY, APPROVED), sent=()) == Tamper(known=False)
    assert read(edit(None, APPROVED)) == Tamper(known=False)


def test_a_text_of_ours_that_has_been_rewritten_meanwhile_still_counts():
    newer = BODY.replace("v3", "v4")
    assert isinstance(read(edit(BODY, APPROVED), sent=(newer, BODY)), Tick)


@pytest.mark.parametrize("kind", ["Bot", "Organization", "Mannequin"])
def test_only_people_tick(kind):
    assert read(edit(BODY, APPROVED, sender=replace(ALICE, type=kind))) == Tamper(known=True)


def test_what_is_not_ours_to_judge_is_nothing():
    assert read(edit(BODY, APPROVED, author=ALICE)) is None
    assert read(edit(BODY, APPROVED, author=None)) is None
    assert read(edit(BODY, APPROVED, sender=BOT)) is None
    assert read(edit(BODY, APPROVED, kind=Kind.COMMENT_CREATED)) is None
    assert read(edit(BODY, BODY)) is None
    assert read(edit(APPROVED, BODY)) is None
