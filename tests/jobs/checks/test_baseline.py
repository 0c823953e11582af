"""The baseline: measured once for what decides it, kept on disk and with the task, never trusted when it is broken."""

import json
import os
from dataclasses import replace

import pytest

from jobs.checks.baseline import Ground, baseline_from, baseline_of
from jobs.checks.check import moved
from jobs.checks.result import Finding, Status
from jobs.git.changes import Change
from jobs.setup.config import RepoConfig
from jobs.setup.environment import Environment
from tests.jobs.checks.bench import Bench

TEST = "import unittest\nclass T(unittest.TestCase):\n    def test_a(self): pass\n    def test_b(self): assert 0\n"
FILES = {"shop.py": "import os\n", "test_shop.py": TEST}


@pytest.fixture(scope="module")
def ground(tmp_path_factory, our_programs):
    bench = Bench(tmp_path_factory.mktemp("base"), FILES, programs=our_programs)
    return Ground(bench.mirror, bench.base, RepoConfig(), bench.environment, programs=our_programs)


@pytest.fixture(scope="module")
def first(ground, tmp_path_factory):
    return baseline_of(ground, tmp_path_factory.mktemp("first") / "tree", {})


def place(ground):
    return ground.mirror.repos / "baselines" / "1" / f"{ground.key}.json"


def test_tests_and_findings_are_measured_and_kept_for_the_service_alone(ground, first):
    baseline, values = first
    assert baseline.failing == {"test_shop.T.test_b"} and baseline.seconds > 0
    assert [str(one) for one in baseline.findings["lint"]] == ["shop.py:1: `os` imported but unused [F401]"]
    assert values["key"] == ground.key and values["total"] == 2 and values["command"].startswith("python3 -m unittest")
    assert place(ground).stat().st_mode & 0o777 == 0o600 and place(ground).parent.stat().st_mode & 0o777 == 0o700
    assert [one.name for one in place(ground).parent.iterdir()] == [f"{ground.key}.json"]


def test_another_task_takes_it_from_the_file_and_the_same_one_from_what_it_keeps(ground, first, tmp_path):
    nowhere = tmp_path / "a file" / "cannot hold a tree"
    nowhere.parent.write_text("")
    found, values = baseline_of(ground, nowhere, {})
    assert found == first[0] and values == first[1]
    assert baseline_of(ground, nowhere, values) == (found, None)


@pytest.mark.parametrize("broken", [b"{", b'{"key": "KEY", "findings": [1]}', b"\xff"])
def test_a_file_that_cannot_be_read_is_measured_anew(ground, first, tmp_path, broken):
    place(ground).write_bytes(broken.replace(b"KEY", ground.key.encode()))
    found, values = baseline_of(replace(ground, programs=ground.programs), tmp_path / "tree", {"key": ground.key})
    assert (found.report, found.findings) == (first[0].report, first[0].findings) and values["total"] == 2
    assert place(ground).stat().st_size > 100 and not (tmp_path / "tree").exists()


def test_what_decides_the_outcome_decides_the_key(ground, tmp_path):
    others = (
        replace(ground, commit="0" * 40),
        replace(ground, config=RepoConfig(lint="true")),
        replace(ground, environment=Environment("pip", tmp_path / "envs" / "other" / "env")),
        replace(ground, kind="none"),
        replace(ground, programs=None),
    )
    assert len({ground.key, *(one.key for one in others)}) == 6


def test_a_big_one_is_kept_in_the_file_only(ground, first, tmp_path):
    big = first[1] | {"cases": [["t" * 1000, "passed"]] * 1200}
    place(ground).write_text(json.dumps(big))
    found, values = baseline_of(ground, tmp_path / "tree", {})
    assert len(found.report.cases) == 1200
    assert (values["key"], values["cases"], values["findings"], values["total"]) == ("", [], {}, 2)
    place(ground).unlink()


def test_a_measurement_that_was_stopped_is_kept_nowhere(ground, tmp_path):
    stopped = replace(ground, config=RepoConfig(lint="true"), cancel=lambda: True)
    found, values = baseline_of(stopped, tmp_path / "tree", {})
    assert found.findings and values is None and not place(stopped).exists()


def test_what_is_kept_is_read_back_as_it_was(first):
    assert baseline_from(first[1]).report == first[0].report
    with pytest.raises(KeyError):
        baseline_from({"usable": True})


def test_only_the_newest_are_kept(ground, first, tmp_path):
    folder = place(ground).parent
    for number in range(60):
        (folder / f"{number}.json").write_text("{}")
        os.utime(folder / f"{number}.json", (number, number))
    again = replace(ground, config=RepoConfig(lint="true"))
    baseline_of(again, tmp_path / "tree", {})
    assert len(list(folder.iterdir())) == 50 and place(again).exists() and not (folder / "0.json").exists()


CHANGES = {
    "the same name elsewhere": (["a/x.py"], ["b/x.py", "b/y.py"], "b/x.py"),
    "the only new file": (["a/x.py"], ["b/y.py"], "b/y.py"),
    "several new files": (["a/x.py"], ["b/y.py", "b/z.py"], "a/x.py"),
    "no new file": (["a/x.py"], [], "a/x.py"),
}


@pytest.mark.parametrize("case", CHANGES)
def test_what_is_known_of_a_file_goes_with_it(case):
    gone, made, there = CHANGES[case]
    changes = [Change(path, "deleted", "100644", "0") for path in gone]
    changes += [Change(path, "created", "0", "100644") for path in made]
    known = [Finding("a/x.py", 1, "F401", "unused"), Finding("c.py", 1, "F401", "unused")]
    assert [one.path for one in moved(known, changes)] == [there, "c.py"]


def test_the_lint_of_the_base_is_compared_by_the_judge(ground, first, tmp_path, our_programs):
    bench = Bench(tmp_path, FILES, programs=our_programs)
    bench.baseline = first[0]
    bench.step({"shop.py": "\n\nimport os\n"})
    (found,) = bench.say("lint")
    assert found.status is Status.PASSED and "1 were there before" in found.summary
