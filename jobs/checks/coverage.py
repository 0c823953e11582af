"""How much of the code the tests run: told, and a reason to refuse a step only where plan or configuration says so.

The number comes out of a process in which the code under test runs too, so that code could forge it. No other
verdict rests on it.

It costs a second run of the tests. So it is measured with the task's last step only, on the checkout that has the last
word (before it too where the plan asks for a number), and not at all where the tests are slow and nobody asks.
"""

from __future__ import annotations

import json
import re
import secrets
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from jobs.checks.junit import ReportMissing, plain_bytes
from jobs.checks.programs import INSIDE
from jobs.checks.result import CheckResult, Layer, Status
from jobs.checks.scene import Scene
from jobs.sandbox.layout import TMP
from jobs.sandbox.limits import Result
from jobs.setup.node import json_object
from jobs.setup.source import Source
from jobs.setup.tables import toml
from state.plan.measurable import Comparison, parse

NAME, MEASURED = "coverage", "coverage.percent"
TARGET = 80.0
QUICK = 60.0
_PYTHON = re.compile(r"^(?:\S*python3?\s+-m\s+)?(?P<module>pytest|py\.test|unittest)(?P<rest>(\s[^|;&<>`$]*)?)$")
_SCRIPT = re.compile(r"^\S*python3?\s+(?P<script>[\w./-]+\.py[^|;&<>`$]*)$")
_ALL_FILES = re.compile(r"(?mi)^\W*all files\s*\|\s*(?P<percent>\d{1,3}(?:\.\d+)?)\s*\|")
_OMIT = "tests/*,test/*,*/tests/*,test_*.py,*/test_*.py,*_test.py,conftest.py,*/conftest.py,setup.py,docs/*"


@dataclass(frozen=True)
class Run:
    """How it is measured: `shown` is what a person types, `ready` comes before it. `report` names the JSON that is
    written, empty where the number is printed.
    """

    shown: str
    ready: str = ""
    report: str = ""


def judge(scene: Scene) -> Iterator[CheckResult]:
    """One result with the last step, none before."""
    if not scene.final or not (scene.fresh or asked(scene)):
        return
    name = f"coverage-{secrets.token_hex(8)}.json"
    run = way(scene, name)
    if run is None:
        yield _told(Status.NOT_RUN, "not measured: there is no tool for it that fits how the tests run")
    elif not asked(scene) and scene.baseline.seconds > QUICK:
        yield _told(Status.NOT_RUN, f"not measured: the tests take {scene.baseline.seconds:.0f} s")
    else:
        yield _measured(scene, run, name)


def asked(scene: Scene) -> bool:
    """Whether the plan or the configuration wants a number."""
    if NAME in scene.config.blocking:
        return True
    if scene.plan is None:
        return False
    measures = (parse(one.measurable) for one in scene.plan.criteria)
    named = any(isinstance(one, Comparison) and one.name == MEASURED for one in measures)
    return named or scene.plan.coverage_target is not None


def _measured(scene: Scene, run: Run, name: str) -> CheckResult:
    command = f"{run.ready} && {{ {run.shown}; }}" if run.ready else run.shown
    result = scene.box.run(command, timeout=scene.config.test_seconds, cancel=scene.cancel, show=400_000)
    percent = _percent(scene, result, name if run.report else "")
    typed = run.shown.replace(run.report, "coverage.json").replace(run.report.removesuffix(".json"), ".coverage")
    shown = (typed if run.report else run.shown, result.exit_code, result.seconds)
    if percent is None:
        said = "not measured: the tests left no number"
        return replace(_told(Status.NOT_RUN, said), command=shown[0], exit_code=shown[1], tail=result.output[-2000:])
    target = scene.plan.coverage_target if scene.plan else None
    goal = TARGET if target is None else float(target)
    status = Status.PASSED if percent >= goal else Status.FAILED
    said = f"the tests run {percent:.1f} % of the lines (wanted: {goal:g} %)"
    layer = Layer.NICE if target is None else Layer.IMPORTANT
    return CheckResult(NAME, layer, status, said, *shown, measured={MEASURED: round(percent, 1)})


