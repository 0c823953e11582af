"""A repository with only its first commit becomes a project; a plan of 120 steps becomes one stored plan."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from devkit.rig.script import Seen
from ghapp.emit.gate import BODY_LIMIT
from tests.system.scenes import Scenes, files_on, git, planner_asked
from tests.system.town import DONE, SHOP, Mind, Thread, Town, call, named, plan_of

pytestmark = [pytest.mark.slow]

PAPERS = {"README.md": "# Temperatures\n\nA small library.\n", "LICENSE": "MIT\n", ".gitignore": "*.pyc\n"}
STACK = [
    {"component": "language", "technology": "Python", "version": "3.11", "why": "Asked for.", "origin": "new"},
    {"component": "tests", "technology": "unittest", "why": "It needs no package.", "origin": "new"},
]
SETUP: dict[str, Any] = {
    "id": "a",
    "title": "Set up the package with a first test",
    "kind": "setup",
    "serves": "a library that converts temperatures",
    "files": [
        {"path": "temperatures/__init__.py", "change": "create"},
        {"path": "tests/__init__.py", "change": "create"},
        {"path": "tests/test_celsius.py", "change": "create"},
    ],
    "main_file": "temperatures/__init__.py",
    "symbols": ["celsius"],
    "estimated_minutes": 3,
    "lines_max": 30,
    "tests": ["tests.test_celsius.CelsiusTest.test_water_boils"],
}
REQUEST = "a library that converts temperatures, in Python"
GREEN_PLAN = plan_of(
    SETUP,
    title="Convert temperatures WORD",
    summary="A Python package that converts Fahrenheit to Celsius.",
    stack=STACK,
    assumptions=["Python 3.11 is there."],
)
BARE_PLAN = plan_of({**SETUP, "kind": "implementation", "tests": [], "files": SETUP["files"][:1]}, title="Go WORD")
TEST = (
    "import unittest\n\nfrom temperatures import celsius\n\n\n"
    "class CelsiusTest(unittest.TestCase):\n    def test_water_boils(self):\n"
    "        self.assertEqual(celsius(212), 100)\n"
)
CODE = "def celsius(f: float) -> float:\n    return (f - 32) * 5 / 9\n"
MADE = [
    call("write_file", path="temperatures/__init__.py", content=CODE),
    call("write_file", path="tests/__init__.py", content=""),
    call("write_file", path="tests/test_celsius.py", content=TEST),
]


def green(town: Town) -> Thread:
    planner = [call("list_files"), BARE_PLAN, GREEN_PLAN]
    return town.start(town.repo(PAPERS), Mind(planner, [MADE, call("run_tests"), DONE, DONE, DONE]), REQUEST)


SIZE, NAMES = 30, ("Core", "Orders", "Reports", "Import")


def part(name: str) -> Any:
    """One phase; each of its steps waits for the one before, the first for the end of the phase before."""
    before = NAMES[NAMES.index(name) - 1] if name != NAMES[0] else ""
    steps = []
    for n in range(SIZE):
        waits = [f"{name}{n - 1}"] if n else [f"{before}{SIZE - 1}"] if before else []
        steps.append(
            {
                "id": f"{name}{n}",
                "title": f"{name}: carry over case {n}",
                "description": "As the old shop does it, with its messages and its rounding. " * 8,
                "serves": "rebuild the shop",
                "files": [{"path": f"shop/{name.lower()}_{n}.py", "change": "create"}],
                "symbols": [f"{name.lower()}_{n}"],
                "acceptance_criteria": [f"Case {n} gives the same number as before.", "Nothing else changes."],
                "depends_on": waits,
                "estimated_minutes": 10,
                "lines_max": 200,
            }
        )
    return call("submit_plan", part=name, steps=steps)


SKELETON = call(
    "submit_plan",
    title="Rebuild the shop WORD",
    summary="The shop is rebuilt case by case.",
    phases=[{"name": name, "steps": SIZE} for name in NAMES],
)


def vast(town: Town) -> Thread:
    def planner(seen: Seen) -> Any:
        answers = [[call("read_file", path="shop/stock.py")], SKELETON, *map(part, NAMES)]
        word = re.search(r"\bw\d+x\b", seen.anywhere)
        return named(answers[min(seen.turn, len(answers) - 1)], word[0] if word else "")

    return town.start(town.repo(SHOP), Mind(planner), "rebuild the shop")


@pytest.fixture(scope="module")
def scenes(town: Town) -> Iterator[Scenes]:
    yield Scenes(town, {"green": green, "vast": vast}, frozenset(["green"]))


def test_a_new_project_is_planned_with_stack_and_setup_and_ends_on_a_branch_with_tests(scenes: Scenes) -> None:
    thread = scenes["green"]
    plan = thread.plan()["body"]
    assert "New in this repository" in plan and "unittest" in plan and "It needs no package." in plan
    assert "parte de" not in plan and "The work starts from the default branch main" in plan
    report = thread.done()["body"]
    assert "1 of 1 tests pass" in report
    assert {"temperatures/__init__.py", "tests/test_celsius.py", "README.md"} <= set(files_on(thread))
    assert "def celsius" in git(thread, "show", f"{thread.branch()}:temperatures/__init__.py")


def test_the_planner_was_told_what_a_new_project_needs(scenes: Scenes) -> None:
    thread = scenes["green"]
    thread.plan()
    bodies = [one.body.decode() for one in planner_asked(thread)]
    assert "This repository has only its first commit" in bodies[0]
    assert "of a new project leaves no test" in bodies[2] and "no step sets the project up" in bodies[2]
    assert "the plan does not say what it is built with" in bodies[2]


def test_a_plan_of_120_steps_in_four_parts_is_one_plan_whose_comment_names_where_the_whole_is(scenes: Scenes) -> None:
    thread = scenes["vast"]
    plan = thread.plan()["body"]
    assert len(planner_asked(thread)) == 6
    assert len(plan) <= BODY_LIMIT and "120 steps" in plan and "/approve" in plan
    where = re.search(r"the rest is in `(\w+/plan-v1\.md)`", plan)
    assert where, plan[-2_000:]
    whole = (thread.town.stage.folder / "logs" / where[1]).read_text()
    assert len(whole) > BODY_LIMIT and "Import: carry over case 29" in whole
    assert not any("plan v2" in body for body in thread.bot())
