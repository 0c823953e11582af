"""The suite as a check: the step's own tests first, flaky ones told as such, what is missing named."""

import sysconfig
from dataclasses import replace
from pathlib import Path

import pytest

from jobs.checks.baseline import Ground, baseline_at
from jobs.checks.junit import report_of
from jobs.checks.result import Case, CaseStatus, Status
from jobs.checks.suite import selected
from jobs.checks.testplan import TestPlan
from jobs.checks.tests import Baseline, fewer, judge
from jobs.sandbox.layout import Mount
from jobs.sandbox.limits import Result
from jobs.setup.config import RepoConfig
from jobs.setup.environment import Environment
from state.plan.model import FileChange, Milestone, Phase, Plan, Step
from tests.jobs.checks.bench import Bench
from tests.jobs.checks.conftest import PARTS

SITE = Path(sysconfig.get_path("purelib"))
PYTEST = Environment("pip", None, tuple(Mount(SITE / name, f"/env/{name}") for name in PARTS), {"PYTHONPATH": "/env"})
GOOD = "def test_a():\n    pass\n\ndef test_b():\n    pass\n"
# the number of the run is kept beside the tree, as a race or a clock would
FLAKY = """import pathlib
RUNS = pathlib.Path('/tmp/runs')
def test_flaky():
    RUNS.write_text(RUNS.read_text() + 'x' if RUNS.exists() else 'x')
    assert len(RUNS.read_text()) in {passes}
"""
ORDER = "import test_a\ndef test_last():\n    assert not test_a.SEEN\n"


def steps(*files, tests=()):
    step = Step(id="s01", number=1, title="x", tests=list(tests), files=list(files))
    phase = Phase(id="p01", name="p", milestones=[Milestone(id="m01", name="m", steps=[step])])
    return Plan(title="x", type="fix", objective="x", summary="x", phases=[phase]), step


def bench(tmp_path, files, **more):
    found = Bench(tmp_path, files, environment=PYTEST, **more)
    ground = Ground(found.mirror, found.base, found.config, PYTEST)
    found.baseline, _ = baseline_at(ground, tmp_path / "base")
    found.baseline = replace(found.baseline, seconds=0.5)
    return found


def slow(found):
    """As if the whole suite took long: the step's own tests are worth a run."""
    found.baseline = replace(found.baseline, seconds=100.0)


@pytest.mark.slow
def test_a_red_test_of_the_step_spares_the_suite(tmp_path):
    found = bench(tmp_path, {"test_old.py": "def test_old():\n    assert 0\n", "test_all.py": GOOD})
    slow(found)
    found.step(
        {"test_new.py": "def test_new():\n    assert 0\n", "test_old.py": "def test_old():\n    assert 1 == 0\n"}
    )
    (said,) = found.say("tests")
    assert said.red and said.summary.startswith("the step's own tests: ") and "0 passed, 2 failed" in said.summary
    assert said.tests.total == 2 and "test_new.py test_old.py" in said.command
    found.step({"test_new.py": "def test_new():\n    pass\n"})
    (said,) = found.say("tests")
    assert said.status is Status.PASSED and said.tests.total == 4 and "1 failed before" in said.summary


def test_what_the_step_tests_is_what_the_plan_names_and_what_it_touches(tmp_path):
    _, step = steps(tests=["test_a.py::test_a", "tests/test_b.py::test_b", "tests/test_b.py", "no/test.py", "it works"])
    found = Bench(tmp_path, {"test_a.py": GOOD, "tests/test_b.py": GOOD, "c.test.js": ""}, planned=step)
    found.step({"d_test.py": GOOD, "e.py": "", "x y_test.py": "", "test_gone.py": "", "c.test.js": "//"})
    for kind, command, wanted in (
        ("pytest", "python3 -m pytest -q", ("test_a.py::test_a", "tests/test_b.py", "d_test.py", "test_gone.py")),
        ("node", "node --test", ("c.test.js",)),
        ("command", "make test", ()),
    ):
        plan = TestPlan(kind, command)
        assert found.on(lambda scene, plan=plan: selected(replace(scene, tests=plan))) == wanted
    for command, chosen in (("python3 -m pytest tests", False), ("pytest -q -x", True), ("node --test web", False)):
        kind = "node" if "node" in command else "pytest"
        plan = TestPlan(kind, command, configured=True)
        assert bool(found.on(lambda scene, plan=plan: selected(replace(scene, tests=plan)))) is chosen


