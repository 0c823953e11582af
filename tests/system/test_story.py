"""The main job, as two people have it on an issue."""

from __future__ import annotations

import json
import subprocess

import pytest

from tests.system.town import WRITER, Town, good_mind


def test_a_comment_becomes_a_tested_branch(town: Town) -> None:
    thread = town.start(town.repo(), good_mind())
    thread.approve()
    report = thread.done()
    branch = thread.branch()
    assert branch is not None and branch.startswith("feature/validate-stock")
    assert "2 of 2 tests pass" in report["body"]
    files = subprocess.run(
        ["git", "-C", str(town.world.bare(thread.repo)), "show", f"{branch}:shop/stock.py"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert "raise ValueError(wanted)" in files


@pytest.mark.slow
def test_the_branch_carries_the_plan_the_progress_and_the_state(town: Town) -> None:
    thread = town.start(town.repo(), good_mind())
    thread.approve()
    thread.done()
    bare = str(town.world.bare(thread.repo))
    listed = subprocess.run(
        ["git", "-C", bare, "ls-tree", "-r", "--name-only", str(thread.branch()), ".dev-tasks/"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    names = {path.rpartition("/")[2] for path in listed}
    assert names == {"README.md", "plan.md", "progress.md", "state.json"}
    state = next(path for path in listed if path.endswith("state.json"))
    raw = subprocess.run(["git", "-C", bare, "show", f"{thread.branch()}:{state}"], capture_output=True, check=True)
    found = json.loads(raw.stdout)
    assert found["status"] == "COMPLETED" and found["steps"][0]["status"] == "done"


@pytest.mark.slow
def test_a_revised_plan_is_a_new_version(town: Town) -> None:
    thread = town.start(town.repo(), good_mind())
    thread.plan()
    thread.says(WRITER, "/revise with one test more")
    second = thread.plan(2)
    assert "round 1 of 10" in second["body"]
