"""What a phone of 390 by 844 shows of our comments, rendered and styled as the GitHub stand-in shows a thread.

`SCREENSHOTS=<folder>` writes the pictures of the reports there: the first screen, the Definition of Done, and the
whole with its folds open.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, sync_playwright

import devkit.github
from devkit.github.markdown import render
from tests.ghapp.say.test_texts import COMMENTS, OPEN

STYLE = Path(devkit.github.__file__).with_name("static").joinpath("style.css").read_text("utf-8")
HEAD = '<div class="box-head"><b>devtask</b> <span class="pill">bot</span> <span class="muted">now</span></div>'
REPORTS = ("report", "report-suspicious", "report-bare", "failure", "failure-analysed")
WIDTH, HEIGHT, WHOLE = 390, 844, 6_000


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("chromium is not installed")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        yield browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
        browser.close()


def show(page: Page, name: str, lang: str) -> None:
    """The comment as a post of a thread, its head at the top of the screen."""
    body = render(COMMENTS[name](lang))
    post = f'<article class="box post">{HEAD}<div class="markdown">{body}</div></article>'
    page.set_content(f"<meta charset=utf-8><style>{STYLE}main{{padding-top:0}}</style><main>{post}</main>")
    page.evaluate("window.scrollTo(0, 0)")


def picture(page: Page, name: str, lang: str) -> None:
    folder = os.environ.get("SCREENSHOTS")
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=Path(folder) / f"{name}.{lang}.png")
        page.evaluate("for (const one of [...document.querySelectorAll('details')].slice(0, 1)) one.open = true")
        page.evaluate("for (const one of [...document.querySelectorAll('details')].slice(0, 1)) one.scrollIntoView()")
        page.screenshot(path=Path(folder) / f"{name}.{lang}.done.png")
        page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
        whole = min(WHOLE, page.evaluate("document.documentElement.scrollHeight"))
        page.screenshot(path=Path(folder) / f"{name}.{lang}.whole.png", full_page=True, clip=clip(whole))
        page.evaluate("document.querySelectorAll('details').forEach(one => one.open = false)")


def clip(height: int) -> dict[str, int]:
    return {"x": 0, "y": 0, "width": WIDTH, "height": height}


@pytest.mark.slow
@pytest.mark.parametrize("lang", ["en", "es"])
@pytest.mark.parametrize("name", OPEN)
def test_the_likeliest_buttons_are_seen_without_scrolling(page: Page, name: str, lang: str) -> None:
    show(page, name, lang)
    boxes = [box.bounding_box() for box in page.query_selector_all("input[type=checkbox]")]
    ends = [box["y"] + box["height"] for box in boxes[: max(1, min(2, len(boxes) - 1))] if box]
    assert ends and max(ends) < HEIGHT
    assert page.evaluate("document.documentElement.scrollWidth") <= WIDTH


@pytest.mark.slow
@pytest.mark.parametrize("lang", ["en", "es"])
@pytest.mark.parametrize("name", REPORTS)
def test_a_report_fits_a_phone_with_every_fold_open(page: Page, name: str, lang: str) -> None:
    show(page, name, lang)
    picture(page, name, lang)
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    assert page.evaluate("document.documentElement.scrollWidth") <= WIDTH
    lines = "[...document.querySelectorAll('h3, .markdown > p')].map(one => one.getBoundingClientRect().bottom)"
    ends = page.evaluate(lines)
    assert ends[0] < 200 and ends[1] < HEIGHT / 2
