"""How the App proves who it is, and what its tokens reach."""

from __future__ import annotations

import time

import httpx
import jwt
import pytest


def test_pygithub_finds_the_installation_and_acts_with_its_token_over_plain_http_with_a_port(stage):
    from github import Auth, GithubIntegration

    app = stage.world.app()
    integration = GithubIntegration(
        auth=Auth.AppAuth(app["id"], app["private_key"]),
        base_url=stage.world.api_url,
        seconds_between_requests=0,
        seconds_between_writes=0,
    )
    assert integration.get_app().slug == "devtask"
    assert integration.get_repo_installation("ana", stage.name.split("/")[1]).id == stage.installation
    token = integration.get_access_token(stage.installation)
    assert 3500 < token.expires_at.timestamp() - time.time() <= 3600
    repo = stage.opened.enter_context(integration.get_github_for_installation(stage.installation)).get_repo(stage.name)
    stage.opened.enter_context(integration)
    assert repo.clone_url == f"{stage.world.url}/{stage.name}.git"


@pytest.mark.parametrize(
    ("claims", "message"),
    [
        ({"exp": -10_000}, "must be a numeric value representing the future time"),
        ({"exp": 3600}, "too far in the future"),
        ({"iss": "99"}, "Integration not found"),
    ],
)
def test_a_jwt_with_wrong_claims_is_refused(stage, claims, message):
    app, now = stage.world.app(), int(time.time())
    good = {"iat": now - 30, "exp": now + 300, "iss": str(app["id"])}
    wrong = {key: now + value if key == "exp" else value for key, value in claims.items()}
    token = jwt.encode(good | wrong, app["private_key"], algorithm="RS256")
    answer = stage.http(token).get("/app")
    assert answer.status_code in (401, 404)
    assert message in answer.json()["message"]


def test_a_jwt_signed_by_another_key_or_without_a_signature_is_refused(stage):
    now = int(time.time())
    claims = {"iat": now - 30, "exp": now + 300, "iss": str(stage.world.app()["id"])}
    for token in (jwt.encode(claims, "x" * 32, algorithm="HS256"), jwt.encode(claims, "", algorithm="none")):
        assert stage.http(token).get("/app").status_code == 401


def test_a_token_for_one_repository_does_not_see_another(stage):
    stage.world.repo(f"{stage.name}-other")
    api = stage.http(stage.mint(repository_ids=[stage.repo_id]))
    listed = api.get("/installation/repositories").json()
    assert [row["full_name"] for row in listed["repositories"]] == [stage.name]
    assert listed["total_count"] == 1
    answer = api.get(f"/repos/{stage.name}-other")
    assert (answer.status_code, answer.json()["message"]) == (404, "Not Found")


def test_minting_for_a_repository_of_nobody_or_with_more_rights_is_422(stage):
    url = f"/app/installations/{stage.installation}/access_tokens"
    api = stage.as_app()
    for body in ({"repository_ids": [1]}, {"repositories": ["nope"]}, {"permissions": {"workflows": "write"}}):
        assert api.post(url, json=body).status_code == 422
    assert api.post("/app/installations/1/access_tokens", json={}).status_code == 404


def test_a_suspended_installation_is_403_and_its_live_tokens_too(stage):
    api = stage.http()
    stage.world.change_installation(stage.installation, suspended=True)
    try:
        assert api.get(stage.path()).status_code == 403
        answer = stage.as_app().post(f"/app/installations/{stage.installation}/access_tokens")
        assert answer.status_code == 403
        assert "suspended" in answer.json()["message"]
    finally:
        stage.world.change_installation(stage.installation, suspended=False)
    assert api.get(stage.path()).status_code == 200


def test_an_expired_or_unknown_token_is_401(stage):
    api = stage.http()
    stage.world.expire_tokens()
    for answer in (api.get(stage.path()), stage.http("ghs_unknown").get("/rate_limit")):
        assert (answer.status_code, answer.json()["message"]) == (401, "Bad credentials")


def test_a_token_lives_as_long_as_the_setting_says(stage):
    stage.world.tune(token_seconds=0.05)
    try:
        api = stage.http(stage.mint())
    finally:
        stage.world.tune(token_seconds=3600)
    time.sleep(0.06)
    assert api.get(stage.path()).status_code == 401


def test_installation_tokens_have_the_long_new_shape(stage):
    token = stage.mint()
    assert len(token) > 480
    assert token.startswith("ghs_1_")


def test_without_a_token_private_is_404_and_public_is_readable(stage):
    bare = stage.opened.enter_context(httpx.Client(base_url=stage.world.api_url, trust_env=False))
    assert bare.get(stage.path()).status_code == 404
    stage.world.change_repo(stage.name, private=False)
    assert bare.get(stage.path()).json()["visibility"] == "public"
    assert bare.post(stage.path("/issues"), json={"title": "x"}).status_code == 401
