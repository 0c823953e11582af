"""Money on the running system: a budget that is reached in the middle of a step, and how it goes on."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from cli.stage import Stage
from devkit.rig.script import Seen
from tests.system.scenes import Scenes, asked, ever_said, executor_asked, files_on, git, planner_asked
from tests.system.town import (
    DONE,
    EDIT,
    GOOD_EXECUTOR,
    OWNER,
    READ,
    READER,
    SHOP,
    WRITER,
    Mind,
    Minds,
    Thread,
    Town,
    call,
    plan_of,
    scripts,
    wait_until,
)

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

RELIEF = "claude:claude-sonnet-5-5"
MISER = "gemini:gemini-3-flash-preview"


def dear(answer: Any, dollars: float) -> dict[str, Any]:
    """The answer with a usage of output that costs so much at the executor's 3.75 a million."""
    content = answer if isinstance(answer, list) else [answer]
    return {"content": content, "usage": {"candidatesTokenCount": round(dollars * 1_000_000 / 3.75)}}


def by_turn(*answers: Any) -> Callable[[Seen], Any]:
    return lambda seen: answers[min(seen.turn, len(answers) - 1)]


def executing(*answers: Any, request: str = "", config: str = "", plan: Any = None) -> Any:
    def scene(town: Town) -> Thread:
        mind = Mind(planner=[plan or plan_of()], executor=list(answers))
        return town.start(town.repo(SHOP, config=config), mind, request)

    return scene


SCENES = {
    "middle": executing(
        READ, dear(EDIT, 0.46), call("run_tests"), DONE, DONE, DONE, request="budget=0.50 validate stock"
    ),
    "nearly": executing(dear(READ, 0.45), dear(EDIT, 0.40), *GOOD_EXECUTOR[2:], request="budget=1.05 validate stock"),
    "configured": executing(*GOOD_EXECUTOR, config=f"budget: 1.25\nmodels:\n  executor: {MISER}\n"),
    "unknown": executing(config="ci: hold\nmodels:\n  planner: claude:claude-sonnet-5-5\n  executor: gemini:nobody\n"),
    "planning": executing(*GOOD_EXECUTOR, request="budget=0.01 validate stock"),
}
APPROVED = frozenset(("middle", "nearly", "configured"))


class Relief(Minds):
    """Claude may be asked to carry steps out, too."""

    def planner(self, seen: Seen) -> Any:
        return super().executor(seen) if "edit_file" in seen.tools else super().planner(seen)


