"""How tests and checks stood at the base commit: measured once per repository, commit and environment, then kept.

    REPOS_PATH/baselines/<repository id>/<digest>.json

The digest covers all that decides the outcome: the commit, the configuration, the environment, our programs and the
code of the checks themselves. A file that cannot be read is measured anew. A run that was stopped is not kept.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from jobs.checks.programs import Programs
from jobs.checks.result import Case, CaseStatus, CheckResult, Finding, Status, TestReport
from jobs.checks.scene import Scene
from jobs.checks.table import TABLE
from jobs.checks.tests import Baseline, take_baseline
from jobs.checks.verdict import Judge
from jobs.checks.verdict import open_box as opened
from jobs.git.hygiene import remove_tree
from jobs.git.mirror import Mirror
from jobs.git.workspace import checkout
from jobs.sandbox.limits import Limits
from jobs.setup.config import RepoConfig
from jobs.setup.environment import Environment

KEPT = 50
TASK_BYTES = 1_000_000
MAX_BYTES = 64 * 1024 * 1024
EMPTY = Baseline(None, False)
_COUNTS = ("total", "passed", "failed", "skipped")


@dataclass(frozen=True)
class Ground:
    """What a baseline is measured on. `kind` is the sandbox's."""

    mirror: Mirror
    commit: str
    config: RepoConfig
    environment: Environment
    kind: str = "bwrap"
    programs: Programs | None = None
    cancel: Callable[[], bool] | None = None

    @property
    def key(self) -> str:
        """The digest of all that decides the outcome."""
        folder = self.environment.folder
        parts = (
            *(str(self.mirror.repo_id), self.commit, self.config.model_dump_json(), self.kind),
            *(self.environment.kind, folder.parent.name if folder else "", json.dumps(self.environment.env)),
            *(self.programs.folder.name if self.programs else "", _rules()),
        )
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def baseline_at(ground: Ground, folder: Path) -> tuple[Baseline, CheckResult]:
    """Measured on a fresh checkout in `folder`, which is removed."""
    checkout(ground.mirror, ground.commit, folder)
    try:
        with opened(folder, ground.environment, ground.kind, Limits()) as box:
            judge = Judge(
                ground.mirror,
                ground.config,
                ground.environment,
                ground.commit,
                EMPTY,
                kind=ground.kind,
                cancel=ground.cancel,
                programs=ground.programs,
            )
            return _measured(judge.scene(box, ground.commit))
    finally:
        remove_tree(folder)


def _measured(scene: Scene) -> tuple[Baseline, CheckResult]:
    """The findings first: what tests leave behind in the tree is nothing of the commit's."""
    findings = {check.name: check.find(scene).findings for check in TABLE if check.find is not None}
    baseline, tests = take_baseline(scene.box, scene.tests, scene.config.test_seconds, scene.cancel)
    return Baseline(baseline.report, baseline.usable, baseline.why, findings, tests.seconds), tests


def baseline_of(ground: Ground, folder: Path, known: Mapping[str, Any]) -> tuple[Baseline, dict[str, Any] | None]:
    """The baseline out of what the task keeps (`known`), out of the file, or measured now in `folder`; and what the
    task has to keep from now on, None where it is the same.
    """
    if known.get("key") == ground.key and (found := _usable(known)) is not None:
        return found, None
    place = ground.mirror.repos / "baselines" / str(ground.mirror.repo_id) / f"{ground.key}.json"
    values = _read(place)
    if values.get("key") == ground.key and (found := _usable(values)) is not None:
        return found, _for_task(values)
    baseline, tests = baseline_at(ground, folder)
    values = {"key": ground.key, **baseline_to(baseline, tests, ground.commit)}
    if ground.cancel is not None and ground.cancel():
        return baseline, None
    _write(place, values)
    return baseline_from(values), _for_task(values)


def _for_task(values: dict[str, Any]) -> dict[str, Any]:
    """The whole of it, or its counts where it is big: then the file is what counts."""
    if len(json.dumps(values)) <= TASK_BYTES:
        return values
    return values | {"key": "", "cases": [], "findings": {}}


def baseline_to(baseline: Baseline, check: CheckResult, commit: str) -> dict[str, Any]:
    """JSON values of a baseline."""
    report = baseline.report
    counts = {} if report is None else {name: getattr(report, name) for name in _COUNTS}
    return {
        "commit": commit,
        "usable": baseline.usable,
        "why": baseline.why,
        "cases": [[case.id, case.status.value] for case in report.cases] if report else [],
        "findings": {
            name: [[one.path, one.line, one.code, one.message] for one in found]
            for name, found in baseline.findings.items()
        },
        "seconds": round(baseline.seconds, 2),
        "command": check.command,
        "exit_code": check.exit_code,
        "ran": check.status is not Status.NOT_RUN,
        **counts,
    }


def baseline_from(known: Mapping[str, Any]) -> Baseline:
    """The baseline out of its JSON values. Raises KeyError, TypeError, ValueError where they are none."""
    findings = {
        str(name): tuple(Finding(str(path), int(line), str(code), str(message)) for path, line, code, message in rows)
        for name, rows in known["findings"].items()
    }
    report = None
    if "total" in known:
        total, passed, failed, skipped = (int(known[name]) for name in _COUNTS)
        cases = tuple(Case(str(name), CaseStatus(status)) for name, status in known["cases"])
        report = TestReport(total, passed, failed, skipped, cases)
    return Baseline(report, bool(known["usable"]), str(known["why"]), findings, float(known["seconds"]))


def _usable(known: Mapping[str, Any]) -> Baseline | None:
    try:
        return baseline_from(known)
    except (KeyError, TypeError, ValueError, AttributeError):
        return None


def _read(place: Path) -> dict[str, Any]:
    try:
        if place.stat().st_size > MAX_BYTES:
            return {}
        found = json.loads(place.read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _write(place: Path, values: Mapping[str, Any]) -> None:
    """Whole or not at all, for the service alone; the oldest of many go."""
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    place.parent.parent.chmod(0o700)
    handle, name = tempfile.mkstemp(dir=place.parent, prefix="half-")
    try:
        with os.fdopen(handle, "w") as file:
            json.dump(values, file)
        Path(name).replace(place)
    finally:
        Path(name).unlink(missing_ok=True)
    dated = []
    for one in place.parent.iterdir():
        with suppress(OSError):
            dated.append((one.stat().st_mtime, one))
    for _, one in sorted(dated, reverse=True)[KEPT:]:
        one.unlink(missing_ok=True)


@cache
def _rules() -> str:
    """The code of the checks: what another version found is not compared with."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.rglob("*.py")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()
