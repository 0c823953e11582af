"""The GitHub client against the stand-in: every effect, every question, every fault."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime

import pytest

from ghapp.clients.errors import Bug, ClientError, Denied, Gone, Retry, Unanswerable, Uncertain
from ghapp.clients.github import Annotation, CheckOutput, GitHubApp
from ghapp.say.turn import LABELS, MIRROR_LABELS, Turn
from state.views import RepoRef
from tests.ghapp.clients.conftest import Scene

CHECK = CheckOutput("devtask", "in_progress", "Working", "1 of 2", external_id="k3x9q2ab")
CALLS: dict[str, Callable[[Scene], object]] = {
    "create": lambda scene: scene.talk.create_comment(scene.issue, "hi"),
    "issue": lambda scene: scene.talk.issue(scene.issue),
    "react": lambda scene: scene.talk.react("eyes", issue=scene.issue),
    "label": lambda scene: scene.talk.set_label(scene.issue, LABELS[Turn.YOURS], MIRROR_LABELS),
}


def test_a_comment_is_made_read_edited_and_deleted(scene: Scene) -> None:
    made = scene.talk.create_comment(scene.issue, "hello **you**")
    me = scene.app.identity(scene.repo)
    assert (made.author_id, made.author_login, made.author_type) == (me.bot_id, me.bot_login, "Bot")
    assert made.app_id == scene.app.app_id
    assert scene.talk.comment(made.id) == made
    assert scene.talk.edit_comment(made.id, "again").body == "again"
    assert [found.body for found in scene.talk.comments_since(scene.issue)] == ["again"]
    assert scene.talk.comments_since(scene.issue, datetime(2099, 1, 1, tzinfo=UTC)) == ()
    scene.talk.delete_comment(made.id)
    scene.talk.delete_comment(made.id)
    with pytest.raises(Gone):
        scene.talk.comment(made.id)


def test_a_persons_comment_and_issue_are_read_as_facts(scene: Scene) -> None:
    number = scene.world.comment(scene.repo.full_name, scene.issue, "bea", "/task x")
    found = scene.talk.comment(number)
    assert (found.body, found.author_login, found.author_type, found.app_id) == ("/task x", "bea", "User", None)
    issue = scene.talk.issue(scene.issue)
    assert (issue.title, issue.body, issue.state, issue.is_pull_request) == ("Stock", "Please", "open", False)


def test_reactions_go_on_issues_and_comments_and_may_be_repeated(scene: Scene) -> None:
    name = scene.repo.full_name
    number = scene.world.comment(name, scene.issue, "bea", "x")
    for _ in range(2):
        scene.talk.react("eyes", comment=number)
        scene.talk.react("rocket", issue=scene.issue)
    assert scene.world.reactions(name, scene.issue, number) == ["eyes"]
    assert scene.world.reactions(name, scene.issue) == ["rocket"]


def test_one_mirror_label_stands_and_other_labels_are_left_alone(scene: Scene) -> None:
    name = scene.repo.full_name
    scene.world.label(name, scene.issue, "bea", "bug")
    for turn in (Turn.YOURS, Turn.WORKING, Turn.WORKING):
        scene.talk.set_label(scene.issue, LABELS[turn], MIRROR_LABELS)
    assert sorted(scene.world.labels(name, scene.issue)) == ["bug", "devtask: working"]
    assert scene.world.look(name, "/labels/devtask: working")["color"] == LABELS[Turn.WORKING].color
    scene.talk.set_label(scene.issue, None, MIRROR_LABELS)
    assert scene.world.labels(name, scene.issue) == ["bug"]


def test_a_check_run_is_made_found_and_completed(scene: Scene) -> None:
    sha = scene.talk.branch_facts("main").sha
    made = scene.talk.create_check_run(sha, CHECK)
    assert scene.talk.find_check_run(sha, "k3x9q2ab") == made
    assert scene.talk.find_check_run(sha, "other") is None
    notes = tuple(Annotation("a", n, "failure", "m", "t") for n in range(80))
    done = CheckOutput("devtask", "completed", "Done", "2 of 2", "success", external_id="k3x9q2ab", annotations=notes)
    scene.talk.update_check_run(made, done)
    shown = scene.world.check_runs(scene.repo.full_name, sha)[0]
    assert (shown["status"], shown["conclusion"], shown["output"]["annotations_count"]) == ("completed", "success", 50)


def test_a_repository_is_known_by_its_id(scene: Scene) -> None:
    facts = scene.talk.repo_facts()
    assert (facts.id, facts.full_name, facts.default_branch) == (scene.repo.id, scene.repo.full_name, "main")
    assert facts.clone_url.startswith(scene.world.url) and not facts.archived and facts.private


def test_a_branch_tells_what_guards_it(scene: Scene) -> None:
    name = scene.repo.full_name
    assert not scene.talk.branch_facts("main").protected
    assert not scene.talk.branch_facts("feature/none").exists
    scene.world.rules(
        name, {"type": "pull_request", "pattern": "feature/*"}, {"type": "required_signatures", "pattern": "*"}
    )
    found = scene.talk.branch_facts("feature/none")
    assert (found.exists, found.protected, found.signatures_required) == (False, True, True)
    scene.world.protect(name, "main")
    assert scene.talk.branch_facts("main").protected


@pytest.mark.parametrize("role", ["admin", "maintain", "write", "triage", "read", "none"])
def test_ABU_07_the_role_is_what_github_says_now(scene: Scene, role: str) -> None:
    scene.world.role(scene.repo.full_name, "bea", role)
    assert scene.talk.permission("bea", int(scene.world.user("bea")["id"])) == role


def test_ABU_09_the_permission_of_another_account_with_the_same_login_is_none(scene: Scene) -> None:
    assert scene.talk.permission("bea", 1) == "none"
    assert scene.talk.permission("nobody-of-this-name", 1) == "none"
    assert scene.talk.permission("../../x", 1) == "none"


@pytest.mark.parametrize(
    ("kind", "rule"),
    [
        ("status", {"status": 500}),
        ("status", {"status": 403, "body": '{"message": "no"}'}),
        ("garbage", {}),
        ("drop_before", {}),
        ("truncate", {}),
        ("status", {"status": 200, "body": "{}"}),
        ("slow_drip", {"seconds": 30}),
    ],
)
def test_ABU_40_a_permission_that_cannot_be_asked_is_unanswerable(
    scene: Scene, kind: str, rule: dict[str, object]
) -> None:
    user = int(scene.world.user("bea")["id"])
    scene.world.rig.fault(kind, "/permission$", times=0, **rule)
    with pytest.raises(Unanswerable):
        scene.talk.permission("bea", user)


@pytest.mark.parametrize("kind", ["apply_then_500", "apply_then_drop", "truncate"])
def test_F29_a_comment_that_may_have_been_made_is_uncertain_and_never_repeated(scene: Scene, kind: str) -> None:
    scene.world.rig.fault(kind, "/comments$", method="POST")
    with pytest.raises(Uncertain):
        scene.talk.create_comment(scene.issue, "once")
    assert [found.body for found in scene.talk.comments_since(scene.issue)] == ["once"]


@pytest.mark.parametrize("kind", ["apply_then_500", "apply_then_drop", "drop_before", "garbage"])
def test_F29_what_may_be_repeated_is_a_retry(scene: Scene, kind: str) -> None:
    made = scene.talk.create_comment(scene.issue, "a")
    scene.world.rig.fault(kind, f"/comments/{made.id}$", method="PATCH")
    with pytest.raises(Retry):
        scene.talk.edit_comment(made.id, "b")
    scene.talk.edit_comment(made.id, "b")
    scene.world.rig.fault(kind, "/reactions$", method="POST")
    with pytest.raises(Retry):
        scene.talk.react("eyes", issue=scene.issue)


def test_F28_a_read_is_tried_three_times(scene: Scene) -> None:
    scene.world.rig.fault("status", f"/issues/{scene.issue}$", status=502, times=2)
    assert scene.talk.issue(scene.issue).title == "Stock"
    scene.world.rig.fault("status", f"/issues/{scene.issue}$", status=502, times=0)
    with pytest.raises(Retry):
        scene.talk.issue(scene.issue)


@pytest.mark.parametrize(
    ("status", "headers", "body", "low", "high"),
    [
        (403, {"Retry-After": "7"}, "{}", 7, 7),
        (429, {"Retry-After": "9"}, "{}", 9, 9),
        (403, {}, '{"message": "You have exceeded a secondary rate limit."}', 60, 60),
        (403, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "in 100 s"}, "{}", 60, 101),
    ],
)
def test_F31_F32_a_limit_pauses_everybody(
    scene: Scene, status: int, headers: dict[str, str], body: str, low: float, high: float
) -> None:
    reset = str(int(time.time()) + 100)
    headers = {name: value.replace("in 100 s", reset) for name, value in headers.items()}
    scene.world.rig.fault("status", "/comments$", status=status, headers=headers, body=body)
    with pytest.raises(Retry) as caught:
        scene.talk.create_comment(scene.issue, "x")
    assert caught.value.after is not None and low <= caught.value.after <= high
    assert scene.budget.pauses == [caught.value.after]


def test_F31_no_call_leaves_while_the_budget_says_wait(scene: Scene) -> None:
    scene.talk.issue(scene.issue)
    before, scene.budget.blocked = scene.last(), 12.0
    for call in CALLS.values():
        with pytest.raises(Retry) as caught:
            call(scene)
        assert caught.value.after == 12.0
    assert scene.requests("/repos/", since=before) == []


def test_writes_and_reads_are_counted_apart(scene: Scene) -> None:
    scene.talk.create_comment(scene.issue, "x")
    scene.talk.issue(scene.issue)
    assert (scene.budget.writes, scene.budget.reads) == (1, 1)


def test_F33_an_expired_token_is_minted_again_once(scene: Scene) -> None:
    scene.talk.issue(scene.issue)
    scene.world.expire_tokens()
    assert scene.talk.create_comment(scene.issue, "x").body == "x"
    assert len(scene.tokens) == 2
    scene.world.rig.fault(
        "status", f"/issues/{scene.issue}$", status=401, body='{"message": "Bad credentials"}', times=0
    )
    with pytest.raises(Denied) as caught:
        scene.talk.issue(scene.issue)
    assert caught.value.reason == "credentials"


def test_tokens_are_minted_per_purpose_for_one_repository_and_kept_in_memory(scene: Scene) -> None:
    before = scene.last()
    for _ in range(3):
        talk, push = scene.app.token_for(scene.repo, "talk"), scene.app.token_for(scene.repo, "push")
    assert scene.tokens == [talk, push]
    minted = scene.requests("/access_tokens$", "POST", since=before)
    assert len(minted) == 2
    assert all(f'"repository_ids": [{scene.repo.id}]' in str(row.body) for row in minted)
    assert talk not in repr(scene.app.tokens.__dict__) and talk not in repr(scene.app)


def test_ABU_05_a_repository_of_another_installation_is_refused_at_minting(scene: Scene) -> None:
    for other in (RepoRef(scene.repo.id + 999, "ana/other", scene.repo.installation_id), RepoRef(1, "a/b", 999_999)):
        with pytest.raises(Denied) as caught:
            scene.app.talk(other).issue(1)
        assert caught.value.reason == "minting"


def test_F35_a_renamed_repository_is_followed_by_its_id(scene: Scene) -> None:
    name = f"{scene.repo.full_name}-new"
    scene.world.change_repo(scene.repo.full_name, name=name.partition("/")[2])
    assert scene.talk.create_comment(scene.issue, "x").body == "x"
    assert len(scene.world.comments(name, scene.issue)) == 1
    assert scene.talk.repo_facts().full_name == name


def test_F35_a_redirect_to_another_host_or_repository_is_not_followed(scene: Scene) -> None:
    for location in ("http://evil.example/x", f"{scene.world.api_url}/repositories/1"):
        scene.world.rig.fault("status", "/comments$", status=301, headers={"Location": location}, body="{}")
        with pytest.raises(Gone) as caught:
            scene.talk.create_comment(scene.issue, "x")
        assert caught.value.moved_to == location
    assert scene.world.comments(scene.repo.full_name, scene.issue) == []


@pytest.mark.parametrize(
    ("status", "message", "error", "reason"),
    [
        (404, "Not Found", Gone, ""),
        (410, "This issue was deleted", Gone, ""),
        (403, "Unable to create comment because issue is locked.", Denied, "locked"),
        (403, "Repository was archived so is read-only.", Denied, "archived"),
        (403, "This installation has been suspended", Denied, "suspended"),
        (403, "Resource not accessible by integration", Denied, "permission"),
        (422, "Validation Failed", Bug, ""),
        (400, "Problems parsing JSON", Bug, ""),
    ],
)
def test_F34_F36_F37_refusals_are_told_apart(
    scene: Scene, status: int, message: str, error: type[ClientError], reason: str
) -> None:
    scene.world.rig.fault("status", "/comments$", status=status, body=f'{{"message": "{message}"}}')
    with pytest.raises(error) as caught:
        scene.talk.create_comment(scene.issue, "x")
    assert not reason or getattr(caught.value, "reason", "") == reason
    assert message in str(caught.value)


def test_F36_F40_an_archive_and_a_suspension_are_denied(scene: Scene) -> None:
    scene.world.change_repo(scene.repo.full_name, archived=True)
    with pytest.raises(Denied) as caught:
        scene.talk.create_comment(scene.issue, "x")
    assert caught.value.reason == "archived"
    scene.world.change_installation(scene.repo.installation_id, suspended=True)
    with pytest.raises(Denied) as caught:
        scene.talk.issue(scene.issue)
    assert caught.value.reason == "suspended"


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("body", ["[]", "null", '{"id": "x"}', '{"a": '])
def test_F38_an_answer_of_the_wrong_shape_is_no_crash(scene: Scene, call: str, body: str) -> None:
    scene.talk.issue(scene.issue)
    scene.world.rig.fault("status", "/issues/", status=200, body=body, times=0)
    if call == "react" and body != '{"a": ':
        return CALLS[call](scene) and None
    with pytest.raises((Retry, Uncertain)):
        CALLS[call](scene)
    return None


def test_F39_an_answer_that_drips_ends_at_the_deadline(scene: Scene) -> None:
    scene.talk.issue(scene.issue)
    scene.world.rig.fault("slow_drip", "/comments$", seconds=40)
    began = time.monotonic()
    with pytest.raises(Uncertain):
        scene.talk.create_comment(scene.issue, "x")
    assert time.monotonic() - began < 2.5


def test_F39_a_host_that_is_not_there_is_a_retry(scene: Scene) -> None:
    away = GitHubApp(1, scene.world.app_key(), "http://127.0.0.1:9", deadline=1)
    with closing(away), pytest.raises(Retry):
        away.talk(scene.repo).create_comment(1, "x")


def test_no_token_is_in_any_error(scene: Scene) -> None:
    scene.world.rig.fault("status", "/comments$", status=403, times=0)
    with pytest.raises(Denied) as caught:
        scene.talk.create_comment(scene.issue, "x")
    link: BaseException | None = caught.value
    while link:
        assert scene.tokens[0] not in repr(link) + str(link)
        link = link.__cause__ or link.__context__
