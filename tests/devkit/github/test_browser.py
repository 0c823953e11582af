"""A real browser at the width of a phone: open an issue, tick a box, and the page fits."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import Any

import pytest

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("chromium") is None, reason="no chromium on this machine"),
]


@pytest.fixture
def page() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-background-networking"]
        )
        yield browser.new_page(viewport={"width": 390, "height": 844})
        browser.close()


def test_a_person_on_a_phone_opens_an_issue_and_ticks_the_bots_box(stage, page):
    page.goto(stage.world.url)
    with page.expect_navigation():
        page.get_by_label("Signed in as").select_option("bea")
    page.goto(f"{stage.world.url}/{stage.name}/issues/new")
    page.get_by_label("Title").fill("Wrong sum")
    page.get_by_label("Description").fill("/task fix it")
    page.get_by_role("button", name="Create").click()
    page.wait_for_url("**/issues/1")
    issue = stage.pygithub().get_issue(1)
    comment = issue.create_comment("Plan\n\n- [ ] Approve  `/approve 7f3a`\n- [ ] Reject  `/reject`")
    page.reload()
    with page.expect_navigation():
        page.locator("input.task-box").first.click()
    assert page.locator("input.task-box").first.is_checked()
    assert stage.world.comments(stage.name, 1)[0]["body"].startswith("Plan\r\n\r\n- [x] Approve")
    page.get_by_label("Add a comment").fill("thanks")
    page.get_by_role("button", name="Comment", exact=True).click()
    page.wait_for_url("**#issuecomment-*")
    assert [row["body"] for row in stage.world.comments(stage.name, 1)][1:] == ["thanks"]
    assert page.evaluate("document.documentElement.scrollWidth <= 390")
    assert stage.world.wait(5)
    assert stage.mailbox.of("issue_comment", "edited")[0]["comment"]["id"] == comment.id


def test_a_stale_page_does_not_overwrite_a_newer_text(stage, page):
    number = stage.world.issue(stage.name, "ana", "t")
    comment = stage.world.comment(stage.name, number, "ana", "- [ ] Approve")
    page.goto(f"{stage.world.url}/_login?as=bea&to=/{stage.name}/issues/{number}")
    stage.world.edit_comment(comment, "ana", "- [ ] Approve v2")
    said: list[str] = []
    page.on("dialog", lambda dialog: (said.append(dialog.message), dialog.accept()))
    with page.expect_navigation():
        page.locator("input.task-box").first.click()
    assert "has been edited" in said[0]
    assert stage.world.comments(stage.name, number)[0]["body"] == "- [ ] Approve v2"
