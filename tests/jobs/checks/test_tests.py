"""Test runs in the sandbox and what is believed of them."""

import pytest

from jobs.checks.junit import ReportMissing, parse_report
from jobs.checks.result import Case, CaseStatus, Status, TestReport
from jobs.checks.summaries import read_summary
from jobs.checks.testplan import TestPlan, detect_tests
from jobs.checks.tests import Baseline, judge, run_tests, take_baseline
from jobs.sandbox.limits import MIB, Limits, Result
from jobs.setup.config import RepoConfig
from jobs.setup.source import Files

PYTEST = TestPlan("pytest", "python3 -m pytest -q")
GOOD = "def test_a():\n    assert True\n\nclass TestB:\n    def test_b(self):\n        assert 1 + 1 == 2\n"


def _write(box, files):
    for name, text in files.items():
        path = box.tree / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def test_a_passing_suite_is_counted_by_its_report(box):
    _write(box, {"tests/test_x.py": GOOD})
    found = run_tests(box, PYTEST)
    assert found.status is Status.PASSED and found.summary == "2 passed, 0 failed, 0 skipped of 2"
    assert [case.id for case in found.tests.cases] == ["tests/test_x.py::test_a", "tests/test_x.py::TestB::test_b"]
    assert found.command == "python3 -m pytest -q" and found.exit_code == 0


def test_a_failure_comes_with_its_assertion_and_a_selection_takes_its_id(box):
    _write(box, {"tests/test_x.py": GOOD + "\ndef test_c():\n    assert 1 == 2, 'sums'\n"})
    found = run_tests(box, PYTEST, selection="tests/test_x.py::test_c")
    assert found.red and found.tests.total == 1
    assert "assert 1 == 2" in found.tests.cases[0].message + found.tests.cases[0].detail


def test_only_new_failures_count_against_the_baseline(box):
    _write(box, {"tests/test_x.py": GOOD + "\ndef test_old():\n    assert False\n"})
    baseline, _ = take_baseline(box, PYTEST)
    assert baseline.usable and baseline.failing == {"tests/test_x.py::test_old"}
    found = run_tests(box, PYTEST, baseline=baseline)
    assert found.status is Status.PASSED and "1 failed before this task too" in found.summary
    _write(box, {"tests/test_x.py": GOOD.replace("True", "False") + "\ndef test_old():\n    assert False\n"})
    found = run_tests(box, PYTEST, baseline=baseline)
    assert found.red and found.summary.startswith("1 new failures")


def test_fewer_tests_than_the_baseline_are_red(box):
    _write(box, {"tests/test_x.py": GOOD})
    baseline, _ = take_baseline(box, PYTEST)
    _write(box, {"tests/test_x.py": "def test_a():\n    pass\n"})
    assert "1 tests ran, 2 did" in run_tests(box, PYTEST, baseline=baseline).summary


TRICKS = {
    "nothing collected": ({"tests/test_x.py": "x = 1\n"}, "no test was collected"),
    "os._exit(0)": ({"conftest.py": "import os\nos._exit(0)\n", "tests/test_x.py": GOOD}, "without writing a report"),
    "exit 0 in mid run": (
        {"tests/test_x.py": "import os\ndef test_a():\n    os._exit(0)\n"},
        "without writing a report",
    ),
    "exit code rewritten": (
        {
            "conftest.py": "def pytest_sessionfinish(session):\n    session.exitstatus = 0\n",
            "tests/test_x.py": "def test_a():\n    assert 0\n",
        },
        "ended with 0 although the report counts 1",
    ),
    "syntax error": ({"tests/test_x.py": "def\n"}, "1 new failures"),
    "all skipped": (
        {
            "conftest.py": "import pytest\n@pytest.fixture(autouse=True)\ndef s():\n    pytest.skip('x')\n",
            "test_x.py": GOOD,
        },
        "all 2 tests were skipped",
    ),
    "report redirected": ({"pytest.ini": "[pytest]\naddopts = --co\n", "test_x.py": GOOD}, ""),
    "a report written beforehand": (
        {"conftest.py": "import os\nos._exit(0)\n", "junit.xml": "<testsuite><testcase name='a'/></testsuite>"},
        "without writing a report",
    ),
}


