"""What comes to the webhook door and is not what GitHub sends, or not in that order, or not once."""

from __future__ import annotations

import hashlib
import hmac
import uuid
from collections.abc import Iterator

import pytest

from tests.system.checker import check, log_size
from tests.system.post import GOOD, Post, rows, states
from tests.system.town import OWNER, READER, WRITER, Thread, Town, wait_until

pytestmark = [pytest.mark.slow, pytest.mark.fault]


@pytest.fixture(scope="module")
def post(town: Town) -> Iterator[Post]:
    """The door; after the last test everything that was acked has ended, and everything else holds."""
    began, before = log_size(town), len(town.repos)
    sender = Post(town)
    yield sender
    check(town, town.repos[before:], sender.acked, log_from=began)


def thread_of(town: Town) -> Thread:
    """An issue without a task."""
    repo = town.repo()
    return Thread(town, repo, town.world.issue(repo, OWNER, "Stock", "It becomes negative."), "")


def settled(thread: Thread, user: str = WRITER) -> int:
    """A `/help` that came after everything else is answered, so everything before it was read; its id."""
    asked = thread.says(user, "/help")
    assert wait_until(lambda: True if "eyes" in thread.reactions(asked) else None, 15), thread.story()
    return asked


def test_abu_01_only_what_is_signed_with_the_secret_is_stored(post: Post, town: Town) -> None:
    raw = b'{"zen": "Keep it simple."}'
    good = post.sign(raw)
    sha1 = "sha1=" + hmac.new(town.stage.secret.encode(), raw, hashlib.sha1).hexdigest()
    variants: list[dict[str, str | None]] = [
        {GOOD: None},
        {GOOD: ""},
        {GOOD: None, "X-Hub-Signature": sha1},
        {GOOD: sha1},
        {GOOD: "sha256=" + "0" * 64},
        {GOOD: good.removeprefix("sha256=")},
        {GOOD: good[:-1]},
        {GOOD: f"{good},{good}"},
        {GOOD: post.sign(raw + b" ")},
    ]
    guids = [str(uuid.uuid4()) for _ in variants]
    found = [post.send("ping", raw, guid, headers) for guid, headers in zip(guids, variants, strict=True)]
    assert found == [401] * len(variants)
    assert post.send("ping", raw, guids[0], {"Content-Encoding": "gzip"}) == 400
    assert states(town, set(guids)) == {}


def test_abu_04_oversized_and_truncated_bodies_are_refused_at_the_door(post: Post, town: Town) -> None:
    head = b"POST /webhook HTTP/1.1\r\nHost: gate\r\nX-GitHub-Event: ping\r\nX-GitHub-Delivery: cut-1\r\n"
    signed = head + b"X-Hub-Signature-256: sha256=" + b"0" * 64 + b"\r\n"
    assert b" 413 " in post.raw_socket(signed + b"Content-Length: 27000000\r\n\r\n{}")
    assert b" 400 " in post.raw_socket(signed + b"Content-Length: 500\r\n\r\n{}")
    assert b" 40" in post.raw_socket(signed + b"\r\n")
    assert states(town, {"cut-1"}) == {}


def test_what_is_no_json_is_acked_and_quarantined_and_the_unknown_is_done(post: Post, town: Town) -> None:
    wrong = [
        ("issue_comment", b"payload=%7B%7D"),
        ("issue_comment", b""),
        ("issue_comment", b"\xff\xfe\x00"),
        ("issue_comment", b"[" * 200_000),
        ("issue_comment", b'{"action": "created", "repository": {"id": 1'),
        ("issue_comment", b'{"action": "created", "repository": {"id": "1"}, "issue": null, "sender": []}'),
    ]
    other = [("ping", b"{}"), ("watch", b'{"action": "started"}'), ("issue_comment", b'{"action": "pinned"}')]
    guids = [str(uuid.uuid4()) for _ in (*wrong, *other)]
    sent = zip((*wrong, *other), guids, strict=True)
    assert [post.send(event, raw, guid) for (event, raw), guid in sent] == [202] * len(guids)
    wanted = ["quarantined"] * len(wrong) + ["done"] * len(other)

    def ended() -> list[str] | None:
        found = states(town, set(guids))
        listed = [found[guid] for guid in guids]
        return listed if set(listed) <= {"quarantined", "done"} else None

    assert wait_until(ended, 20) == wanted