def _told(status: Status, said: str) -> CheckResult:
    return CheckResult(NAME, Layer.NICE, status, said)


def _percent(scene: Scene, result: Result, name: str) -> float | None:
    """Percent out of the report, or out of what was printed."""
    if not name:
        found = _ALL_FILES.findall(result.output)
        return _sane(found[-1]) if found else None
    path = scene.box.scratch / "tmp" / name
    try:
        return _sane(json.loads(plain_bytes(path))["totals"]["percent_covered"])
    except (ReportMissing, ValueError, KeyError, TypeError, RecursionError):
        return None
    finally:
        path.unlink(missing_ok=True)


def _sane(value: object) -> float | None:
    number = float(str(value))
    return number if 0 <= number <= 100 else None


def way(scene: Scene, name: str) -> Run | None:
    """The repository's own tool, else pytest-cov or coverage.py of its environment, else ours; None where none fits."""
    command = " ".join(scene.tests.command.split())
    if scene.tests.kind == "node":
        return Run(f"{command} --experimental-test-coverage")
    own = _npm(scene.now) if not scene.tests.configured and command.startswith("npm ") else None
    return own or _coverage(scene, command, name)


def _npm(source: Source) -> Run | None:
    scripts = json_object(source.read("package.json")).get("scripts", {})
    if not isinstance(scripts, dict):
        return None
    if isinstance(scripts.get("coverage"), str):
        return Run("npm run --silent coverage")
    test = str(scripts.get("test", ""))
    counts = re.search(r"\b(jest|vitest)\b", test) and not re.search(r"[|;&]|--coverage", test)
    return Run("npm test --silent -- --coverage") if counts else Run("npm test --silent") if "c8 " in test else None


def _coverage(scene: Scene, command: str, name: str) -> Run | None:
    module, script = _PYTHON.match(command), _SCRIPT.match(command)
    if module is None and script is None:
        return None
    report = _place(scene, name)
    if module is not None and module["module"] != "unittest" and _has(scene, "pytest_cov"):
        return Run(f"{command} -p no:cacheprovider --cov --cov-report=json:{report}", report=report)
    what = _typed(module, script)
    data = report.removesuffix(".json")
    scope = "" if _configured(scene.now) else f" --source=. --omit={shlex.quote(_OMIT)}"
    run = f"python3 -m coverage run --data-file={data}{scope} {what}"
    shown = f"{run}; python3 -m coverage json --data-file={data} -o {report}"
    if _has(scene, "coverage"):
        return Run(shown, report=report)
    return Run(shown, _ours(scene, f"{data}-lib"), report) if scene.programs is not None else None


def _typed(module: re.Match[str] | None, script: re.Match[str] | None) -> str:
    """What stands after `coverage run`."""
    if module is not None:
        return f"-m {module['module'].replace('.', '')}{module['rest']}"
    return script["script"] if script is not None else ""


def _ours(scene: Scene, folder: str) -> str:
    """Nothing of our programs but coverage.py gets into the path of the tests."""
    assert scene.programs is not None
    lib = f"{INSIDE if scene.box.kind == 'bwrap' else scene.programs.folder}/lib/coverage"
    return f"mkdir {folder} && ln -s {lib} {folder}/coverage && export PYTHONPATH={folder}${{PYTHONPATH:+:$PYTHONPATH}}"


def _place(scene: Scene, name: str) -> str:
    return f"{TMP}/{name}" if scene.box.kind == "bwrap" else str(scene.box.scratch / "tmp" / name)


def _has(scene: Scene, package: str) -> bool:
    folder: Path | None = scene.environment.folder
    return folder is not None and any(folder.glob(f"lib/python3*/site-packages/{package}/__init__.py"))


def _configured(source: Source) -> bool:
    sections = "\n".join(source.read(name) or "" for name in ("setup.cfg", "tox.ini"))
    own = "coverage" in toml(source.read("pyproject.toml")).get("tool", {})
    return own or ".coveragerc" in source.paths or "[coverage:" in sections