@pytest.mark.parametrize("trick", TRICKS)
def test_abu_46_tricks_do_not_make_it_green(box, trick):
    files, words = TRICKS[trick]
    _write(box, files)
    found = run_tests(box, PYTEST)
    assert found.red and words in found.summary, found


def test_f49_tests_that_hang_are_killed_and_said(box):
    _write(box, {"tests/test_x.py": "import time\ndef test_a():\n    time.sleep(60)\n"})
    found = run_tests(box, PYTEST, seconds=1)
    assert found.red and "did not end within 1 s and were killed" in found.summary


def test_f49_tests_that_print_without_measure_end_at_the_limit(box):
    box.limits = Limits(output_bytes=4 * MIB)
    _write(
        box,
        {
            "tests/test_x.py": "import sys\ndef test_a(capsys):\n    with capsys.disabled():\n"
            "        for _ in range(100): sys.stdout.write('x' * 1_000_000)\n"
        },
    )
    found = run_tests(box, PYTEST)
    assert found.red and "ended at a limit: output" in found.summary and len(found.tail) <= 6_000


def test_f50_tests_that_need_the_network_are_named_as_such(box):
    code = "import urllib.request\ndef test_a():\n    urllib.request.urlopen('http://example.invalid')\n"
    _write(box, {"tests/test_x.py": code})
    assert "wanted the network" in run_tests(box, PYTEST).summary


def test_unittest_suites_are_counted_from_their_words(box):
    _write(
        box,
        {
            "tests/__init__.py": "",
            "tests/test_x.py": "import unittest\n\nclass T(unittest.TestCase):\n    def test_a(self):\n        pass\n"
            "    def test_b(self):\n        self.assertEqual(1, 2)\n"
            "    @unittest.skip('no')\n    def test_c(self):\n        pass\n",
        },
    )
    plan = detect_tests(
        Files({path.relative_to(box.tree).as_posix(): path.read_text() for path in box.tree.rglob("*.py")}),
        RepoConfig(),
    )
    assert plan.kind == "unittest"
    found = run_tests(box, plan)
    assert found.red and (found.tests.passed, found.tests.failed, found.tests.skipped) == (1, 1, 1)
    assert found.tests.ids(CaseStatus.FAILED) == {"tests.test_x.T.test_b"}
    one = run_tests(box, plan, selection="tests.test_x.T.test_a")
    assert one.status is Status.PASSED and one.tests.total == 1


def test_node_tests_report_in_junit(box):
    if box.run("command -v node", timeout=10).exit_code:
        pytest.skip("no node on this machine")
    _write(
        box,
        {
            "test/a.test.js": "const test = require('node:test'); const assert = require('node:assert');\n"
            "test('good', () => {}); test('bad', () => assert.equal(1, 2));\n"
        },
    )
    found = run_tests(box, detect_tests(Files({"test/a.test.js": ""}), RepoConfig()))
    assert found.red and (found.tests.passed, found.tests.failed) == (1, 1)


def test_a_repository_without_tests_is_said_and_neither_red_nor_green(box):
    found = run_tests(box, detect_tests(Files({"a.py": ""}), RepoConfig()))
    assert found.status is Status.NOT_RUN and "no tests" in found.summary


def test_a_command_that_counts_nothing_is_red_even_with_exit_0(box):
    assert "no count of tests" in run_tests(box, TestPlan("command", "true")).summary


@pytest.mark.parametrize(
    ("files", "config", "kind", "command"),
    [
        ({"pytest.ini": ""}, {}, "pytest", "python3 -m pytest -q"),
        ({"pyproject.toml": "[tool.pytest.ini_options]\n"}, {}, "pytest", "python3 -m pytest -q"),
        ({"setup.cfg": "[tool:pytest]\n"}, {}, "pytest", "python3 -m pytest -q"),
        ({"tests/test_a.py": "def test_x(): pass\n"}, {}, "pytest", "python3 -m pytest -q"),
        ({"t/test_a.py": "import unittest\n"}, {}, "unittest", "python3 -m unittest discover -v -s t -t ."),
        ({"test_a.py": "import unittest\n"}, {}, "unittest", "python3 -m unittest discover -v"),
        ({"package.json": '{"scripts": {"test": "jest"}}'}, {}, "command", "npm test --silent"),
        ({"package.json": '{"scripts": {"test": "node --test"}}'}, {}, "node", "node --test"),
        ({"package.json": '{"scripts": {"test": "echo \\"Error: no test specified\\" && exit 1"}}'}, {}, "none", ""),
        ({"src/a.test.mjs": ""}, {}, "node", "node --test"),
        ({"a.py": ""}, {}, "none", ""),
        ({"pytest.ini": ""}, {"test": "make test"}, "command", "make test"),
        ({}, {"test": "tox && pytest"}, "command", "tox && pytest"),
        ({}, {"test": "python -m pytest tests -x"}, "pytest", "python -m pytest tests -x"),
    ],
)
def test_how_tests_run_is_seen_from_the_files(files, config, kind, command):
    plan = detect_tests(Files(files), RepoConfig(**config))
    assert (plan.kind, plan.command) == (kind, command)


