"""The checkers that a sandbox gets to see: they run, and nothing planted in the tree runs in their place."""

import pytest

from jobs.checks.programs import programs
from jobs.sandbox.box import Sandbox


@pytest.fixture(scope="module")
def ours(tmp_path_factory):
    return programs(tmp_path_factory.mktemp("data"))


@pytest.fixture
def box(ours, tmp_path):
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree" / "shop.py").write_text("import os\n\nLIMIT: int = 'three'\n")
    for planted in ("mypy.py", "bandit.py", "coverage.py"):
        (tmp_path / "tree" / planted).write_text("raise SystemExit('planted')\n")
    made = Sandbox(tmp_path / "tree", tmp_path / "scratch", mounts=(ours.mount,))
    yield made
    made.close()


def test_each_checker_runs_in_the_sandbox_and_no_file_of_the_tree_in_its_place(ours, box):
    found = box.run([ours.program(box, "ruff"), "check", "--isolated", "shop.py"], timeout=30)
    assert found.exit_code == 1 and "F401" in found.output
    found = box.run([*ours.module(box, "mypy"), "--cache-dir", "/tmp/mypy", "shop.py"], timeout=60)
    assert found.exit_code == 1 and "shop.py:3: error" in found.output and "planted" not in found.output
    for name in ("bandit", "coverage"):
        found = box.run([*ours.module(box, name), "--version"], timeout=30)
        assert found.exit_code == 0 and "planted" not in found.output


def test_the_folder_is_made_once_and_nothing_of_a_half_made_one_stays(ours):
    again = programs(ours.folder.parent.parent)
    assert again == ours and [one.name for one in ours.folder.parent.iterdir()] == [ours.folder.name]


def test_the_sandbox_cannot_change_a_checker(ours, box):
    found = box.run(f"echo x > {ours.program(box, 'ruff')}", timeout=10)
    assert found.exit_code != 0 and "Read-only" in found.output
