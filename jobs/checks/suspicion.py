"""Code that may be right only for what the tests ask: written-out values that tests hand in turn up in branches and
tables of the change. Never a verdict: a person is told where to look.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from jobs.checks.result import CheckResult, Finding, Layer, Status
from jobs.checks.scene import Scene
from jobs.checks.tamper.guard import places_of
from jobs.checks.tamper.model import Assertion, Module
from jobs.checks.tamper.places import READERS, Places, Role, reader
from jobs.checks.tamper.reading import answers, module_of
from jobs.git.facts import file_at
from jobs.repomap.languages import language_of
from jobs.setup.source import AtCommit

NAME = "suspicion"
CODE = "special_case"
MANY_FILES = 60
_WORD = re.compile(r"^['\"][A-Za-z_][\w.\-]{0,24}['\"]$")
_LITERAL = re.compile(r"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|(?<![\w.])-?\d+(?:\.\d+)?(?![\w.])")
_COMMON = frozenset({"0", "1", "2", "-1", "10", "100", "1000", "''", '""', "None", "True", "False", "0.0", "1.0"})
_SINGLETONS = frozenset({"None", "True", "False"})

Choice = Mapping[str, Any]


@dataclass(frozen=True)
class Asked:
    """What tests hand in, and the pairs of what they hand in and expect."""

    inputs: frozenset[str]
    pairs: frozenset[tuple[str, str]]


def judge(scene: Scene) -> Iterator[CheckResult]:
    """The code that the task changed, held against the tests as they are now."""
    places = places_of(AtCommit(scene.mirror, scene.base), scene.tests.kind)
    kinds = {change.path: _kind(change.path) for change in scene.since_base if change.what != "deleted"}
    code = [path for path, kind in kinds.items() if kind and places.role(path) is Role.OTHER][:MANY_FILES]
    found = _special(scene, places, code) if code else []
    tail = "\n".join(str(one) for one in found)
    said = f"{len(found)} places look made for the tests" if found else "nothing looks made for the tests"
    status = Status.FAILED if found else Status.PASSED
    yield CheckResult(NAME, Layer.NICE, status, said, tail=tail, findings=tuple(found))


def _special(scene: Scene, places: Places, code: list[str]) -> list[Finding]:
    tests = [path for path in sorted(scene.now.paths) if places.role(path) is Role.TEST][:MANY_FILES]
    asked = [(reader(path), _at(scene, scene.tree, path)) for path in tests]
    sides = [(_kind(path), _at(scene, commit, path)) for path in code for commit in (scene.base, scene.tree)]
    told = answers([*asked, *sides])
    known = asked_by(module_of(one) for one in told[: len(asked)])
    shapes = [one.get("choices", ()) for one in told[len(asked) :]]
    return [
        one
        for place, path in enumerate(code)
        for one in suspects(path, shapes[2 * place], shapes[2 * place + 1], known)
    ]


def _at(scene: Scene, commit: str, path: str) -> bytes:
    return file_at(scene.mirror, commit, path) or b""


def _kind(path: str) -> str:
    language = language_of(path) or ""
    return "shape" if language == "python" else f"choices-{language}" if language in READERS else ""


def asked_by(modules: Iterable[Module]) -> Asked:
    """What the tests of these files hand in and expect."""
    inputs: set[str] = set()
    pairs: set[tuple[str, str]] = set()
    for one in (one for module in modules for test in module.tests for one in test.asserts):
        given = {plain(found) for found in literals(one)}
        inputs |= given
        expected = plain(one.expected)
        pairs |= {(each, expected) for each in given}
    return Asked(frozenset(inputs), frozenset(pairs))


def literals(one: Assertion) -> list[str]:
    """The written-out values in what an assertion looks at."""
    return _LITERAL.findall(one.subject)


def plain(text: str) -> str:
    """One spelling of a value in all languages."""
    try:
        return repr(ast.literal_eval(text))
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return text


def suspects(path: str, before: Iterable[Choice], after: Iterable[Choice], asked: Asked) -> list[Finding]:
    """New choices of a file that fit what tests ask too well. Pure."""
    known = {_text(one) for one in before}
    fresh = [one for one in after if _text(one) not in known]
    said = [(one, _why(one, asked)) for one in fresh]
    return [Finding(path, int(one["line"]), CODE, why) for one, why in said if why]


def _text(one: Choice) -> str:
    return f"{one['form']} {one['keys']} {one['gives']}"


def _why(one: Choice, asked: Asked) -> str:
    if one["form"] == "sniff":
        return f"it behaves otherwise under a test runner: {one['keys'][0][:80]}"
    keys, gives = [plain(key) for key in one["keys"]], [plain(value) for value in one["gives"]]
    return _tabled(keys, gives, asked) if one["form"] == "table" else _branched(keys, gives, asked)


def _tabled(keys: list[str], gives: list[str], asked: Asked) -> str:
    same = [key for key, value in zip(keys, gives, strict=False) if (key, value) in asked.pairs]
    most = len(same) > 1 and 2 * len(same) >= len(keys)
    return f"a table of what tests ask and expect: {_shown(same)}" if most else ""


def _branched(keys: list[str], gives: list[str], asked: Asked) -> str:
    telling = [key for key in keys if key not in _SINGLETONS]
    answered = [key for key in telling for value in gives if (key, value) in asked.pairs]
    if answered:
        return f"what tests expect is answered for exactly what they ask: {_shown(answered)}"
    special = [key for key in keys if key in asked.inputs and key not in _COMMON and not _WORD.match(key)]
    return f"it chooses by values that tests hand in: {_shown(special)}" if special else ""


def _shown(values: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(value[:60] for value in values))[:200]
