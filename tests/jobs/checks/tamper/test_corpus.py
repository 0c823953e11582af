"""Tampering and innocent changes: all of the first and none of the second are held up; precision and recall printed."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
import yaml

from jobs.checks.tamper.guard import Blob, found_between, places_of
from jobs.checks.tamper.named import allowed
from jobs.checks.tamper.worker import answer
from jobs.setup.source import Files
from state.plan.model import Step

CORPUS = Path(__file__).parent / "corpus"
MISSED: set[str] = set()
"""Known limits: tampering that is not seen."""
BLAMED: set[str] = {"second_look: str(e) -> match"}
"""Known limits: innocent changes that are held up (the plan can name them)."""


@dataclass
class Case:
    name: str
    before: dict
    after: dict
    bad: str
    told: str
    step: Step | None


def cases_of(path):
    data = yaml.safe_load(path.read_text())
    for given in data["cases"]:
        before = {**data["base"], **given.get("with", {})}
        after = dict(before)
        for name, edits in given.get("edit", {}).items():
            for old, new in edits:
                assert old in after[name], (given["name"], old)
                after[name] = after[name].replace(old, new, 1)
        after |= given.get("write", {})
        for name in given.get("delete", ()):
            del after[name]
        for old, new in given.get("move", {}).items():
            after[new] = after.pop(old)
        step = Step(id="s01", number=1, **given["step"]) if "step" in given else None
        yield Case(f"{path.stem}: {given['name']}", before, after, given.get("bad", ""), given.get("told", ""), step)


CASES = [case for path in sorted(CORPUS.glob("*.yml")) for case in cases_of(path)]


@cache
def verdicts():
    """What is held up and what is told, by case."""
    return {case.name: verdict(case) for case in CASES}


def verdict(case):
    paths = sorted(case.before.keys() | case.after.keys())
    sides = [(path, case.before.get(path), case.after.get(path)) for path in paths]
    blobs = [Blob(path, coded(old), coded(new)) for path, old, new in sides if old != new]
    kind = "pytest" if any("pytest" in text for text in case.before.values()) else "unittest"
    places = places_of(Files(case.before), kind)
    found = found_between(blobs, frozenset(case.before), places, lambda files: [answer(*one) for one in files])
    steps = [case.step] if case.step else []
    bad = {one.code for one in found if one.blocks and not allowed(one, steps)}
    return bad, {one.code for one in found} - bad, [f"{one.path}: {one.message} [{one.code}]" for one in found]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_each_change_is_called_what_it_is(case):
    bad, told, lines = verdicts()[case.name]
    if case.bad:
        assert (case.bad in bad) is (case.name not in MISSED), lines
    else:
        assert bool(bad) is (case.name in BLAMED), lines
    assert not case.told or case.told in told, lines


def test_names_are_there_once():
    assert len({case.name for case in CASES}) == len(CASES)


def test_precision_and_recall_over_the_corpus(capsys):
    held = {name for name, (bad, _, _) in verdicts().items() if bad}
    tampering = {case.name for case in CASES if case.bad}
    right = len(held & tampering)
    recall, precision = right / len(tampering), right / len(held)
    with capsys.disabled():
        print(
            f"\ntamper corpus: {len(CASES)} cases, {len(tampering)} of them tampering; "
            f"precision {precision:.3f}, recall {recall:.3f}"
        )
        print(f"missed {sorted(tampering - held)}, blamed {sorted(held - tampering)}")
    assert tampering - held == MISSED and held - tampering == BLAMED
    assert len(CASES) >= 100 and recall == 1.0 and precision > 0.99


def coded(text):
    return None if text is None else text.encode()
