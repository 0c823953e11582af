"""Deliveries: signed, for every change, with the keys of the published examples, logged and redelivered."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from pathlib import Path

import pytest

SECRET = "hook secret"
KEYS = json.loads(Path(__file__).with_name("webhook_keys.json").read_text())
# Keys of old examples that GitHub no longer sends.
GONE = {"check_run.deployment", "check_run.check_suite.deployment", "installation.suspended_by"}


def missing_keys(event: str, payload: dict) -> set[str]:
    """Key paths of the published examples that the payload lacks."""
    name = f"{event}.{payload['action']}" if "action" in payload else event
    lacking = set(KEYS["events"][name]) - set(payload)
    for path, keys in KEYS["objects"].items():
        found = payload
        if event == "push" and path.startswith("repository"):
            continue
        path = path.replace("push_repository", "repository") if event == "push" else path
        for part in path.split("."):
            listed = part.endswith("[]")
            found = found.get(part.removesuffix("[]")) if isinstance(found, dict) else None
            found = (found or [None])[0] if listed else found
        if isinstance(found, dict) and path not in GONE:
            lacking |= {f"{path}.{key}" for key in set(keys) - set(found)}
    return lacking


def everything(stage, tmp_path) -> None:
    world, name = stage.world, stage.name
    number = world.issue(name, "ana", "t", "b", labels=["bug"])
    world.edit_issue(name, number, "ana", title="u", body="c")
    world.unlabel(name, number, "ana", "bug")
    world.edit_issue(name, number, "ana", state="closed")
    world.edit_issue(name, number, "ana", state="open")
    comment = world.comment(name, number, "ana", "one")
    world.edit_comment(comment, "ana", "two")
    world.delete_comment(comment, "ana")
    for locked in (True, False):
        world.edit_issue(name, number, "ana", locked=locked)
    clone = stage.clone(tmp_path)
    stage.git(clone, "checkout", "-q", "-b", "f")
    stage.commit(clone, {"a.txt": "a"})
    stage.push(clone, "f")
    api = stage.http()
    pull = api.post(stage.path("/pulls"), json={"title": "p", "head": "f", "base": "main"}).json()
    sha = stage.commit(clone, {"a.txt": "b"})
    stage.push(clone, "f")
    api.post(stage.path("/check-runs"), json={"name": "n", "head_sha": sha, "conclusion": "success"})
    for state in ("closed", "open"):
        api.patch(stage.path(f"/pulls/{pull['number']}"), json={"state": state})
    world.delete_issue(name, number, "ana")


def change_the_repository(stage) -> None:
    world, name = stage.world, stage.name
    world.repo(f"{name}-b")
    world.install("ana", [f"{name}-b"])
    world.change_installation(stage.installation, repository_ids=[stage.repo_id])
    world.change_installation(stage.installation, permissions=world.app()["permissions"])
    for suspended in (True, False):
        world.change_installation(stage.installation, suspended=suspended)
    for private in (False, True):
        world.change_repo(name, private=private)
    world.change_repo(name, description="d")
    world.change_repo(name, name=name.split("/")[1] + "-x")


def test_every_event_carries_the_keys_of_the_published_examples(stage, tmp_path):
    everything(stage, tmp_path)
    change_the_repository(stage)
    installation = stage.world.install("olga")
    stage.world.repo(f"olga/{stage.name.split('/')[1]}")
    stage.world.uninstall(installation)
    assert stage.world.wait(10)
    seen, lacking = set(), {}
    for headers, body in list(stage.mailbox.got):
        event, payload = headers["x-github-event"], json.loads(body)
        name = f"{event}.{payload['action']}" if "action" in payload else event
        seen.add(name)
        if name in KEYS["events"] and (found := missing_keys(event, payload)):
            lacking[name] = found
    assert lacking == {}
    assert set(KEYS["events"]) - seen == {"repository.transferred"}


def test_a_transfer_to_an_account_with_the_app_says_who_had_it(stage):
    number_of = stage.world.install("nina")
    stage.world.change_repo(stage.name, owner="nina")
    assert stage.world.wait(5)
    payload = stage.mailbox.of("repository", "transferred")[0]
    assert payload["changes"]["owner"]["from"]["user"]["login"] == "ana"
    assert missing_keys("repository", payload) == set()
    assert payload["installation"]["id"] == number_of


def test_deliveries_are_signed_and_carry_the_headers(stage):
    stage.world.issue(stage.name, "ana", "títle", "b")
    assert stage.world.wait(5)
    headers, body = stage.mailbox.got[0]
    digest = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    assert headers["x-hub-signature-256"] == f"sha256={digest}"
    assert headers["x-github-event"] == "issues"
    assert headers["x-github-hook-installation-target-type"] == "integration"
    assert headers["x-github-hook-installation-target-id"] == "1"
    assert headers["user-agent"].startswith("GitHub-Hookshot/")
    assert len(headers["x-github-delivery"]) == 36
    assert int(headers["x-github-hook-id"]) > 0


def test_the_bots_own_writes_are_delivered_too(stage):
    number = stage.world.issue(stage.name, "ana", "t")
    stage.pygithub().get_issue(number).create_comment("from the bot")
    assert stage.world.wait(5)
    payload = stage.mailbox.of("issue_comment", "created")[0]
    assert (payload["sender"]["id"], payload["sender"]["type"]) == (stage.world.app()["bot_id"], "Bot")
    assert payload["comment"]["performed_via_github_app"]["slug"] == "devtask"


def test_a_comment_on_a_pull_request_is_an_issue_comment_with_a_pull_request(stage):
    pull = stage.http().post(stage.path("/pulls"), json={"title": "p", "head": "work", "base": "main"}).json()["number"]
    stage.world.comment(stage.name, pull, "bea", "on the pr")
    assert stage.world.wait(5)
    payload = stage.mailbox.of("issue_comment", "created")[0]
    assert payload["issue"]["pull_request"]["url"].endswith(f"/pulls/{pull}")


def test_edits_carry_the_text_of_before_and_a_tick_ends_lines_with_crlf(stage):
    number = stage.world.issue(stage.name, "ana", "t")
    body = "Plan\n\n- [ ] Approve and run  /approve 7f3a\n- [ ] Reject  /reject\n\n```\n- [ ] no button\n```"
    comment = stage.pygithub().get_issue(number).create_comment(body).id
    stage.world.tick(comment, "bea", "Reject")
    assert stage.world.wait(5)
    payload = stage.mailbox.of("issue_comment", "edited")[0]
    assert payload["changes"]["body"]["from"] == body
    assert payload["comment"]["body"] == body.replace("[ ] Reject", "[x] Reject").replace("\n", "\r\n")
    assert payload["sender"]["login"] == "bea"


def test_ticking_a_body_that_changed_meanwhile_is_refused(stage):
    import httpx

    number = stage.world.issue(stage.name, "ana", "t")
    comment = stage.world.comment(stage.name, number, "ana", "- [ ] Approve")
    stage.world.edit_comment(comment, "ana", "- [ ] Approve\n- [ ] Reject")
    with pytest.raises(httpx.HTTPStatusError, match="409"):
        stage.world.tick(comment, "ana", "Approve", shown="- [ ] Approve")
    stage.world.tick(comment, "ana", "Approve", shown="- [ ] Approve\n- [ ] Reject")


def test_nothing_is_delivered_again_by_itself_and_a_redelivery_keeps_the_guid(stage):
    stage.mailbox.status = 500
    try:
        stage.world.issue(stage.name, "ana", "t")
        assert stage.world.wait(5)
    finally:
        stage.mailbox.status = 202
    time.sleep(0.1)
    assert len(stage.mailbox.got) == 1
    app = stage.as_app()
    failed = app.get("/app/hook/deliveries", params={"status": "failure"}).json()[0]
    assert (failed["status_code"], failed["redelivery"]) == (500, False)
    assert app.post(f"/app/hook/deliveries/{failed['id']}/attempts").status_code == 202
    assert stage.world.wait(5)
    (first, body), (second, again) = stage.mailbox.got
    assert (first["x-github-delivery"], body) == (second["x-github-delivery"], again)
    newest = app.get("/app/hook/deliveries").json()[0]
    assert (newest["guid"], newest["redelivery"], newest["status_code"]) == (failed["guid"], True, 202)


def test_the_delivery_log_shows_request_and_response_and_is_paged_by_cursor(stage):
    import githubkit_schemas.latest.models as models

    for title in "abc":
        stage.world.issue(stage.name, "ana", title)
    assert stage.world.wait(5)
    app = stage.as_app()
    page = app.get("/app/hook/deliveries", params={"per_page": 2})
    assert len(page.json()) == 2
    models.HookDeliveryItem.model_validate(page.json()[0])
    assert app.get(page.links["next"]["url"]).json()[0]["id"] < page.json()[-1]["id"]
    whole = app.get(f"/app/hook/deliveries/{page.json()[0]['id']}").json()
    models.HookDelivery.model_validate(whole)
    assert whole["request"]["headers"]["X-GitHub-Delivery"] == whole["guid"]
    assert whole["request"]["payload"]["action"] == "opened"
    assert whole["response"]["payload"] == "ok"


def test_a_slow_receiver_is_cut_off_and_a_dead_one_is_logged(stage, mailbox):
    stage.world.tune(hook_timeout=0.1)
    stage.mailbox.seconds = 0.5
    try:
        stage.world.issue(stage.name, "ana", "t")
        assert stage.world.wait(5)
    finally:
        stage.world.tune(hook_timeout=10.0)
        stage.mailbox.seconds = 0.0
    stage.world.hook("http://127.0.0.1:9/", SECRET)
    try:
        stage.world.issue(stage.name, "ana", "u")
        assert stage.world.wait(5)
    finally:
        stage.world.hook(mailbox[1] + "/hook", SECRET)
    with stage.mailbox.changed:
        assert stage.mailbox.changed.wait_for(lambda: stage.mailbox.got, 5), "the slow receiver ends on its own"
    last = stage.world.deliveries("issues")[-2:]
    assert [row["status"] for row in last] == ["timed out", "failed to connect to host"]


def test_deliveries_go_out_in_parallel_and_out_of_order_when_told(stage):
    stage.world.tune(hook_jitter=0.2)
    try:
        for at in range(8):
            stage.world.issue(stage.name, "ana", str(at))
        assert stage.world.wait(5)
    finally:
        stage.world.tune(hook_jitter=0.0)
    order = [row["issue"]["number"] for row in stage.mailbox.of("issues")]
    assert sorted(order) == list(range(1, 9))
    assert order != sorted(order)


def test_a_suspended_installation_and_an_unread_event_get_nothing(stage):
    stage.world.change_installation(stage.installation, suspended=True)
    stage.world.issue(stage.name, "ana", "t")
    stage.world.change_installation(stage.installation, suspended=False)
    stage.world.change_installation(stage.installation, permissions={"metadata": "read"})
    stage.world.issue(stage.name, "ana", "t")
    stage.world.change_installation(stage.installation, permissions=stage.world.app()["permissions"])
    assert stage.world.wait(5)
    assert stage.mailbox.of("issues", repo=stage.name) == []