def test_a_selection_is_data_and_not_a_command():
    line = PYTEST.line("/r.xml", "tests/a.py::t; touch /x $(id)")
    assert line.endswith("tests/a.py::t';' touch /x '$(id)'") or "'$(id)'" in line


GO = """=== RUN   TestAdd
=== RUN   TestAdd/small
--- FAIL: TestAdd (0.00s)
    --- FAIL: TestAdd/small (0.00s)
        add_test.go:9: got 3
=== RUN   TestSub
--- PASS: TestSub (0.00s)
FAIL
FAIL\texample.org/shop/sums\t0.003s
=== RUN   TestNet
--- SKIP: TestNet (0.00s)
--- PASS: TestTax (0.00s)
ok  \texample.org/shop/tax\t0.002s
?   \texample.org/shop\t[no test files]
FAIL\texample.org/shop/web [build failed]
FAIL
"""


def test_go_tests_have_names():
    found = read_summary(GO)
    assert found.ids(CaseStatus.ERROR) == {"example.org/shop/web"}
    assert found.ids(CaseStatus.FAILED) == {"example.org/shop/sums.TestAdd", "example.org/shop/sums.TestAdd/small"}


@pytest.mark.parametrize(
    ("output", "counts"),
    [
        ("Tests:       1 failed, 2 passed, 3 total\n", (3, 2, 1, 0)),
        (" Tests  1 failed | 2 passed (3)\n".lstrip(), (3, 2, 1, 0)),
        ("  2 passing (5ms)\n  1 failing\n", (3, 2, 1, 0)),
        ("# tests 3\n# suites 0\n# pass 2\n# fail 1\n# skipped 0\n", (3, 2, 1, 0)),
        ("test result: FAILED. 2 passed; 1 failed; 0 ignored; 0 measured\n", (3, 2, 1, 0)),
        ("===== 1 failed, 2 passed, 1 skipped in 0.12s =====\n", (4, 2, 1, 1)),
        ("Ran 3 tests in 0.1s\n\nFAILED (failures=1, skipped=1)\n", (3, 1, 1, 1)),
        (GO, (6, 2, 3, 1)),
        ("all good\n", None),
    ],
)
def test_summaries_of_known_runners(output, counts):
    found = read_summary(output)
    assert (counts is None and found is None) or (found.total, found.passed, found.failed, found.skipped) == counts


@pytest.mark.parametrize("text", ["", "<a", "<!DOCTYPE x [<!ENTITY a 'b'>]><testsuite/>", "[]", "<html/>", "\0"])
def test_a_report_that_is_none_is_missing(text):
    with pytest.raises(ReportMissing):
        found = parse_report(text.encode())
        assert found.total


def test_the_verdict_compares_report_exit_code_and_baseline():
    good = TestReport(1, 1, 0, 0, (Case("a", CaseStatus.PASSED),))
    bad = TestReport(1, 0, 1, 0, (Case("a", CaseStatus.FAILED),))
    assert judge(Result(0, "", 1.0), good, "", "c", None).status is Status.PASSED
    assert "although" in judge(Result(1, "", 1.0), good, "", "c", None).summary
    assert "although" in judge(Result(0, "", 1.0), bad, "", "c", None).summary
    assert judge(Result(1, "", 1.0), bad, "", "c", Baseline(bad, True)).status is Status.PASSED
    assert judge(Result(1, "", 1.0), bad, "", "c", Baseline(None, False)).red
