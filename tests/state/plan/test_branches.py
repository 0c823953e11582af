"""Branch names."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from state.plan.branches import branch_name, slug
from state.plan.model import TaskType

KEY = "k3x9q2ab"


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Add stock validation", "add-stock-validation"),
        ("Añadir validación de existencias", "anadir-validacion-de-existencias"),
        ("Größe prüfen: Straße", "grosse-prufen-strasse"),
        ("Łódź, smørrebrød & œuvre", "lodz-smorrebrod-oeuvre"),
        ("Проверка остатков", "proverka-ostatkov"),
        ("Έλεγχος αποθέματος", "elegchos-apothematos"),
        ("在庫の検証", "task"),
        ("!!! ???", "task"),
        ("", "task"),
        ("../../etc/passwd; rm -rf ~", "etc-passwd-rm-rf"),
        ("A title that is so long that it must be cut at a word", "a-title-that-is-so-long-that-it-must-be"),
        ("x" * 60, "x" * 40),
        ("\uff26\uff35\uff2c\uff2c width \u21165", "full-width-no5"),
    ],
)
def test_a_title_becomes_a_slug(title, expected):
    assert slug(title) == expected


@given(st.text())
def test_every_title_has_a_slug(title):
    assert re.fullmatch(r"[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?", slug(title))


@given(st.sampled_from(TaskType), st.text(), st.booleans())
def test_every_branch_name_is_one_that_git_takes(kind, title, taken):
    name = branch_name(kind, title, KEY, {f"{kind}/{slug(title)}", branch_name(kind, title, KEY)} if taken else ())
    assert re.fullmatch(r"[a-z]+/[a-z0-9-]{1,40}", name) and not name.endswith("-")


@pytest.mark.parametrize(
    ("kind", "prefix"),
    [
        ("feat", "feature"),
        ("fix", "fix"),
        ("refactor", "refactor"),
        ("docs", "docs"),
        ("test", "test"),
        ("chore", "chore"),
    ],
)
def test_the_type_chooses_the_prefix(kind, prefix):
    assert branch_name(TaskType(kind), "A b", KEY) == f"{prefix}/a-b"


@pytest.mark.parametrize(
    ("taken", "expected"),
    [
        ({"fix/a-b"}, f"fix/a-b-{KEY}"),
        ({"fix/A-B"}, f"fix/a-b-{KEY}"),
        ({"fix/a-b/deeper"}, f"fix/a-b-{KEY}"),
        ({"fix"}, "fix-a-b"),
        ({"fix/a-bc", "feature/a-b"}, "fix/a-b"),
    ],
)
def test_a_taken_name_gets_the_key(taken, expected):
    assert branch_name(TaskType.FIX, "a b", KEY, taken) == expected


def test_the_suffix_fits_into_the_length():
    name = branch_name(TaskType.FIX, "x" * 60, KEY, {"fix/" + "x" * 40})
    assert name == f"fix/{'x' * 31}-{KEY}"
