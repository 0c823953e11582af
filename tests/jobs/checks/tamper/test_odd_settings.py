"""Settings of any shape are read without an error, and what one class stands above is said the same way each time."""

import itertools

import pytest

from jobs.checks.tamper.checkers import checkers
from jobs.checks.tamper.model import Assertion, Level
from jobs.checks.tamper.settings import settings
from jobs.checks.tamper.weaker import weaker

ODD = ("3", "'pytest mypy'", "[1]", "[{pytest = 1}]", "true", "1979-05-27", "{}", "{pytest = 3, mypy = [1]}")
TABLES = ("tool", "project", "project.entry-points", "tool.pytest", "tool.mypy", "lib", "profile", "profile.test")
TOML = [f"{key} = {value}\n" for key, value in itertools.product(TABLES, ODD)]
JSON = ["3", "[]", "null", '"jest"', '{"scripts": 3, "jest": [], "eslintConfig": null}', '{"scripts": [1]}']
INI = ["[pytest]\nkey\n  more\n", "[mypy]\nkey\n  more\n", "key = 1\n", "[pytest\n", "[mypy]\n[mypy]\n"]
FILES = {
    "pyproject.toml": TOML,
    "ruff.toml": TOML,
    "Cargo.toml": TOML,
    "package.json": JSON,
    "jest.config.json": JSON,
    "pyrightconfig.json": JSON,
    ".eslintrc.json": JSON,
    "tox.ini": INI,
    "setup.cfg": INI,
    ".flake8": INI,
    ".pylintrc": INI,
}


@pytest.mark.parametrize("path", FILES)
def test_any_shape_is_read(path):
    for text in FILES[path]:
        found = {**settings(path, text), **checkers(path, text)}
        assert all(isinstance(value, str) for value in found.values()), text


def test_a_table_that_is_a_number_is_an_empty_one():
    assert settings("pyproject.toml", "tool = 3\nproject = 3\n") == {} == checkers("pyproject.toml", "tool = 3\n")
    assert settings("pyproject.toml", "tool.pytest = 3\n") == {"pytest": "3"}


def test_all_the_classes_that_are_wider_are_named_in_order():
    narrow = Assertion("raises", Level.EXACT, "run()", "(KeyError, ZeroDivisionError, FileNotFoundError)")
    wide = Assertion("raises", Level.EXACT, "run()", "(OSError, LookupError, ArithmeticError)")
    assert weaker(narrow, wide) == "more errors pass (ArithmeticError, LookupError, OSError)"
    assert weaker(narrow, narrow) == "" == weaker(wide, narrow)
