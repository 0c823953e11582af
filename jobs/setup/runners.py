"""What tox or nox would install before the tests, as far as their files say it in words. Pure."""

from __future__ import annotations

import ast
import configparser
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from jobs.setup.source import Source
from jobs.setup.tables import at, texts, toml

_FACTOR = re.compile(r"[\w,!.{}-]+:\s+\S")
_OWN_EXTRAS = re.compile(r"\.\[([\w,.-]+)\]$")


@dataclass(frozen=True)
class Needs:
    """Requirement lines, requirement files and extras of the project."""

    lines: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    extras: tuple[str, ...] = ()


def runner_needs(source: Source) -> Needs:
    """What the test environments of tox install, else the test sessions of nox."""
    return _tox(source) or _nox(source) or Needs()


def _tox(source: Source) -> Needs | None:
    native = at(toml(source.read("pyproject.toml")), "tool", "tox") or toml(source.read("tox.toml"))
    texts = (source.read("tox.ini"), source.read("setup.cfg"), at(native, "legacy_tox_ini"))
    return _tox_table(at(native, "env_run_base")) or next(filter(None, map(_tox_ini, texts)), None)


def _tox_table(base: Any) -> Needs | None:
    if not isinstance(base, dict) or not isinstance(base.get("deps"), list):
        return None
    extras = base.get("extras")
    return _sorted_out([str(one) for one in base["deps"]], [extras] if isinstance(extras, str) else texts(extras))


def _tox_ini(text: Any) -> Needs | None:
    parser = configparser.RawConfigParser(strict=False)
    try:
        parser.read_string(str(text or ""))
    except configparser.Error:
        return None
    if not parser.has_section("testenv"):
        return None
    deps, extras = (parser.get("testenv", key, fallback="") for key in ("deps", "extras"))
    return _sorted_out(deps.splitlines(), re.split(r"[\s,]+", extras.strip()))


def _sorted_out(deps: list[str], extras: list[str]) -> Needs:
    """Lines under a factor or with a substitution are for other machines."""
    lines, files = [], []
    for raw in deps:
        text = raw.partition(" #")[0].strip()
        if text.startswith(("-r", "--requirement")):
            files.append(re.sub(r"^(-r|--requirement)[\s=]*", "", text).removeprefix("{toxinidir}/"))
        elif text and text[0] not in "-#." and "{" not in text and not _FACTOR.match(text):
            lines.append(text)
    return Needs(tuple(lines), tuple(files), tuple(name for name in extras if name))


def _nox(source: Source) -> Needs | None:
    sessions = _test_sessions(source.read("noxfile.py") or "")
    words = [word for session in sessions for word in _installed(session)]
    if not words:
        return None
    files = _values_of(words, "-r", "--requirement")
    taken = {*files, *_values_of(words, "-c", "--constraint")}
    lines = [word for word in words if word[:1] not in ("-", ".") and word not in taken]
    own = [found[1] for found in map(_OWN_EXTRAS.match, words) if found]
    return Needs(tuple(lines), tuple(files), tuple(name for extras in own for name in extras.split(",")))


def _test_sessions(noxfile: str) -> list[ast.FunctionDef]:
    """The sessions that are named after tests; all of them where none is."""
    try:
        tree = ast.parse(noxfile)
    except (SyntaxError, ValueError):
        return []
    sessions = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.decorator_list]
    return [node for node in sessions if "test" in node.name] or sessions


def _installed(session: ast.FunctionDef) -> Iterator[str]:
    """The words of its calls of `install`, options too."""
    for call in ast.walk(session):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "install":
            words = (one.value for one in call.args if isinstance(one, ast.Constant))
            yield from (word for word in words if isinstance(word, str))


def _values_of(words: list[str], *options: str) -> list[str]:
    return [value for option, value in pairwise(words) if option in options]
