"""What a phone of 390 by 844 shows first: state, question and the two likeliest buttons, measured in a browser."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from markdown_it import MarkdownIt
from mdit_py_plugins.tasklists import tasklists_plugin
from playwright.sync_api import Page, sync_playwright

from tests.ghapp.say.test_texts import COMMENTS, OPEN

STYLE = """
body{margin:0;font:16px/1.5 "Segoe UI",Helvetica,Arial,sans-serif;overflow-wrap:anywhere}
header{height:40px}main{padding:12px 16px}h3{font-size:1.25em;margin:8px 0 12px}h4{margin:20px 0 10px}
p,ul,ol,table,pre{margin:0 0 14px}ul,ol{padding-left:2em}pre,table{overflow:auto;display:block}
"""


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("chromium is not installed")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        yield browser.new_page(viewport={"width": 390, "height": 844})
        browser.close()


@pytest.mark.slow
@pytest.mark.parametrize("lang", ["en", "es"])
@pytest.mark.parametrize("name", OPEN)
def test_the_likeliest_buttons_are_seen_without_scrolling(page: Page, name: str, lang: str) -> None:
    parser = MarkdownIt("gfm-like", {"linkify": False, "breaks": True, "html": True}).use(tasklists_plugin)
    shown = parser.render(COMMENTS[name](lang))
    page.set_content(f"<meta charset=utf-8><style>{STYLE}</style><header></header><main>{shown}</main>")
    boxes = [box.bounding_box() for box in page.query_selector_all("input[type=checkbox]")]
    ends = [box["y"] + box["height"] for box in boxes[: max(1, min(2, len(boxes) - 1))] if box]
    assert ends and max(ends) < 844
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