def test_f52_abu_03_one_delivery_a_hundred_times_and_its_bytes_under_new_guids_are_one_command(
    post: Post, town: Town
) -> None:
    thread = thread_of(town)
    asked = settled(thread)
    guid, raw = post.stored(asked)
    assert post.send_all("issue_comment", raw, [guid] * 100) == {202}
    assert post.send_all("issue_comment", raw, [str(uuid.uuid4()) for _ in range(30)]) == {202}
    settled(thread)
    with rows(town) as database:
        assert database.execute("SELECT count(*) FROM deliveries WHERE guid=?", (guid,)).fetchone()[0] == 1
    assert wait_until(lambda: True if len(thread.bot()) == 2 else None, 10), thread.bot()
    assert thread.reactions(asked) == ["eyes"]


def test_f53_an_approval_that_overtook_its_task_waits_for_it_and_holds_nobody_up(post: Post, town: Town) -> None:
    thread = thread_of(town)
    early = thread.says(WRITER, "/approve")
    settled(thread)
    assert wait_until(lambda: waiting(post, early), 10), thread.story()
    assert thread.reactions(early) == [] and len(thread.bot()) <= 1
    thread.says(WRITER, "/task validate stock")
    assert wait_until(lambda: True if thread.reactions(early) else None, 15), thread.story()
    assert thread.reactions(early) == ["confused"]
    known = thread.says(WRITER, "/abort")
    assert wait_until(lambda: True if "+1" in thread.reactions(known) else None, 15), thread.story()


def waiting(post: Post, comment: int) -> bool | None:
    """Whether that comment's delivery was looked at and waits; its takes do not count."""
    guid, _ = post.stored(comment)
    with rows(post.town) as database:
        query = "SELECT state, attempts FROM deliveries WHERE guid = ? AND error IS NOT NULL"
        found = database.execute(query, (guid,)).fetchone()
    return True if found is not None and tuple(found) in (("failed", 0), ("processing", 1)) else None


def test_f53_what_no_task_comes_for_is_answered_or_left_alone_after_a_minute(post: Post, town: Town) -> None:
    thread = thread_of(town)
    bare, early = thread.says(WRITER, "/approve"), thread.says(WRITER, "/devtask approve 7f3a")
    reader = thread.says(READER, "/devtask approve 7f3a")
    assert wait_until(lambda: True if thread.reactions(reader) else None, 10), thread.story()
    assert "no task on this issue" in thread.wait("no task on this issue", 80)["body"]
    assert wait_until(lambda: True if thread.reactions(early) else None, 10) and len(thread.bot()) == 1
    assert thread.reactions(early) == ["confused"] and thread.reactions(bare) == []
    for action in ("deleted", "edited"):
        unseen = post.payload(early, body="/devtask help")
        assert post.send("issue_comment", {**unseen, "action": action, "changes": {"body": {"from": "hi"}}}) == 202
    settled(thread)
    assert len(thread.bot()) <= 2, thread.bot()


HIDDEN = [
    "> /devtask help",
    "```\n/devtask help\n```",
    "    /devtask help",
    "`/devtask help`",
    "<!-- \n/devtask help\n-->",
    "<!--\n/devtask help",
    "please run /devtask help",
    "thanks\n\n-- \n/devtask help",
    "<details><summary>s</summary>\n\n/devtask help\n\n</details>",
    "```text\nsee\n```\n> quoted\n> /devtask help",
]


def test_abu_11_commands_that_nobody_sees_and_edits_of_peoples_comments_do_nothing(post: Post, town: Town) -> None:
    thread = thread_of(town)
    quiet = [thread.says(WRITER, body) for body in HIDDEN]
    spoken = thread.says(WRITER, "hi")
    town.world.edit_comment(spoken, WRITER, "/devtask help")
    asked = settled(thread)
    assert {comment: thread.reactions(comment) for comment in (*quiet, spoken)} == {one: [] for one in (*quiet, spoken)}
    assert wait_until(lambda: True if thread.bot() else None, 10)
    assert len(thread.bot()) == 1 and thread.reactions(asked) == ["eyes"]


def test_f23_a_database_locked_for_a_moment_costs_nobody_their_delivery(post: Post, town: Town) -> None:
    import sqlite3

    thread = thread_of(town)
    database = sqlite3.connect(town.stage.folder / "data" / "orchestrator.db", isolation_level=None, timeout=10)
    database.execute("BEGIN IMMEDIATE")
    try:
        asked = thread.says(WRITER, "/help")
        assert not town.world.wait(1.5)
    finally:
        database.execute("ROLLBACK")
        database.close()
    assert wait_until(lambda: True if thread.reactions(asked) else None, 20) and town.world.wait(5)
