"""Criteria that a machine can judge."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from state.plan.measurable import NAMES, OPERATORS, Comparison, met, parse
from state.plan.model import Condition, ConditionType


@pytest.mark.parametrize(
    ("text", "measure"),
    [
        ("tests.failed == 0", Comparison("tests.failed", "==", 0)),
        ("  coverage.percent>=80 % ", Comparison("coverage.percent", ">=", 80)),
        ("duration.seconds < 1.5", Comparison("duration.seconds", "<", 1.5)),
        ("test_suite.exit_code != -1", Comparison("test_suite.exit_code", "!=", -1)),
        ("file_exists: docs/a.md", Condition(type=ConditionType.FILE_EXISTS, target="docs/a.md")),
        (
            "symbol_defined: shop/a.py = check",
            Condition(type=ConditionType.SYMBOL_DEFINED, target="shop/a.py", value="check"),
        ),
        (
            "text_matches: a.md = x = y",
            Condition(type=ConditionType.TEXT_MATCHES, target="a.md", value="x = y"),
        ),
        (
            "command_succeeds: python -m shop --a=b",
            Condition(type=ConditionType.COMMAND_SUCCEEDS, target="python -m shop --a=b"),
        ),
        ("symbol_defined: shop/a.py", None),
        ("tests.skipped == 0", None),
        ("tests.failed = 0", None),
        ("tests.failed == 0 or True", None),
        ("__import__('os').system('x') == 0", None),
        ("0 == tests.failed", None),
        ("magic: a", None),
        ("command_succeeds: a\nb", None),
        ("it feels fast", None),
        ("", None),
    ],
)
def test_only_the_grammar_is_understood(text, measure):
    assert parse(text) == measure


@given(st.text())
def test_nothing_that_is_written_makes_it_fail(text):
    parse(text)


@given(st.sampled_from(NAMES), st.sampled_from(sorted(OPERATORS)), st.integers(-5, 5), st.integers(-5, 5))
def test_a_comparison_says_what_the_operator_says(name, sign, fact, number):
    measure = parse(f"{name} {sign} {number}")
    assert met(measure, {name: float(fact)}, lambda _: None) is OPERATORS[sign](fact, number)


def test_what_was_not_measured_is_for_a_person():
    assert met(parse("coverage.percent >= 80"), {}, lambda _: True) is None
    assert met(parse("coverage.percent >= 80"), {"coverage.percent": None}, lambda _: True) is None
    assert met(None, {"tests.failed": 0}, lambda _: True) is None


@pytest.mark.parametrize("answer", [True, False, None])
def test_a_condition_is_judged_where_the_tree_is(answer):
    asked = []
    assert met(parse("file_exists: a"), {}, lambda one: asked.append(one.target) or answer) is answer
    assert asked == ["a"]
