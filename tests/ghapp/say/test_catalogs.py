"""The catalogs: the same keys and parameters in every language, every key used, every used key there."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import pytest

import ghapp
from ghapp.emit.inert import Md
from ghapp.say.messages import LANGUAGES, CatalogError, Text, catalog, fields, language, plain, say, tell

ROOT = Path(ghapp.__file__).parents[1]
KEY = re.compile(r"^[a-z_]+(?:\.[A-Za-z0-9_-]+)+$")
SPEAKERS = {"say", "tell", "plain", "button"}


def variants(text: Text) -> list[str]:
    return [text] if isinstance(text, str) else list(text.values())


@lru_cache
def sources() -> tuple[ast.Module, ...]:
    rooms = (ROOT / room for room in ("state", "ai", "ghapp", "jobs", "cli"))
    return tuple(ast.parse(file.read_text("utf-8")) for room in rooms for file in sorted(room.rglob("*.py")))


def constants() -> Iterator[str]:
    """Strings of the code that look like keys, and the beginnings of f-strings that build one."""
    for module in sources():
        for node in ast.walk(module):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and KEY.match(node.value):
                yield node.value


def families() -> Iterator[re.Pattern[str]]:
    for module in sources():
        for node in ast.walk(module):
            if isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
                shape = "".join(
                    re.escape(str(part.value)) if isinstance(part, ast.Constant) else "[A-Za-z0-9_-]+"
                    for part in node.values
                )
                if re.match(r"^[a-z_]+\\\.", shape):
                    yield re.compile(f"^{shape}$")


def spoken() -> Iterator[str]:
    """Keys in the second place of say, tell and plain, and of button."""
    for module in sources():
        for node in ast.walk(module):
            if not isinstance(node, ast.Call) or len(node.args) < 2:
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            prefix = {"button": "button."}.get(name, "")
            key = node.args[1]  # a constant, or a choice between constants
            for part in ast.walk(key) if name in SPEAKERS and not isinstance(key, ast.JoinedStr) else ():
                if isinstance(part, ast.Constant) and isinstance(part.value, str) and KEY.match(prefix + part.value):
                    yield prefix + part.value


@pytest.mark.parametrize("lang", LANGUAGES)
def test_languages_have_the_same_keys_and_parameters(lang: str) -> None:
    english, other = catalog("en"), catalog(lang)
    assert set(other) == set(english)
    for key, text in other.items():
        assert type(text) is type(english[key]), key
        wanted = {field for variant in variants(english[key]) for field in fields(variant)}
        assert {field for variant in variants(text) for field in fields(variant)} == wanted, key


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_text_is_well_formed(lang: str) -> None:
    for key, text in catalog(lang).items():
        assert KEY.match(key), key
        assert isinstance(text, str) or {"one", "other"} <= set(text), key
        for variant in variants(text):
            assert variant == variant.strip() and variant, key
            assert not variant.startswith(("/", "@")), key


def test_every_key_that_is_spoken_exists() -> None:
    assert set(spoken()) - set(catalog("en")) == set()


def test_every_key_is_used() -> None:
    used = set(constants()) | set(spoken())
    shapes = list(families())
    unused = [key for key in catalog("en") if key not in used and not any(shape.match(key) for shape in shapes)]
    assert unused == []


def test_a_sentence_is_strict_about_its_parameters() -> None:
    for params in ({}, {"spent": 1, "more": 2}):
        with pytest.raises(CatalogError):
            say("en", "common.spent", **params)
    for key in ("no.such", "common"):
        with pytest.raises(CatalogError):
            say("en", key)
    with pytest.raises(CatalogError):
        say("en", "common.steps", n="three")
    with pytest.raises(CatalogError):
        fields("{x.__class__}")


@pytest.mark.parametrize(
    ("wanted", "found"), [("es-MX", "es"), ("ES", "es"), ("fr", "en"), ("", "en"), ("en_GB", "en")]
)
def test_a_language_falls_back_to_english(wanted: str, found: str) -> None:
    assert language(wanted) == found


@pytest.mark.parametrize(
    ("lang", "key", "params", "text"),
    [
        ("en", "common.steps", {"n": 1}, "1 step"),
        ("en", "common.steps", {"n": 1200}, "1,200 steps"),
        ("es", "common.steps", {"n": 1}, "1 paso"),
        ("es", "common.steps", {"n": 0}, "0 pasos"),
        ("en", "common.spent", {"spent": 0.0042}, "$0.0042"),
        ("es", "common.spent", {"spent": 12.5}, "12,50\xa0US$"),
        ("en", "plan.time", {"low": 59, "high": 4000}, "59 s to 1 h 7 min"),
        ("en", "report.coverage", {"percent": 0.79999}, "Coverage: 79.9%"),
    ],
)
def test_numbers_are_written_as_people_of_that_language_do(
    lang: str, key: str, params: dict[str, float], text: str
) -> None:
    assert say(lang, key, **params) == text


def test_parameters_are_inert_unless_they_are_markdown_by_intent() -> None:
    assert say("en", "plan.asked.approved", by="@ana *x*").startswith("Approved by \\@\u200bana \\*x\\*.")
    assert say("en", "plan.asked.approved", by=Md("**x**")).startswith("Approved by **x**.")
    assert tell("en", "telegram.failed_step", number="1", reason="<b>@x") == "Step 1: &lt;b&gt;@\u200bx"
    assert plain("en", "plan.asked.approved", by="\x1b[1m*ana*").startswith("Approved by *ana*.")
