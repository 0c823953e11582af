"""Commands that overtook their task: which comments wait, and how long (F53)."""

from datetime import UTC, datetime, timedelta

import pytest

from jobs.reception.early import LONGEST, approves, is_fresh, needs_task

NOW = datetime(2026, 11, 21, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "body",
    ["/approve", "/aprobar 7f3a", "/devtask status", "good\n\n/plan approve", "/revise less\n/approve", "/abort"],
)
def test_f53_what_means_nothing_without_a_task_waits_for_one(body: str) -> None:
    assert needs_task(body)


@pytest.mark.parametrize(
    "body",
    [
        "",
        "approve",
        "`/approve`",
        "> /approve",
        "/apprve",
        "/merge",
        "/task x",
        "/devtask task x",
        "/ask why",
        "/do it",
        "/tasks",
        "/help",
        "/devtask",
        "/devtask doctor",
        "/task x\n/approve",
        "/approve\n/help",
    ],
)
def test_f53_what_can_be_answered_or_is_not_ours_waits_for_nothing(body: str) -> None:
    assert not needs_task(body)


@pytest.mark.parametrize(
    ("written", "received", "waits"),
    [(0, 0, True), (59, 59, True), (60, 1, False), (1, 60, False), (-3_600, 60, False), (86_400, 0, False)],
)
def test_f53_nothing_waits_longer_than_a_minute_by_either_clock(written: int, received: int, waits: bool) -> None:
    assert LONGEST == 60
    assert is_fresh(NOW, NOW - timedelta(seconds=written), NOW - timedelta(seconds=received)) is waits


@pytest.mark.parametrize(
    ("body", "does"),
    [("/approve", True), ("yes\n/plan approve", True), ("/status", False), ("/abort", False), ("> /approve", False)],
)
def test_only_an_approval_waits_for_the_note_that_the_plan_was_posted(body: str, does: bool) -> None:
    assert approves(body) is does
