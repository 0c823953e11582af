"""Repositories that the service never saw, asked for and approved by hand in the browser, answers scripted."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.system.browser import Person, needs_chromium, phone
from tests.system.town import SECONDS, WRITER, Thread, Town
from tests.system.unseen import LEDGER, PARCELS, Unseen

pytestmark = [pytest.mark.slow, needs_chromium]


@pytest.mark.parametrize("unseen", [PARCELS, LEDGER], ids=["src-layout-pytest", "unittest"])
def test_an_issue_typed_in_the_browser_becomes_a_branch_whose_tests_pass(
    town: Town, unseen: Unseen, tmp_path: Path
) -> None:
    repo = town.repo(unseen.files)
    word = f"unseen{repo.rpartition('/')[2]}x"
    town.minds.known[word] = unseen.mind
    with phone() as page:
        person = Person(page, town, WRITER, repo)
        number = person.opens_issue(unseen.title, unseen.body)
        person.comments(f"/task {unseen.request} {word}")
        person.ticks(person.sees("plan v1"), "Approve and run")
        person.sees("Go on by hand", SECONDS * 3)
    branch = Thread(town, repo, number, word).branch()
    assert branch is not None and branch.startswith("fix/")
    clone = tmp_path / "clone"
    subprocess.run(["git", "clone", "-q", "--branch", branch, str(town.world.bare(repo)), str(clone)], check=True)
    environment = {**os.environ, **unseen.test_environment}
    done = subprocess.run(
        [sys.executable, *unseen.tests], cwd=clone, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    changed = subprocess.run(
        ["git", "-C", str(clone), "diff", "--name-only", "origin/main...HEAD", "--", ":!.dev-tasks"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    assert len(changed) == 2
