"""The first screen of a plan, a failure and a final report on a phone: state, what is asked, what is likeliest next."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page

from tests.system.browser import WIDTH, Person, needs_chromium, phone
from tests.system.town import DONE, GOOD_EXECUTOR, WRITER, Mind, Town, plan_of

pytestmark = [pytest.mark.slow, needs_chromium]


@pytest.fixture
def page() -> Iterator[Page]:
    with phone() as shown:
        yield shown


def first_screen(person: Person, post: Locator, *texts: str) -> None:
    """Each text of the post is on the screen once its head is at the top; nothing is wider than the phone."""
    person.scrolls_to(post)
    for text in texts:
        assert person.is_on_screen(post.get_by_text(text).first), text
    assert person.page.evaluate("document.documentElement.scrollWidth") <= WIDTH


def boxes(person: Person, post: Locator) -> list[bool]:
    """Which of the post's check boxes are on the screen."""
    return [person.is_on_screen(box) for box in post.locator("input.task-box").all()]


def test_the_first_screen_of_a_plan_and_of_the_final_report(town: Town, page: Page) -> None:
    asked = [{"criterion": "Nothing is taken twice", "measurable": "tests.failed == 0"}]
    mind = Mind(planner=[plan_of(criteria=asked)], executor=GOOD_EXECUTOR)
    thread = town.start(town.repo(), mind)
    person = Person(page, town, WRITER, thread.repo)
    thread.plan()
    person.looks_at(thread.number)
    plan = person.sees("plan v1")
    first_screen(person, plan, "Plan ready", "Your turn:", "Stock is validated.", "Approve and run", "Reject")
    assert boxes(person, plan)[:2] == [True, True]
    person.ticks(plan, "Approve and run")
    report = person.sees("2 of 2 tests pass")
    first_screen(person, report, "Done", "Your turn:", "2 of 2 tests pass", "all changes", "What was asked")
    assert person.is_on_screen(report.get_by_role("link", name=str(thread.branch())))
    report.get_by_role("link", name="all changes").click()
    assert "raise ValueError(wanted)" in page.inner_text("main")
    assert page.evaluate("document.documentElement.scrollWidth") <= WIDTH


def test_the_first_screen_of_a_failure_report(town: Town, page: Page) -> None:
    thread = town.start(town.repo(), Mind(planner=[plan_of()], executor=[DONE]))
    thread.approve()
    thread.failed()
    person = Person(page, town, WRITER, thread.repo)
    person.looks_at(thread.number)
    report = person.sees("What is safe")
    first_screen(person, report, "Stopped", "Your turn:", "For another plan write", "Try this step again")
    assert boxes(person, report)[:2] == [True, True]
    assert "/continue" not in report.inner_text().split()
    person.ticks(report, "Abort")
    person.sees("This task has ended.")
