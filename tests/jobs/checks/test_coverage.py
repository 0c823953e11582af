"""Coverage: with the last step, by the tool that fits, told and never a reason to refuse."""

from dataclasses import replace

import pytest

from jobs.checks.coverage import asked, way
from jobs.checks.result import Layer, Status
from jobs.checks.testplan import TestPlan
from jobs.setup.environment import Environment
from state.plan.model import Criterion, Plan
from tests.jobs.checks.bench import Bench

PLAN = Plan(title="x", type="fix", objective="x", summary="x")
FILES = {
    "shop.py": "def a():\n    return 1\n\n\ndef b():\n    return 2\n\n\ndef c():\n    return 3\n",
    "test_shop.py": "import unittest, shop\nclass T(unittest.TestCase):\n    def test_a(self): shop.a()\n",
}


def last_word(bench):
    bench.final = True
    (found,) = bench.on(lambda scene: list(row_of(scene)))
    return found


def row_of(scene):
    from jobs.checks.coverage import judge

    return judge(replace(scene, fresh=True))


def test_our_coverage_measures_where_the_repository_has_none(tmp_path, our_programs):
    bench = Bench(tmp_path, FILES, programs=our_programs, plan=PLAN)
    found = last_word(bench)
    assert found.status is Status.FAILED and found.layer is Layer.NICE and not found.stops
    assert found.measured == {"coverage.percent": 66.7} and "66.7 % of the lines (wanted: 80 %)" in found.summary
    assert found.command.startswith("python3 -m coverage run ") and "devtask" not in found.command
    bench.plan = PLAN.model_copy(update={"coverage_target": 60})
    assert last_word(bench).status is Status.PASSED


def test_node_measures_by_itself(tmp_path):
    files = {
        "a.js": "exports.a = () => 1;\nexports.b = () => {\n  return 2;\n};\n",
        "test/a.test.js": "const test = require('node:test');\ntest('a', () => require('../a.js').a());\n",
    }
    bench = Bench(tmp_path, files)
    if bench.on(lambda scene: scene.box.run("command -v node", timeout=10).exit_code):
        pytest.skip("no node on this machine")
    found = last_word(bench)
    assert 50 < found.measured["coverage.percent"] < 100


def test_only_the_last_step_is_measured_and_the_work_tree_only_where_the_plan_asks(tmp_path):
    bench = Bench(tmp_path, FILES, plan=PLAN)
    assert bench.say("coverage") == []
    bench.final = True
    assert bench.say("coverage") == []
    bench.plan = PLAN.model_copy(update={"criteria": [Criterion(criterion="x", measurable="coverage.percent >= 60")]})
    assert "no tool for it" in bench.say("coverage")[0].summary and bench.say("coverage")[0].status is Status.NOT_RUN


@pytest.mark.slow
def test_slow_tests_are_not_run_twice_unless_somebody_asks(tmp_path, our_programs):
    bench = Bench(tmp_path, FILES, programs=our_programs, plan=PLAN)
    bench.baseline = replace(bench.baseline, seconds=61.0)
    assert last_word(bench).summary == "not measured: the tests take 61 s"
    assert bench.on(asked) is False


@pytest.mark.slow
def test_a_report_that_is_none_is_not_measured(tmp_path, our_programs):
    files = FILES | {"test_shop.py": "import os\nfrom unittest import TestCase\nos._exit(0)\n"}
    found = last_word(Bench(tmp_path, files, programs=our_programs, plan=PLAN))
    assert found.status is Status.NOT_RUN and "left no number" in found.summary and found.measured == {}


WAYS = {
    "python3 -m pytest -q": "python3 -m coverage run --data-file=D --source=. --omit=O -m pytest -q; ",
    "pytest tests -x": "python3 -m coverage run --data-file=D --source=. --omit=O -m pytest tests -x; ",
    "python3 -m unittest discover -v -s t -t .": "python3 -m coverage run --data-file=D --source=. --omit=O -m "
    "unittest discover -v -s t -t .; ",
    "python3 run_tests.py": "python3 -m coverage run --data-file=D --source=. --omit=O run_tests.py; ",
    "make test": None,
    "tox && pytest": None,
    "pytest `id`": None,
}


@pytest.mark.parametrize("command", WAYS)
def test_how_python_is_measured(tmp_path, our_programs, command):
    bench = Bench(tmp_path, {"a.py": ""}, programs=our_programs)
    plan = TestPlan("command", command, configured=True)
    found = bench.on(lambda scene: way(replace(scene, tests=plan), "c.json"))
    wanted = WAYS[command]
    assert (found is None) is (wanted is None)
    if wanted is not None:
        from jobs.checks.coverage import _OMIT

        shown = found.shown.replace("/tmp/c ", "D ").replace(f"'{_OMIT}'", "O")
        assert shown.startswith(wanted) and "export PYTHONPATH=/tmp/c-lib" in found.ready


@pytest.mark.parametrize(
    ("package", "scripts", "wanted"),
    [
        ("pytest_cov", None, "python3 -m pytest -q -p no:cacheprovider --cov --cov-report=json:/tmp/c.json"),
        ("coverage", None, "python3 -m coverage run --data-file=/tmp/c -m pytest -q; "),
        (None, '{"coverage": "nyc mocha", "test": "mocha"}', "npm run --silent coverage"),
        (None, '{"test": "jest"}', "npm test --silent -- --coverage"),
        (None, '{"test": "c8 mocha"}', "npm test --silent"),
    ],
)
def test_the_repositorys_own_tool_comes_first(tmp_path, our_programs, package, scripts, wanted):
    folder = tmp_path / "env"
    site = folder / "lib" / "python3.11" / "site-packages" / (package or "none")
    site.mkdir(parents=True)
    (site / "__init__.py").write_text("")
    files = {".coveragerc": "", "package.json": f'{{"scripts": {scripts or "{}"}}}'}
    bench = Bench(tmp_path, files, programs=our_programs)
    plan = TestPlan("command", "npm test --silent") if scripts else TestPlan("pytest", "python3 -m pytest -q")
    environment = Environment("pip", folder)
    found = bench.on(lambda scene: way(replace(scene, tests=plan, environment=environment), "c.json"))
    assert found.shown.startswith(wanted) and not found.ready
