"""All checks of a step together, the last word on a fresh checkout included."""

from dataclasses import replace

import pytest

from jobs.checks.baseline import Ground, baseline_at
from jobs.checks.programs import programs
from jobs.checks.result import Layer, Status, all_green
from jobs.checks.table import TABLE
from jobs.checks.verdict import Judge
from jobs.git.mirror import Mirror
from jobs.git.remote import local_remote
from jobs.git.workspace import Workspace
from jobs.sandbox.box import Sandbox
from jobs.setup.config import HABITS, RepoConfig
from jobs.setup.environment import Environment
from state.plan.model import Condition, Plan
from tests.jobs.git.hub import WHO, sh

TEST = "import unittest, shop\nclass T(unittest.TestCase):\n    def test_a(self): self.assertEqual(shop.A, 1)\n"
PERSON = {f"GIT_{who}_{what}": "ana" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
NOTHING = Environment("none")
LOOKED_AT = ("syntax", "postcondition", "tests", "lint")


@pytest.fixture
def workspace(tmp_path):
    source = tmp_path / "source"
    source.mkdir()
    sh("git", "init", "-q", "-b", "main", ".", cwd=source)
    (source / "shop.py").write_text("A = 1\n")
    (source / "test_shop.py").write_text(TEST)
    (source / ".gitignore").write_text("helper.py\n")
    sh("git", "add", "-A", cwd=source)
    sh("git", "commit", "-q", "-m", "first", cwd=source, **PERSON)
    mirror = Mirror(tmp_path / "repos", 1)
    mirror.sync(local_remote(source))
    made = Workspace(mirror, "k3x9q2ab")
    made.open(sh("git", "rev-parse", "HEAD", cwd=source))
    return made


@pytest.fixture
def judge(workspace, tmp_path):
    base = workspace.head()
    baseline, found = baseline_at(Ground(workspace.mirror, base, RepoConfig(), NOTHING), tmp_path / "base")
    assert found.status is Status.PASSED and not (tmp_path / "base").exists()
    conditions = [Condition(type="symbol_defined", target="shop.py", value="B")]
    return Judge(workspace.mirror, RepoConfig(lint="test ! -e bad.txt"), NOTHING, base, baseline, conditions)


def _tree(judge, workspace):
    box = Sandbox(workspace.tree, workspace.scratch)
    results = judge.tree(box, workspace.snapshot())
    box.close()
    run = (result for result in results if result.status is not Status.NOT_RUN and result.name in LOOKED_AT)
    return {result.name: result.status.value for result in run}


def test_checks_run_in_order_and_stop_at_the_first_critical_failure(workspace, judge):
    (workspace.tree / "shop.py").write_text("A = (\n")
    assert _tree(judge, workspace) == {"syntax": "failed"}
    (workspace.tree / "shop.py").write_text("A = 1\n")
    assert _tree(judge, workspace) == {"syntax": "passed", "postcondition": "failed"}
    (workspace.tree / "shop.py").write_text("A = 2\nB = 1\n")
    assert _tree(judge, workspace) == {"syntax": "passed", "postcondition": "passed", "tests": "failed"}
    (workspace.tree / "shop.py").write_text("A = 1\nB = 1\n")
    (workspace.tree / "bad.txt").write_text("")
    assert _tree(judge, workspace)["lint"] == "failed"


def test_abu_46_an_ignored_helper_makes_the_tree_green_but_not_the_commit(workspace, judge, tmp_path):
    (workspace.tree / "shop.py").write_text("from helper import A\nB = 1\n")
    (workspace.tree / "helper.py").write_text("A = 1\n")
    assert set(_tree(judge, workspace).values()) == {"passed"}
    made = workspace.commit(workspace.changed(), "feat: x\n", WHO)
    results = judge.commit(made, tmp_path / "fresh")
    assert not all_green(results) and results[-1].name == "imports" and not (tmp_path / "fresh").exists()


def test_a_good_commit_is_green_on_a_fresh_checkout(workspace, judge, tmp_path):
    (workspace.tree / "shop.py").write_text("A = 1\nB = 1\n")
    made = workspace.commit(["shop.py"], "feat: x\n", WHO)
    assert all_green(judge.commit(made, tmp_path / "fresh"))


def test_what_is_only_shown_elsewhere_stops_where_the_repository_says_so(workspace, judge, tmp_path):
    (workspace.tree / "shop.py").write_text("A = 1\nB = 1  # TODO: count\n")
    made = workspace.commit(["shop.py"], "feat: x\n", WHO)
    assert all_green(judge.commit(made, tmp_path / "fresh"))
    strict = replace(judge, config=judge.config.model_copy(update={"blocking": ("debug", "format")}))
    results = strict.commit(made, tmp_path / "again")
    assert [(one.name, one.layer) for one in results if one.stops] == [("debug", Layer.IMPORTANT)]
    assert tuple(check.name for check in TABLE if check.layer is Layer.NICE) == HABITS


def test_too_little_coverage_stops_where_plan_or_configuration_says_so(workspace, judge, tmp_path):
    (workspace.tree / "shop.py").write_text(
        "A = 1\n\n\ndef B(n: int) -> int:\n" + "    n += 1\n" * 9 + "    return n\n"
    )
    made = workspace.commit(["shop.py"], "feat: x\n", WHO)
    ours = programs(tmp_path / "data")
    environment = replace(NOTHING, mounts=(ours.mount,))
    last = replace(judge, programs=ours, environment=environment, final=True)
    strict = {"blocking": ("coverage",)}
    wanted = (
        (last, Layer.NICE),
        (replace(last, plan=Plan(title="Count", coverage_target=90)), Layer.IMPORTANT),
        (replace(last, config=last.config.model_copy(update=strict)), Layer.IMPORTANT),
    )
    for number, (one, layer) in enumerate(wanted):
        found = next(result for result in one.commit(made, tmp_path / f"{number}") if result.name == "coverage")
        assert (found.status, found.layer) == (Status.FAILED, layer), found
