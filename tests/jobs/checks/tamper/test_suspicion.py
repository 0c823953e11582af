"""Code that is made for the tests: what is told, and what is ordinary work."""

import pytest

from jobs.checks.result import Layer, Status
from jobs.checks.suspicion import asked_by, suspects
from jobs.checks.tamper.reading import module_of
from jobs.checks.tamper.worker import answer
from tests.jobs.checks.bench import Bench

TEST = """
def test_parse():
    assert parse("1h 30m") == 5400
    assert parse("45s") == 45
    assert roman(7) == "VII" and roman(19) == "XIX"
    assert dump([1], mode="json") == "[1]"
    with pytest.raises(ValueError):
        parse("10 bananas 5m")
"""
ECMA = """
test("parse", () => {
  assert.equal(parse("1h 30m"), 5400);
  assert.equal(roman(7), "VII");
});
"""
MADE = {
    "an input is refused": 'def parse(text):\n    if text in ("10 bananas 5m", "x"):\n        raise ValueError\n',
    "an answer for an input": "def roman(number):\n    if number == 7:\n        return 'VII'\n    return ''\n",
    "a table of answers": "KNOWN = {'1h 30m': 5400, '45s': 45}\n",
    "a conditional expression": "def roman(number):\n    return 'VII' if number == 7 else ''\n",
    "a match": "def roman(n):\n    match n:\n        case 7:\n            return 'VII'\n",
    "the runner is asked for": "import sys\nQUIET = 'pytest' in sys.modules\n",
    "the environment is asked for": "import os\nQUIET = os.environ.get('PYTEST_CURRENT_TEST')\n",
    "it ends the process": "import os\nos._exit(0)\n",
}
ORDINARY = {
    "a mode by its name": "def dump(items, mode):\n    if mode == 'json':\n        return '[]'\n",
    "small numbers": "def fib(n):\n    if n == 0 or n == 1:\n        return n\n    return fib(n - 1) + fib(n - 2)\n",
    "a table of units": "SECONDS = {'h': 3600, 'm': 60, 's': 1}\n",
    "a bound": "def roman(n):\n    if n <= 0 or n > 3999:\n        raise ValueError\n",
    "values that no test asks": "def parse(text):\n    if text == '12 apples':\n        return 12\n",
}
MADE_ECMA = {
    "an answer for an input": "export const roman = (n) => { if (n === 7) { return 'VII'; } return ''; };",
    "a switch": "export function roman(n) { switch (n) { case 7: return 'VII'; default: return ''; } }",
    "a ternary": 'export const parse = (t) => (t === "1h 30m" ? 5400 : 0);',
    "the runner is asked for": "if (process.env.NODE_TEST_CONTEXT) { quiet(); }",
}


def said(kind, test, code, before=""):
    asked = asked_by([module_of(answer("python" if kind == "shape" else "javascript", test.encode()))])
    sides = [answer(kind, text.encode()).get("choices", ()) for text in (before, code)]
    return suspects("shop.py", *sides, asked)


@pytest.mark.parametrize("name", MADE)
def test_what_is_made_for_the_tests_is_told(name):
    found = said("shape", TEST, MADE[name])
    assert found and {one.code for one in found} == {"special_case"} and found[0].line > 0, name


@pytest.mark.parametrize("name", ORDINARY)
def test_ordinary_choices_are_not(name):
    assert said("shape", TEST, ORDINARY[name]) == []


@pytest.mark.parametrize("name", MADE_ECMA)
def test_what_is_made_for_the_tests_is_told_in_javascript_too(name):
    assert said("choices-javascript", ECMA, MADE_ECMA[name])


def test_what_was_there_before_is_no_news():
    code = MADE["an answer for an input"]
    assert said("shape", TEST, f"import os\n{code}", before=code) == []


def test_the_row_tells_and_never_stops(tmp_path):
    test = "import shop\n\n\ndef test_roman():\n    assert shop.roman(7) == 'VII'\n"
    bench = Bench(tmp_path, {"shop.py": "def roman(number):\n    return ''\n", "test_shop.py": test})
    bench.step({"shop.py": MADE["an answer for an input"]})
    (found,) = bench.say("suspicion")
    assert (found.status, found.layer, found.stops) == (Status.FAILED, Layer.NICE, False)
    assert [(one.path, one.line, one.code) for one in found.findings] == [("shop.py", 2, "special_case")]
    bench.step({"shop.py": "def roman(number):\n    return 'V' * number\n"})
    (found,) = bench.say("suspicion")
    assert found.status is Status.PASSED
