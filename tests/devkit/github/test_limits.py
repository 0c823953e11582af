"""Rate limits, paging and lists that lag."""

from __future__ import annotations

import time

import pytest


@pytest.fixture
def limits(stage):
    stage.world.clear_limits()
    yield stage.world.tune
    stage.world.tune(creates_per_minute=100_000, creates_per_hour=100_000, secondary_status=403, list_lag=0.0)
    stage.world.clear_limits()


def test_the_limits_of_github_are_on_by_default():
    from devkit.github.config import Settings

    settings = Settings()
    assert (settings.creates_per_minute, settings.creates_per_hour, settings.hook_timeout) == (80, 500, 10.0)


@pytest.mark.parametrize(("status", "window"), [(403, "creates_per_minute"), (429, "creates_per_hour")])
def test_too_many_creating_calls_are_refused_with_retry_after(stage, limits, status, window):
    number = stage.world.issue(stage.name, "ana", "t")
    limits(**{window: 3}, secondary_status=status, retry_after=7)
    api = stage.http()
    codes = [api.post(stage.path(f"/issues/{number}/comments"), json={"body": "x"}) for _ in range(5)]
    assert [answer.status_code for answer in codes] == [201, 201, 201, status, status]
    assert codes[-1].headers["Retry-After"] == "7"
    assert "secondary rate limit" in codes[-1].json()["message"]
    assert api.get(stage.path(f"/issues/{number}")).status_code == 200
    assert len(stage.world.comments(stage.name, number)) == 3


def test_pygithub_raises_its_rate_limit_error_on_a_secondary_limit(stage, limits):
    from github import GithubException

    number = stage.world.issue(stage.name, "ana", "t")
    issue = stage.pygithub().get_issue(number)
    limits(creates_per_minute=0)
    with pytest.raises(GithubException) as caught:
        issue.create_comment("x")
    assert caught.value.status == 403


def test_every_answer_says_how_much_is_left(stage):
    api = stage.http()
    before, after = (int(api.get("/rate_limit").headers["X-RateLimit-Remaining"]) for _ in range(2))
    assert after < before
    answer = api.get(stage.path())
    assert answer.headers["X-RateLimit-Resource"] == "core"
    assert int(answer.headers["X-RateLimit-Reset"]) > time.time()


def test_a_list_lags_after_a_create_while_the_single_answer_does_not(stage, limits):
    number = stage.world.issue(stage.name, "ana", "t")
    limits(list_lag=0.2)
    api = stage.http()
    made = api.post(stage.path(f"/issues/{number}/comments"), json={"body": "x"}).json()
    assert api.get(stage.path(f"/issues/{number}/comments")).json() == []
    assert api.get(stage.path(f"/issues/comments/{made['id']}")).status_code == 200
    time.sleep(0.25)
    assert len(api.get(stage.path(f"/issues/{number}/comments")).json()) == 1


def test_lists_are_paged_with_link_headers_that_pygithub_follows(stage):
    number = stage.world.issue(stage.name, "ana", "t")
    for at in range(5):
        stage.world.comment(stage.name, number, "ana", f"c{at}")
    answer = stage.http().get(stage.path(f"/issues/{number}/comments"), params={"per_page": 2, "page": 2})
    assert [row["body"] for row in answer.json()] == ["c2", "c3"]
    assert set(answer.links) == {"prev", "next", "last", "first"}
    assert answer.links["last"]["url"].endswith("per_page=2&page=3")
    repo = stage.pygithub()
    repo._requester.per_page = 2
    assert [row.body for row in repo.get_issue(number).get_comments()] == [f"c{at}" for at in range(5)]


def test_since_filters_by_the_last_change(stage):
    number = stage.world.issue(stage.name, "ana", "t")
    stage.world.comment(stage.name, number, "ana", "old")
    api = stage.http()
    for path in (f"/issues/{number}/comments", "/issues/comments", "/issues"):
        assert api.get(stage.path(path), params={"since": "2099-01-01T00:00:00Z"}).json() == []
        assert len(api.get(stage.path(path), params={"since": "2020-01-01T00:00:00Z"}).json()) == 1
    assert api.get(stage.path("/issues"), params={"since": "yesterday"}).status_code == 422