@pytest.fixture
def relieved(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """A stage of its own on which Claude stands in for the executor."""
    folder = tmp_path_factory.mktemp("relieved")
    minds = Relief()
    planner, executor = scripts(minds)
    env = {"MODELS_FALLBACK": json.dumps({"executor": RELIEF})}
    with Stage(folder / "stage", planner, executor, env=env) as stage:
        for login in (OWNER, WRITER, READER):
            stage.world.user(login)
        stage.world.install(OWNER)
        yield Town(stage, minds, folder)


@pytest.fixture(scope="module")
def scenes(town: Town) -> Iterator[Scenes]:
    yield Scenes(town, SCENES, APPROVED)


def telegram(town: Town) -> str:
    return "\n".join(one.body.decode() for one in town.stage.telegram.client.ledger("/sendMessage"))


def test_a_budget_reached_in_the_middle_of_a_step_keeps_the_work_and_more_money_goes_on_with_it(scenes: Scenes) -> None:
    thread = scenes["middle"]
    told = thread.wait("Left to do: step 1 of 1, which has been begun")["body"]
    assert re.search(r"\$0\.4\d of this task's \$0\.50 is spent, .* could cost up to \$0\.\d\d", told)
    offered = re.search(r"`(/approve budget=\d\.\d\d)`", told)
    assert offered
    assert sorted(files_on(thread)) == sorted(SHOP)
    assert "raise ValueError" in git(thread, "show", f"{thread.branch()}:shop/stock.py")
    assert "Devtask-State: wip" in git(thread, "log", "-1", "--format=%B", str(thread.branch()))
    before = len(executor_asked(thread))
    thread.says("eve", offered[1])
    thread.says("ben", "/approve")
    thread.wait("Say how much the task may cost in all")
    thread.says("ben", offered[1])
    report = thread.done()["body"]
    assert "80 % of this task's $0.50 were spent" not in report, "a warning about a budget that was raised is past"
    log = git(thread, "log", "--format=%s%n%b", f"main..{thread.branch()}")
    assert log.count("Devtask-Step:") == 2 and log.count("Devtask-State: wip") == 1
    first, later = (json.loads(executor_asked(thread)[at].body)["contents"] for at in (before - 1, before))
    assert later[: len(first)] == first, "the conversation goes on where it was"


def test_eighty_percent_are_told_once_in_the_status_by_telegram_and_in_the_report(scenes: Scenes) -> None:
    thread = scenes["nearly"]
    report = thread.done()["body"]
    assert "80 % of this task's $1.05 were spent" in report
    assert wait_until(lambda: ever_said(thread, "80 % of this task's $1.05 were spent") or None)
    told = [line for line in telegram(thread.town).split("\n") if "80 % of this task" in line and "$1.05" in line]
    assert len(told) == 1


def test_the_repository_names_its_budget_and_its_models(scenes: Scenes) -> None:
    thread = scenes["configured"]
    assert "$1.25" in thread.plan()["body"]
    thread.done()
    assert all("gemini-3-flash-preview" in one.path for one in executor_asked(thread))
    assert f"Devtask-Model: {MISER}" in git(thread, "log", "-1", "--format=%B", str(thread.branch()))
    thread.says("ben", "/cost")
    answer = thread.wait("requests to models")["body"]
    assert "$1.25" in answer and MISER in answer and "Refuse more than there is | 5 |" in answer
    thread.says("eve", "/cost")


def test_a_model_that_may_not_be_chosen_is_answered_with_its_line(scenes: Scenes) -> None:
    told = scenes["unknown"].wait("cannot be used: line 4")["body"]
    assert "gemini:nobody" in told
    assert planner_asked(scenes["unknown"]) == []


def test_a_budget_reached_while_planning_goes_on_with_more_money(scenes: Scenes) -> None:
    thread = scenes["planning"]
    told = thread.wait("Left to do: the plan")["body"]
    assert "$0.00 of this task's $0.01 is spent" in told and planner_asked(thread) == []
    thread.says("ben", "/approve budget=0.01")
    thread.wait("leaves no room")
    thread.says("ben", "/approve budget=3")
    assert "$3.00" in thread.plan()["body"]


def test_a_stand_in_begins_the_step_anew_when_the_executor_is_out_in_the_middle(relieved: Town) -> None:
    answers = (READ, EDIT, {"error": "spend_cap"})

    def carry_out(seen: Seen) -> Any:
        return GOOD_EXECUTOR[min(seen.turn, 5)] if seen.model.startswith("claude") else answers[min(seen.turn, 2)]

    thread = relieved.start(relieved.repo(), Mind(planner=[plan_of()], executor=carry_out))
    thread.approve()
    report = thread.done()["body"]
    said = f"`{RELIEF}` stands in for `gemini:gemini-3.8-flash`"
    assert said in report and wait_until(lambda: ever_said(thread, said) or None)
    assert len(executor_asked(thread)) == 3
    first = next(one for one in asked(thread, relieved.stage.claude, "/v1/messages") if b"edit_file" in one.body)
    assert len(json.loads(first.body)["messages"]) == 1, "it begins with a conversation of its own"
    assert f"Devtask-Model: {RELIEF}" in git(thread, "log", "-1", "--format=%B", str(thread.branch()))
    thread.says(WRITER, "/cost")
    answer = thread.wait("requests to models")["body"]
    assert f"executor · {RELIEF}" in answer and "executor · gemini:gemini-3.8-flash" in answer
