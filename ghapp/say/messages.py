"""Sentences by key and language.

A catalog is `catalog/<area>.<lang>.yaml`: a flat mapping from full keys (`plan.title`) to a text with `{name}`
parameters, or, for plurals, to a mapping from the plural categories of CLDR (`one`, `other`) to texts, chosen by the
parameter `n`. Any number of areas is merged: a new feature adds two files of its own, and
`tests/ghapp/say/test_catalogs.py` holds the languages and the code together.

`{x:money}`, `{x:duration}`, `{x:percent}`, `{x:date}` and `{x:time}` format dollars, seconds, a share from 0 to 1 and a
datetime. Parameters are strict: one too many, or one missing, is a bug and raises `CatalogError`.

Strings given as parameters are untrusted and made inert for where they go; `Md` marks text that is Markdown by intent.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from importlib import resources
from string import Formatter
from typing import Any, TypeAlias

import yaml

from ghapp.emit.inert import Md, inert
from ghapp.emit.plain import html_text, plain_text
from ghapp.say import numbers

LANGUAGES = ("en", "es")
FORMATS: Mapping[str, Callable[[Any, str], str]] = {
    "money": numbers.money,
    "duration": numbers.duration,
    "percent": numbers.percent,
    "date": numbers.date,
    "time": numbers.time,
}
Text: TypeAlias = str | Mapping[str, str]


class CatalogError(LookupError):
    """A key, parameter or format that the catalogs do not know: always a bug of ours."""


def language(wanted: str) -> str:
    """The catalog for a wanted language tag such as `es-MX`; English where there is none."""
    short = wanted.lower().replace("_", "-").split("-", 1)[0]
    return short if short in LANGUAGES else "en"


def known(key: str) -> bool:
    """Whether the catalogs have a sentence for this key."""
    return key in catalog("en")


def say(lang: str, key: str, /, **params: object) -> str:
    """The sentence as Markdown. Plain strings among the parameters are made inert, `Md` stays."""
    return _fill(lang, key, params, inert)


def tell(lang: str, key: str, /, **params: object) -> str:
    """The sentence for Telegram (HTML parse mode): the catalog text is HTML by intent, parameters are escaped."""
    return _fill(lang, key, params, html_text)


def plain(lang: str, key: str, /, **params: object) -> str:
    """The sentence as plain text of one line or more: titles, logs, commit messages, the terminal."""
    return _fill(lang, key, params, plain_text)


def _fill(lang: str, key: str, params: Mapping[str, object], escape: Callable[[str], str]) -> str:
    lang = language(lang)
    text = _choose(lang, key, params)
    names = {name for name, _ in fields(text)}
    if not isinstance(_text(lang, key), str):
        names.add("n")
    if names != set(params):
        raise CatalogError(f"{key} takes {sorted(names)}, was given {sorted(params)}")
    parts: list[str] = []
    for literal, name, spec, _ in Formatter().parse(text):
        parts.append(literal)
        if name is not None:
            parts.append(_value(params[name], spec or "", lang, escape))
    return "".join(parts)


def _choose(lang: str, key: str, params: Mapping[str, object]) -> str:
    text = _text(lang, key)
    if isinstance(text, str):
        return text
    count = params.get("n")
    if not isinstance(count, int | float):
        raise CatalogError(f"{key} is a plural and needs a number n")
    return text.get(numbers.plural(count, lang)) or text["other"]


def _value(value: object, spec: str, lang: str, escape: Callable[[str], str]) -> str:
    if spec:
        return FORMATS[spec](value, lang)
    if isinstance(value, Md):
        return str(value)
    if isinstance(value, str):
        return escape(value)
    if isinstance(value, int | float):
        return numbers.number(value, lang)
    raise CatalogError(f"a parameter is text or a number, not {type(value).__name__}")


def _text(lang: str, key: str) -> Text:
    try:
        return catalog(lang)[key]
    except KeyError:
        raise CatalogError(f"no sentence {key!r} in {lang}") from None


def fields(text: str) -> tuple[tuple[str, str], ...]:
    """The (parameter, format) pairs of a catalog text. Raises `CatalogError` for anything but plain names."""
    found = tuple((name, spec or "") for _, name, spec, _ in Formatter().parse(text) if name is not None)
    for name, spec in found:
        if not name.isidentifier() or (spec and spec not in FORMATS):
            raise CatalogError(f"bad parameter {{{name}:{spec}}} in {text!r}")
    return found


@lru_cache(maxsize=len(LANGUAGES))
def catalog(lang: str) -> Mapping[str, Text]:
    """All sentences of one language. Raises `CatalogError` if two files hold the same key."""
    merged: dict[str, Text] = {}
    folder = resources.files("ghapp.say").joinpath("catalog")
    for file in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if not file.name.endswith(f".{lang}.yaml"):
            continue
        for key, text in (yaml.safe_load(file.read_text("utf-8")) or {}).items():
            if key in merged:
                raise CatalogError(f"{key} is in two files, the second is {file.name}")
            merged[key] = text
    return merged
