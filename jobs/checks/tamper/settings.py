"""Test configuration as flat keys and values, whatever file it stands in. Pure."""

from __future__ import annotations

import configparser
import json
import re
import tomllib
from collections.abc import Iterator
from typing import Any

from jobs.setup.tables import at, table

WHOLE = re.compile(
    r"(^|/)((jest|vitest|karma|wdio|playwright|cypress|ava|web-test-runner|babel\.jest)\.conf(ig)?(\.\w+)*\.[cm]?[jt]s"
    r"|\.mocharc\.([cm]?js|ya?ml)|noxfile\.py|\.nycrc\.ya?ml|phpunit\.xml(\.dist)?|\.rspec|\.simplecov"
    r"|\.?codecov\.ya?ml|mocha\.opts)$"
)
LONG = 300_000
UNREADABLE = (configparser.Error, ValueError, RecursionError, AttributeError)
"""What readers raise; configparser the last one where a key without a value goes on in the next line."""
_SECTIONS = re.compile(
    r"^(pytest|tool:pytest|coverage:.*|testenv.*|tox.*|unittest|nosetests|run|report|paths|html|xml)$"
)
_SCRIPTS = re.compile(r"(^|:)(pre|post)?(test|coverage|check|ci|verify|unit|spec)s?(:|$)")
_TOOLS = ("jest", "mocha", "ava", "c8", "nyc", "vitest", "tap", "jasmine")
_PYTHON_TOOLS = ("pytest", "coverage", "tox", "nox", "nose", "pytest-ini-options", "hatch", "poe", "taskipy", "pdm")
_JSON = frozenset(
    ("package.json", "jest.config.json", ".mocharc.json", ".nycrc", ".nycrc.json", ".c8rc.json", "deno.json")
)
_TARGET = re.compile(r"^(test|check|ci|verify|coverage|unit|spec)[\w-]*\s*:(?!=)", re.M)


def is_settings(path: str) -> bool:
    """Whether test configuration may stand in it."""
    return _reader(path) is not None


def settings(path: str, text: str) -> dict[str, str]:
    """The test configuration in a file; keys such as `pytest.addopts`. Unreadable files give one key of their own."""
    reader = _reader(path)
    if reader is None or not text.strip():
        return {}
    if len(text) > LONG:
        return {"unreadable": text}
    try:
        return dict(reader(text))
    except UNREADABLE:
        return {"unreadable": text}


def _reader(path: str) -> Any:
    name = path.rpartition("/")[2]
    if name in {"pytest.ini", ".pytest.ini", "tox.ini", "setup.cfg", ".coveragerc", "coveragerc"}:
        return _ini
    if name in {"pyproject.toml", "pytest.toml", ".pytest.toml", "Cargo.toml"}:
        return _cargo if name == "Cargo.toml" else _toml
    if name in _JSON:
        return _package if name == "package.json" else _json
    if name in {"Makefile", "makefile", "GNUmakefile", "justfile", "Justfile"}:
        return _make
    return _whole if WHOLE.search(path) else None


def _ini(text: str) -> Iterator[tuple[str, str]]:
    parser = configparser.RawConfigParser(strict=False, allow_no_value=True)
    parser.read_string(text.lstrip("\ufeff"))
    for section in parser.sections():
        if _SECTIONS.match(section):
            for key, value in parser.items(section):
                yield f"{section.removeprefix('tool:')}.{key}", " ".join((value or "").split())


def _toml(text: str) -> Iterator[tuple[str, str]]:
    found = tomllib.loads(text.replace("\r\n", "\n"))
    tools = table(at(found, "tool"))
    for name in _PYTHON_TOOLS:
        if name in tools:
            yield from flat(name, tools[name])
    for name in ("pytest", "tests", "environments"):
        if name in found:
            yield from flat(name, found[name])
    scripts = at(found, "project", "entry-points", "pytest11")
    if scripts:
        yield from flat("pytest11", scripts)


def _cargo(text: str) -> Iterator[tuple[str, str]]:
    found = tomllib.loads(text)
    for key, usual in (("lib.test", True), ("test", [])):
        value = at(found, *key.split("."))
        yield from () if value in (None, usual) else flat(key, value)
    yield from flat("profile.test", table(at(found, "profile", "test")))


def _package(text: str) -> Iterator[tuple[str, str]]:
    found = table(json.loads(text))
    for name, command in table(at(found, "scripts")).items():
        if _SCRIPTS.search(name):
            yield f"scripts.{name}", str(command)
    for name in _TOOLS:
        if name in found:
            yield from flat(name, found[name])


def _json(text: str) -> Iterator[tuple[str, str]]:
    yield from flat("", json.loads(text))


def _make(text: str) -> Iterator[tuple[str, str]]:
    for found in _TARGET.finditer(text):
        rest = text[found.end() :].split("\n")
        recipe = [rest[0]]
        for line in rest[1:]:
            if line.strip() and not line.startswith(("\t", " ")):
                break
            recipe.append(line.strip())
        yield found[0].rstrip(":").strip(), " ".join(" ".join(recipe).split())


def _whole(text: str) -> Iterator[tuple[str, str]]:
    """A program that configures: its lines without comments, thresholds taken out."""
    bare = re.sub(r"(?m)^[ \t]*(//|#).*$|/\*.*?\*/", "", text)
    for name, value in re.findall(r"\b(branches|functions|lines|statements|fail_under)\s*[:=]\s*(-?[\d.]+)", bare):
        yield f"coverageThreshold.{name}", value
    yield "", re.sub(r"[\s;,]+|(branches|functions|lines|statements|fail_under)\s*[:=]\s*-?[\d.]+", "", bare)


def flat(prefix: str, value: object) -> Iterator[tuple[str, str]]:
    """Every value under its dotted key, as JSON; lists are one value."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from flat(f"{prefix}.{key}" if prefix else str(key), inner)
    elif isinstance(value, list) and prefix.endswith("addopts"):
        yield prefix, " ".join(map(str, value))
    else:
        yield prefix, json.dumps(value, sort_keys=True, default=str)
