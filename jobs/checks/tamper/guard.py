"""The guard as a check. Everything is compared twice: with the step's start, where this step has to name what it
weakens, and with the task's base, where any step of the plan may have.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from jobs.checks.result import CheckResult, Finding, Layer, Status
from jobs.checks.scene import Scene
from jobs.checks.tamper import config
from jobs.checks.tamper.checkers import checker_finds, has_checkers
from jobs.checks.tamper.compare import compare
from jobs.checks.tamper.finds import Find
from jobs.checks.tamper.model import Module
from jobs.checks.tamper.named import allowed
from jobs.checks.tamper.places import ANY, PYTEST, Places, Role, reader
from jobs.checks.tamper.reading import answers, module_of
from jobs.checks.tamper.settings import is_settings, settings
from jobs.git.changes import Change
from jobs.git.facts import file_at
from jobs.setup.source import AtCommit, Source
from state.plan.model import Step

NAME = "tamper"
TOLD = 20
Ask = Callable[[Sequence[tuple[str, bytes]]], list[dict[str, Any]]]
_LINK = "120000"
_SETTINGS = ("pytest.ini", "pyproject.toml", "setup.cfg", "tox.ini")


@dataclass(frozen=True)
class Blob:
    """A path that differs; None for a side that has no such file."""

    path: str
    before: bytes | None
    after: bytes | None


def judge(scene: Scene) -> Iterator[CheckResult]:
    """Whether what was tested is still tested."""
    steps = [scene.step] if scene.step else []
    every = [step for step in scene.plan.steps() if not step.extra] if scene.plan else steps
    bad, told = _sorted(found_in(scene, scene.start, scene.changes), steps)
    if scene.start != scene.base:
        more, _ = _sorted(found_in(scene, scene.base, scene.since_base), every)
        known = {(one.path, one.code, one.what) for one in (*bad, *told)}
        bad += [one for one in more if (one.path, one.code, one.what) not in known]
    yield verdict(bad, told)


def verdict(bad: Sequence[Find], told: Sequence[Find]) -> CheckResult:
    """Red for what the plan does not name; what it names, and what a machine cannot judge, is told."""
    findings = tuple(Finding(one.path, one.line, one.code, one.message) for one in (*bad, *told))
    tail = "\n".join(str(one) for one in findings[:TOLD])
    if not bad:
        said = f"; {len(told)} changes of tests to look at" if told else ""
        return CheckResult(
            NAME,
            Layer.CRITICAL,
            Status.PASSED,
            f"no test and no check was weakened{said}",
            tail=tail,
            findings=findings,
            reason=NAME,
        )
    said = f"{len(bad)} changes weaken tests or checks, and the plan does not name them"
    help_ = "\nPut these back. If the step needs one of them, leave it and say so in `done`."
    return CheckResult(
        NAME, Layer.CRITICAL, Status.FAILED, said, tail=tail + help_, findings=findings[: len(bad)], reason=NAME
    )


def _sorted(found: Iterable[Find], steps: Sequence[Step]) -> tuple[list[Find], list[Find]]:
    bad: list[Find] = []
    told: list[Find] = []
    for one in found:
        (bad if one.blocks and not allowed(one, steps) else told).append(one)
    return bad, told


def found_in(scene: Scene, since: str, changes: Sequence[Change]) -> list[Find]:
    """What became weaker since a commit."""
    before = AtCommit(scene.mirror, since)
    places = places_of(before, scene.tests.kind)
    wanted = [change for change in changes if _matters(places, change.path)]
    blobs = [_blob(scene, since, change) for change in wanted]
    return found_between(blobs, before.paths, places)


def _matters(places: Places, path: str) -> bool:
    return (
        places.role(path) is not Role.OTHER
        or is_settings(path)
        or has_checkers(path)
        or path.endswith((".py", ".pth", ".pyc"))
    )


def _blob(scene: Scene, since: str, change: Change) -> Blob:
    """A link in the place of a file is no file."""
    before = file_at(scene.mirror, since, change.path) if change.what != "created" else None
    gone = change.what == "deleted" or change.new_mode == _LINK
    return Blob(change.path, before, None if gone else file_at(scene.mirror, scene.tree, change.path))


def places_of(before: Source, kind: str) -> Places:
    """Which Python files are collected, as the configuration of before says."""
    for name in _SETTINGS:
        found = settings(name, before.read(name) or "") if name in before.paths else {}
        value = next((text for key, text in found.items() if key.endswith(".python_files")), "")
        if value:
            return Places(tuple(value.replace('"', " ").replace("[", " ").replace("]", " ").replace(",", " ").split()))
    return Places(PYTEST if kind == "pytest" else ANY)


def found_between(blobs: Sequence[Blob], known: frozenset[str], places: Places, ask: Ask = answers) -> list[Find]:
    """All that the guard sees between two states of a tree; `known` are the paths of before, `ask` reads files."""
    guarded = any(places.role(path) is Role.TEST for path in known)
    read = _read(blobs, places, ask)
    found = compare(read.tests["before"], read.tests["after"]) if guarded else []
    for blob in blobs:
        found += _settings(blob, places, known) if guarded else []
        found += checker_finds(blob.path, _text(blob.before), _text(blob.after))
        found += config.planted(blob.path, known) if blob.before is None else []
        found += _shaped(blob, read, places)
    return found


@dataclass
class Read:
    """What the files hold, by side and path."""

    tests: dict[str, dict[str, Module]] = field(default_factory=lambda: {"before": {}, "after": {}})
    shapes: dict[str, dict[str, dict[str, Any]]] = field(default_factory=lambda: {"before": {}, "after": {}})

    def add(self, path: str, kind: str, side: str, told: dict[str, Any], places: Places) -> None:
        """Keep one answer. A file of helpers has no tests, and helpers of a test file count where they are called."""
        if kind == "shape":
            self.shapes[side][path] = told
            return
        one = module_of(told)
        if places.role(path) is Role.TEST:
            self.tests[side][path] = replace(one, helpers=())
        else:
            self.tests[side][path] = Module(helpers=one.helpers, wrong=one.wrong)


def _read(blobs: Sequence[Blob], places: Places, ask: Ask) -> Read:
    asked = [
        (blob.path, kind, side, data)
        for blob in blobs
        for kind in _kinds(places, blob.path)
        for side, data in (("before", blob.before), ("after", blob.after))
        if data is not None
    ]
    read = Read()
    told = ask([(kind, data) for _, kind, _, data in asked])
    for (path, kind, side, _), one in zip(asked, told, strict=True):
        read.add(path, kind, side, one, places)
    return read


def _kinds(places: Places, path: str) -> list[str]:
    role = places.role(path)
    if path.endswith("conftest.py"):
        return ["shape"]
    kinds = [reader(path)] if role in {Role.TEST, Role.HELPER} else []
    return [*kinds, "shape"] if path.endswith(".py") and role is not Role.TEST else kinds


def _settings(blob: Blob, places: Places, known: frozenset[str]) -> Iterator[Find]:
    before, after = _text(blob.before), _text(blob.after)
    if is_settings(blob.path):
        yield from config.settings_finds(blob.path, before, after)
    elif places.role(blob.path) is Role.DATA and before is not None:
        said = "what tests compare with " + ("changed" if after is not None else "is gone")
        yield Find(blob.path, 0, "expected_data", blob.path, said, wants="file")
    folder, _, name = blob.path.rpartition("/")
    beside = (path for path in known if path.startswith(f"{folder}/") and places.role(path) is Role.TEST)
    if name == "__init__.py" and after is None and any(beside):
        yield Find(blob.path, 0, "config_changed", blob.path, "without it the tests beside it may not be found")


def _text(data: bytes | None) -> str | None:
    return None if data is None else data.decode("utf-8-sig", "replace")


def _shaped(blob: Blob, read: Read, places: Places) -> Iterator[Find]:
    """Conftests, and code that is no test but reaches for the runner."""
    before, after = read.shapes["before"].get(blob.path), read.shapes["after"].get(blob.path)
    if blob.path.endswith("conftest.py"):
        yield from config.conftest_finds(blob.path, before, after)
    elif places.role(blob.path) is not Role.TEST:
        yield from config.reach_finds(blob.path, before, after)
