"""The two models at their worst, on the running system: what is mended, what is told, and what is never done."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest

from tests.system.scenes import Scenes, ever_said, executor_asked, git, in_order, planner_asked, pushes, sweep
from tests.system.town import (
    DONE,
    EDIT,
    GOOD_EXECUTOR,
    READ,
    SHOP,
    Mind,
    Thread,
    Town,
    call,
    plan_of,
    wait_until,
    working,
)

pytestmark = [pytest.mark.slow, pytest.mark.fault]

BUSY = {"error": {"kind": "overloaded", "retry_after": 100}}
BROKEN_PLAN = plan_of({"id": "a", "title": "Refuse", "files": [{"path": "no/such.py", "change": "modify"}]})
CUT_PLAN = {
    "content": [{"tool": "submit_plan", "raw_input": '{"title": "Half a plan WORD", "steps": [{"id'}],
    "stop": "max_tokens",
}
THOUGHT = {"content": [{"thinking": "long thoughts " * 50}], "stop": "MAX_TOKENS"}
HALF = {"tool": "edit_file", "raw_input": '{"path": "shop/stock.py", "old'}


def planned(*answers: Any, request: str = "", repo_config: str = "") -> Any:
    def scene(town: Town) -> Thread:
        mind = Mind(planner=in_order(*answers), executor=GOOD_EXECUTOR)
        return town.start(town.repo(SHOP, config=repo_config), mind, request)

    return scene


def carried_out(*answers: Any) -> Any:
    def scene(town: Town) -> Thread:
        return town.start(town.repo(), Mind(planner=[plan_of()], executor=in_order(*answers)))

    return scene


SCENES = {
    "busy": planned(BUSY, plan_of()),
    "spend cap": planned({"error": "spend_cap"}, plan_of()),
    "no key": planned({"error": "auth"}, plan_of()),
    "wrong three times": planned(BROKEN_PLAN),
    "prose": planned("I think the stock should be checked."),
    "nothing": planned({"content": []}),
    "refusal": planned({"content": [], "stop": "refusal"}),
    "cannot": planned(call("submit_plan", cannot={"kind": "ambiguous", "reason": "Stock of *what*, @ben?"})),
    "budget": planned(plan_of(), request="budget=0.01 validate stock"),
    "stumbling": planned(
        {"error": {"kind": "rate_limit", "retry_after": 1}},
        {"error": "overloaded"},
        {"error": "timeout"},
        CUT_PLAN,
        CUT_PLAN,
        call("teleport", to="main"),
        call("read_file", path="shop/stock.py", start="first"),
        call("submit_plan", title=3, steps="none"),
        plan_of(),
    ),
    "stumbling executor": carried_out(
        THOUGHT,
        THOUGHT,
        {"content": [HALF], "stop": "MALFORMED_FUNCTION_CALL"},
        {"content": [], "no_content": True, "stop": "STOP"},
        {"error": {"kind": "rate_limit", "retry_after": 1}},
        {"error": "timeout"},
        call("teleport", to="main"),
        [call("replace_lines", path="shop/stock.py", start="one", end=2, first_line="", last_line="", new="")],
        [call("run", command="true", timeout="soon"), call("run", command=3)],
        "I shall now edit the file.",
        working,
    ),
    "busy executor": carried_out(READ, EDIT, BUSY, call("run_tests"), DONE),
    "refused executor": carried_out(READ, {"error": "spend_cap"}, *GOOD_EXECUTOR[1:]),
    "silent executor": carried_out("All is well."),
    "looping executor": carried_out(call("list_files")),
    "idle executor": carried_out(DONE),
}
APPROVED = frozenset(
    ("stumbling executor", "busy executor", "refused executor", "silent executor", "looping executor", "idle executor")
)


@pytest.fixture(scope="module")
def scenes(town: Town) -> Iterator[Scenes]:
    yield Scenes(town, SCENES, APPROVED)


def body_of(entry: Any) -> dict[str, Any]:
    return dict(json.loads(entry.body))


def test_f43_a_plan_wrong_three_times_is_told_with_what_is_wrong(scenes: Scenes) -> None:
    thread = scenes["wrong three times"]
    told = thread.wait("no/such.py")
    assert "handed in a plan three times" in told["body"]
    assert len(planner_asked(thread)) == 3
    assert not any("plan v1 " in body for body in thread.bot())


@pytest.mark.parametrize("name", ["prose", "nothing", "refusal"])
def test_f43_a_planner_without_a_plan_is_told_honestly(scenes: Scenes, name: str) -> None:
    thread = scenes[name]
    told = thread.wait("The planner did not finish")
    assert "### ❌" in told["body"]
    assert len(planner_asked(thread)) <= 9
    assert thread.branch() is None


def test_f43_a_planner_that_cannot_plan_says_why_and_nobody_is_called(scenes: Scenes) -> None:
    told = scenes["cannot"].wait("can be read in more than one way")
    assert "Stock of" in told["body"] and "@ben" not in told["body"].replace("`@ben`", "")


def test_f41_f42_a_planner_that_stumbles_still_plans_and_a_cut_plan_is_never_taken(scenes: Scenes) -> None:
    thread = scenes["stumbling"]
    plan = thread.plan()
    assert "Half a plan" not in plan["body"]
    entries = planner_asked(thread)
    assert entries[1].at - entries[0].at >= 1.0
    texts = b"\n".join(one.body for one in entries)
    assert b"There is no tool named 'teleport'" in texts
    assert b"'start' must be a whole number" in texts


def test_f42_a_busy_provider_pauses_the_task_and_it_goes_on_by_itself(scenes: Scenes) -> None:
    thread = scenes["busy"]
    assert wait_until(lambda: ever_said(thread, "tries again by itself") or None)
    assert len(planner_asked(thread)) == 1
    sweep(thread)
    thread.plan()


def test_f41_a_provider_that_refuses_us_is_not_asked_again_until_the_service_starts_anew(scenes: Scenes) -> None:
    refused = [scenes["spend cap"], scenes["no key"]]
    for thread in refused:
        told = thread.wait("refuses this service")
        assert "tries again by itself" not in told["body"]
    sweep(refused[0])
    assert [len(planner_asked(thread)) for thread in refused] == [1, 1]
    sweep(refused[0], "mended")
    for thread in refused:
        thread.plan()


def test_a_reached_budget_is_told_before_anything_is_spent(scenes: Scenes) -> None:
    thread = scenes["budget"]
    told = thread.wait("The budget is used up")
    assert "$0.00" in told["body"]
    assert planner_asked(thread) == []


def test_f43_an_executor_that_stumbles_over_the_wire_still_finishes(scenes: Scenes) -> None:
    thread = scenes["stumbling executor"]
    thread.done()
    texts = b"\n".join(one.body for one in executor_asked(thread))
    for said in (
        b"There is no tool named 'teleport'",
        b"'start' must be a whole number",
        b"'timeout' must be a whole number",
        b"'command' must be a string",
        b"Your reply had no tool call",
        b"Your reply was cut off",
    ):
        assert said in texts, said
    assert git(thread, "rev-list", "--count", f"main..{thread.branch()}").strip() == "1"


def test_f42_a_provider_down_in_the_middle_of_a_step_uses_no_attempt(scenes: Scenes) -> None:
    thread = scenes["busy executor"]
    assert wait_until(lambda: ever_said(thread, "tries again by itself") or None, 200)
    sweep(thread)
    thread.done()
    assert re.search(r"Devtask-Attempt: \d+\.0\n", git(thread, "log", "-1", "--format=%B", str(thread.branch())))
    bodies = [body_of(one)["contents"] for one in executor_asked(thread)]
    assert all(later[: len(earlier)] == earlier for earlier, later in pairwise(bodies))


def test_f41_a_spending_cap_in_the_middle_of_a_step_waits_for_the_service_to_start_anew(scenes: Scenes) -> None:
    thread = scenes["refused executor"]
    thread.wait("refuses this service")
    sweep(thread, "mended")
    thread.done()
    assert len(pushes(thread)) == 1


@pytest.mark.parametrize(
    ("name", "said", "asked"),
    [
        ("silent executor", "the model gave no usable answer", 3 * 4),
        ("looping executor", "repeated the same call", 4 * 4),
        ("idle executor", "the executor changed nothing", 2 * 4),
    ],
)
def test_an_executor_that_gets_nowhere_fails_honestly_after_its_retries(
    scenes: Scenes, name: str, said: str, asked: int
) -> None:
    thread = scenes[name]
    report = thread.wait("(4 attempts)", 200)
    assert said in report["body"]
    assert len(executor_asked(thread)) == asked
    assert thread.branch() is None and pushes(thread) == []


def prefix_of_each_other(entries: list[Any], key: str) -> bool:
    """Whether each request's list begins with the whole list of the one before, byte for byte."""
    lists = [[json.dumps(one, ensure_ascii=False) for one in body_of(entry)[key]] for entry in entries]
    return all(later[: len(earlier)] == earlier for earlier, later in pairwise(lists))


def uncached(entries: list[Any]) -> list[Any]:
    """The requests without the breakpoints of the cache, which roll and are no part of the text."""
    return [type(one)(**{**one.__dict__, "body": unmarked(one.body)}) for one in entries]


def unmarked(body: bytes) -> bytes:
    def bare(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: bare(one) for key, one in value.items() if key != "cache_control"}
        return [bare(one) for one in value] if isinstance(value, list) else value

    return json.dumps(bare(json.loads(body)), ensure_ascii=False).encode()


def test_p9_each_request_is_a_byte_prefix_of_the_next(scenes: Scenes) -> None:
    executing, planning = scenes["stumbling executor"], scenes["stumbling"]
    executing.done()
    planning.plan()
    assert prefix_of_each_other(executor_asked(executing), "contents")
    for key in ("system_instruction", "systemInstruction", "tools"):
        assert len({json.dumps(body_of(one).get(key)) for one in executor_asked(executing)}) == 1
    entries = uncached(planner_asked(planning))
    assert prefix_of_each_other(entries, "messages")
    for key in ("system", "tools"):
        assert len({json.dumps(body_of(one)[key]) for one in entries}) == 1