def test_f47_a_test_that_passes_at_the_second_try_is_flaky_and_not_failed(tmp_path):
    found = bench(tmp_path, {"test_all.py": GOOD})
    found.step({"test_new.py": FLAKY.replace("{passes}", "range(2, 99)")})
    (said,) = found.say("tests")
    assert said.status is Status.PASSED and said.flaky == ("test_new.py::test_flaky",)
    assert said.tests.failed == 0 and said.exit_code == 0 and said.measured["tests.flaky"] == 1
    assert said.summary.count("flaky, failed once and passed on the same tree: test_new.py::test_flaky") == 1


@pytest.mark.slow
def test_f47_so_it_is_in_the_narrow_run(tmp_path):
    found = bench(tmp_path, {"test_all.py": GOOD})
    slow(found)
    found.step({"test_new.py": FLAKY.replace("{passes}", "range(2, 99)")})
    (said,) = found.say("tests")
    assert said.status is Status.PASSED and said.flaky == ("test_new.py::test_flaky",) and said.tests.total == 3


@pytest.mark.slow
def test_f47_a_test_that_fails_at_the_second_try_has_failed(tmp_path):
    found = bench(tmp_path, {"test_all.py": GOOD})
    found.step({"test_new.py": FLAKY.replace("{passes}", "range(3, 99)")})
    (said,) = found.say("tests")
    assert said.red and said.flaky == () and said.tests.failed == 1


@pytest.mark.slow
def test_f47_a_test_that_passes_alone_and_fails_with_the_others_has_failed(tmp_path):
    found = bench(tmp_path, {"test_a.py": "SEEN = []\ndef test_a():\n    pass\n", "test_b.py": ORDER})
    found.step({"test_a.py": "SEEN = []\ndef test_a():\n    SEEN.append(1)\n"})
    (said,) = found.say("tests")
    assert said.red and "alone they pass; they fail again with the others" in said.summary


def test_fewer_tests_are_named_and_those_that_the_plan_deletes_are_not_missed(tmp_path):
    found = bench(tmp_path, {"test_a.py": GOOD, "test_b.py": GOOD})
    found.step({"test_b.py": None})
    (said,) = found.say("tests")
    assert (
        said.red
        and "2 tests ran, 4 did at the base commit (gone: test_b.py::test_a, test_b.py::test_b)" in said.summary
    )
    found.plan, _ = steps(FileChange(path="test_b.py", change="delete"))
    assert found.say("tests")[0].status is Status.PASSED
    found.step({"test_a.py": "def test_a():\n    pass\n"})
    assert "gone: test_a.py::test_b)" in found.say("tests")[0].summary


def report(*cases):
    return report_of(tuple(Case(name, CaseStatus(status), message) for name, status, message in cases))


def test_unittest_names_are_found_in_their_files():
    before = report(("tests.test_x.T.test_a", "passed", ""), ("tests.test_y.T.test_b", "passed", ""))
    after = report(("tests.test_y.T.test_b", "passed", ""))
    assert fewer(after, Baseline(before, True), frozenset({"tests/test_x.py"})) == ""
    assert "gone: tests.test_x.T.test_a" in fewer(after, Baseline(before, True))


@pytest.mark.parametrize(
    "message",
    [
        "ConnectionRefusedError: [Errno 111] Connection refused",
        "socket.gaierror: [Errno -3] Temporary failure in name resolution",
        "Cannot connect to the Docker daemon at unix:///var/run/docker.sock",
        "psycopg.OperationalError: connection failed: /tmp/.s.PGSQL.5432",
        "Error: getaddrinfo EAI_AGAIN example.org",
    ],
)
def test_f50_tests_that_want_what_is_not_here_are_named_and_never_passed(message):
    found = report(("t.py::test_net", "failed", message), ("t.py::test_a", "passed", ""))
    new = judge(Result(1, "", 1.0), found, "", "c", None)
    assert new.red and "1 wanted the network or a service, of which there is none: t.py::test_net" in new.summary
    old = judge(Result(1, "", 1.0), found, "", "c", Baseline(found, True))
    assert old.status is Status.PASSED and old.tests.passed == 1 and old.measured == {"tests.outside": 1.0}


def test_a_suite_that_reports_only_counts_is_judged_by_them(tmp_path):
    found = Bench(
        tmp_path, {"said.txt": "Tests: 2 passed, 2 total"}, RepoConfig(test="cat said.txt; grep -qv failed said.txt")
    )
    ground = Ground(found.mirror, found.base, found.config, found.environment)
    found.baseline, _ = baseline_at(ground, tmp_path / "base")
    assert found.say("tests")[0].status is Status.PASSED
    found.step({"said.txt": "Tests: 1 failed, 1 passed, 2 total"})
    assert found.say("tests")[0].red
    found.step({"said.txt": "Tests: 1 passed, 1 total"})
    assert "1 tests ran, 2 did" in found.say("tests")[0].summary
