"""Who may, and what was meant: readers, strangers, bots, borrowed names, and words that are no command."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.system.checker import check, log_size
from tests.system.post import Post, rows
from tests.system.town import OWNER, READER, WRITER, Mind, Thread, Town, call, plan_of, wait_until

pytestmark = [pytest.mark.slow]
CANNOT = call("list_files", path=".")


@pytest.fixture(scope="module")
def post(town: Town) -> Iterator[Post]:
    """The door; after the last test everything that was acked has ended, and everything else holds."""
    began, before = log_size(town), len(town.repos)
    sender = Post(town)
    yield sender
    check(town, town.repos[before:], sender.acked, log_from=began)


def thread_of(town: Town, *, private: bool = True) -> Thread:
    """An issue without a task."""
    repo = town.repo(private=private)
    return Thread(town, repo, town.world.issue(repo, OWNER, "Stock", "It becomes negative."), "")


def settled(thread: Thread, *quiet: int) -> None:
    """What a writer says last is answered, so everything before it was read; these comments got no reaction."""
    asked = thread.says(WRITER, "/help")
    assert wait_until(lambda: True if "eyes" in thread.reactions(asked) else None, 20), thread.story()
    assert {one: thread.reactions(one) for one in quiet} == {one: [] for one in quiet}


def tasks_on(thread: Thread) -> int:
    """How many tasks the issue has had."""
    with rows(thread.town) as database:
        query = "SELECT count(*) FROM tasks WHERE repo_name=? AND issue_number=?"
        return int(database.execute(query, (thread.repo, thread.number)).fetchone()[0])


def answered(thread: Thread, comment: int, *reactions: str) -> None:
    """The comment has exactly these reactions soon."""
    wanted = sorted(reactions)
    found = wait_until(lambda: True if sorted(thread.reactions(comment)) == wanted else None, 20)
    assert found, f"{thread.reactions(comment)} is not {wanted}\n{thread.story()}"


def test_abu_07_abu_47_a_reader_and_a_stranger_get_one_reaction_and_no_word(post: Post, town: Town) -> None:
    thread = thread_of(town, private=False)
    town.world.user("stranger")
    for user in (READER, "stranger"):
        first = thread.says(user, "/task give me everything")
        answered(thread, first, "-1")
        more = [thread.says(user, text) for text in ("/task again", "/devtask approve", "/devtask help")]
        settled(thread, *more)
    assert tasks_on(thread) == 0
    assert all("### " not in body or "/help" in body for body in thread.bot())


def test_abu_09_a_login_that_somebody_else_has_now_is_not_the_person_it_was(post: Post, town: Town) -> None:
    thread = thread_of(town)
    spoken = thread.says(WRITER, "hi")
    settled(thread)
    borrowed = post.payload(spoken, body="/task take it over")
    borrowed["sender"]["id"] = borrowed["comment"]["user"]["id"] = 77_000_001
    assert post.send("issue_comment", borrowed) == 202
    settled(thread)
    assert tasks_on(thread) == 0


def test_abu_10_bots_and_what_the_bot_itself_says_command_nothing(post: Post, town: Town) -> None:
    thread = thread_of(town)
    town.world.user("helper[bot]", kind="Bot")
    town.world.role(thread.repo, "helper[bot]", "admin")
    quiet = thread.says("helper[bot]", "/task from a bot")
    echoed = thread.says(WRITER, "/devtask doctor `/approve 1234`")
    answered(thread, echoed, "confused")
    thread.wait("not built yet")
    settled(thread, quiet)
    said = len(thread.bot())
    mine = next(one for one in town.world.comments(thread.repo, thread.number) if one["user"]["type"] == "Bot")
    for turn in range(3):
        town.world.edit_comment(mine["id"], "helper[bot]", f"/task number {turn}")
    settled(thread)
    assert tasks_on(thread) == 0
    assert len(thread.bot()) <= said + 2, thread.bot()


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "status", "status": 500, "times": 0},
        {"kind": "status", "status": 404, "times": 0},
        {"kind": "garbage", "times": 0},
    ],
    ids=["500", "404", "garbage"],
)
def test_abu_40_a_permission_that_cannot_be_asked_is_a_no(post: Post, town: Town, fault: dict[str, object]) -> None:
    thread = thread_of(town)
    kind = str(fault.pop("kind"))
    rule = town.world.rig.fault(kind, rf"/repos/{thread.repo}/collaborators/.*/permission", **fault)
    try:
        asked = thread.says(WRITER, "/task validate stock")
        answered(thread, asked, "-1")
    finally:
        town.world.rig.clear(rule)
    assert tasks_on(thread) == 0 and thread.bot() == []


def test_f31_a_command_given_while_github_asks_for_quiet_is_carried_out_later(post: Post, town: Town) -> None:
    thread = thread_of(town)
    path = rf"/repos/{thread.repo}/collaborators/.*/permission"
    town.world.rig.fault("status", path, status=429, headers={"Retry-After": "2"})
    answered(thread, thread.says(WRITER, "/help"), "eyes")


def test_the_label_is_a_task_once_and_a_mention_is_understood(post: Post, town: Town) -> None:
    mind = Mind(planner=[plan_of()], executor=[CANNOT])
    town.minds.known["w-label"] = mind
    repo = town.repo()
    thread = Thread(town, repo, town.world.issue(repo, OWNER, "Stock w-label", "It becomes negative."), "w-label")
    town.world.label(repo, thread.number, WRITER, "devtask")
    shown = thread.plan()
    again = thread.says(WRITER, "/task the same again")
    thread.wait("is open on this issue", 20)
    answered(thread, again, "confused")
    assert tasks_on(thread) == 1
    asked = thread.says(WRITER, "@devtask[bot] the plan looks good")
    sure = thread.wait("Do you approve plan", 20)
    assert thread.branch() is None
    answered(thread, asked, "eyes")
    town.world.tick(sure["id"], WRITER, 0)
    assert wait_until(lambda: True if "Approved" in _body(thread, shown["id"]) else None, 20), thread.bot()


def _body(thread: Thread, comment_id: int) -> str:
    found = thread.town.world.comments(thread.repo, thread.number)
    return next(str(one["body"]) for one in found if one["id"] == comment_id)


def test_free_text_by_the_model_is_asked_back_below_high_confidence_and_acted_on_by_rules(
    post: Post, town: Town
) -> None:
    unsure = '{"intent": "PLAN_APPROVE", "task_type": "none", "confidence": 0.6}'
    thread = town.start(town.repo(), Mind([plan_of()], [CANNOT], unsure))
    thread.plan()
    other = thread.says(OWNER, "looks good, go")
    thread.says(WRITER, f"I suppose we could perhaps do it like that {thread.word}")
    thread.wait("Do you approve plan", 20)
    assert thread.branch() is None and thread.reactions(other) == []
    go = thread.says(WRITER, "Looks good, go!")
    answered(thread, go, "eyes", "rocket")
