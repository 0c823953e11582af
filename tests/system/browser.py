"""A person with a phone: a real browser, 390 by 844, on the stand-in's pages."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Locator, Page, sync_playwright

from tests.system.town import Town

WIDTH, HEIGHT = 390, 844
CHROMIUM = shutil.which("chromium")
SECONDS = 90.0
needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine")


@contextmanager
def phone() -> Iterator[Page]:
    """A browser page of a phone's size."""
    arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
        browser.close()


class Person:
    """Somebody signed in, in one repository."""

    def __init__(self, page: Page, town: Town, login: str, repo: str) -> None:
        self.page = page
        self._home = f"{town.stage.github.url}/{repo}"
        page.goto(town.stage.github.url)
        with page.expect_navigation():
            page.get_by_label("Signed in as").select_option(login)

    def opens_issue(self, title: str, body: str) -> int:
        """Fill in the form; the issue's number, with its page shown."""
        page = self.page
        page.goto(f"{self._home}/issues/new")
        page.get_by_label("Title").fill(title)
        page.get_by_label("Description").fill(body)
        with page.expect_navigation(url="**/issues/*"):
            page.get_by_role("button", name="Create").click()
        page.wait_for_url(lambda url: url.rpartition("/")[2].isdigit())
        return int(page.url.rpartition("/")[2])

    def looks_at(self, number: int) -> None:
        """Open the issue's page."""
        self.page.goto(f"{self._home}/issues/{number}")

    def comments(self, text: str) -> None:
        """Write a comment on the page that is shown."""
        self.page.get_by_label("Add a comment").fill(text)
        with self.page.expect_navigation():
            self.page.get_by_role("button", name="Comment", exact=True).click()

    def sees(self, text: str, seconds: float = SECONDS) -> Locator:
        """The newest post with the text, on the page loaded again until it is there."""
        deadline = time.monotonic() + seconds
        found = self.page.locator("article.post", has_text=text)
        while not found.count():
            assert time.monotonic() < deadline, f"{text!r} did not come:\n{self.page.inner_text('main')}"
            time.sleep(0.5)
            self.page.reload()
        return found.last

    def ticks(self, post: Locator, label: str) -> None:
        """Touch the check box of the button with this label."""
        with self.page.expect_navigation():
            post.locator("li", has_text=label).locator("input.task-box").click()

    def scrolls_to(self, post: Locator) -> None:
        """The post's head stands at the top of the screen, as after touching a link to it."""
        post.evaluate("post => post.scrollIntoView()")

    def is_on_screen(self, item: Locator) -> bool:
        """Whether the whole item is seen without scrolling."""
        box = item.bounding_box()
        assert box is not None
        return box["y"] >= 0 and box["y"] + box["height"] <= HEIGHT and box["x"] + box["width"] <= WIDTH
