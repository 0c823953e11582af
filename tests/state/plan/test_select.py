"""`/approve [hash] [1-3,5]`."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from state.plan.select import Asked, Refused, Selection, fits, parse, resolve
from tests.state.plan.plans import plan, step

SHOWN = plan(
    step("a"),
    step("b", depends_on=["a"]),
    step("c"),
    step("d", depends_on=["c"]),
    step("e", serves="", depends_on=["b"]),
)


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("", Asked()),
        ("7f3a", Asked("7f3a")),
        ("`7F3A`", Asked("7f3a")),
        ("1234", Asked("1234")),
        ("1-3,5", Asked(None, (("1", "3"), ("5", "5")))),
        ("7f3a 1 - 3, 5", Asked("7f3a", (("1", "3"), ("5", "5")))),
        ("7f3a s02-s03; s07", Asked("7f3a", (("s02", "s03"), ("s07", "s07")))),
        ("1 2", Asked(None, (("1", "1"), ("2", "2")))),
        ("1,,2,", Asked(None, (("1", "1"), ("2", "2")))),
        ("please", Refused("select.unreadable", {"part": "please"})),
        ("7f3a 1-", Refused("select.unreadable", {"part": "1-"})),
        ("1 7f3a", Refused("select.unreadable", {"part": "7f3a"})),
    ],
)
def test_the_words_after_the_command_are_read(text, asked):
    assert parse(text) == asked


@pytest.mark.parametrize(
    ("text", "steps", "added"),
    [
        ("", ("s01", "s02", "s03", "s04"), ()),
        ("2", ("s01", "s02"), ("s01",)),
        ("s02", ("s01", "s02"), ("s01",)),
        ("s2,3", ("s01", "s02", "s03"), ("s01",)),
        ("3-4", ("s03", "s04"), ()),
        ("4 1", ("s01", "s03", "s04"), ("s03",)),
        ("5", ("s01", "s02", "s05"), ("s01", "s02")),
    ],
)
def test_a_selection_takes_along_what_it_depends_on(text, steps, added):
    assert resolve(SHOWN, parse(text)) == Selection(steps, added, everything=not text)


@pytest.mark.parametrize(
    ("text", "refused"),
    [
        ("9", Refused("select.unknown_step", {"step": "9", "last": 5})),
        ("s77", Refused("select.unknown_step", {"step": "s77", "last": 5})),
        ("0", Refused("select.unknown_step", {"step": "0", "last": 5})),
        ("3-1", Refused("select.backwards", {"first": "3", "last": "1"})),
    ],
)
def test_what_is_not_there_is_refused_as_a_value(text, refused):
    assert resolve(SHOWN, parse(text)) == refused


def test_the_scope_is_stored_as_words():
    assert resolve(SHOWN, parse("")).scope == "all"
    assert resolve(SHOWN, parse("2")).scope == "s01,s02"


def test_a_typed_hash_must_begin_the_shown_one():
    assert fits(Asked(), "7f3a" * 16)
    assert fits(Asked("7f3a7"), "7f3a" * 16)
    assert not fits(Asked("7f3b"), "7f3a" * 16)


@given(st.text())
def test_whatever_is_typed_is_a_value(text):
    asked = parse(text)
    if isinstance(asked, Asked):
        resolve(SHOWN, asked)
