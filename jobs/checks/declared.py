"""Dependencies: none that nobody approved, and none that is used without being declared."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from jobs.checks import declared_ecma, declared_python
from jobs.checks.result import CheckResult, Finding, Layer, Status
from jobs.checks.scene import Scene
from jobs.setup.additions import plain, unapproved
from jobs.setup.node import json_object
from jobs.setup.python import REQUIREMENTS
from jobs.setup.source import Source
from jobs.setup.tables import toml

NAME, REASON = "declared", "dependency"
BACKENDS = frozenset(
    {"setuptools", "wheel", "hatchling", "flit-core", "poetry-core", "pdm-backend", "setuptools-scm", "hatch-vcs"}
)
"""What builds a package and is part of no program."""
_ITSELF = re.compile(r"((-e|--editable)[\s=]*)?\.(\[[\w,-]+\])?")
_FILE = re.compile(r"(?:-r|--requirement)[\s=]*(\S+)")


def judge(scene: Scene) -> Iterator[CheckResult]:
    """What the task adds, against the base commit and the approved plan; nothing where the base is looked at."""
    if scene.plan is None:
        return
    approved = [one.package for one in scene.plan.dependencies]
    held = added(scene.before, scene.now, approved)
    own = own_packages(scene.now) | {plain(name) for name in approved}
    used = () if held else (*declared_python.undeclared(scene, own), *declared_ecma.undeclared(scene, own))
    yield verdict(held, used)


def verdict(held: Sequence[str], used: Sequence[Finding]) -> CheckResult:
    """The verdict on names that nobody approved and imports that nothing declares. Pure."""
    if held:
        said = (
            f"not approved with the plan: {', '.join(held[:10])}. Take the dependency out again and do without it; if "
            "the step cannot be done so, say in `done` which package it needs and why, for the plan to name it"
        )
        return CheckResult(NAME, Layer.CRITICAL, Status.FAILED, said, tail="\n".join(held), reason=REASON)
    if used:
        said = (
            f"{len(used)} imports of packages that no manifest declares: use what is declared, or the standard library"
        )
        tail = "\n".join(map(str, used[:20]))
        return CheckResult(NAME, Layer.CRITICAL, Status.FAILED, said, tail=tail, findings=tuple(used), reason=REASON)
    said = "no dependency that was neither there before nor approved, and no import that nothing declares"
    return CheckResult(NAME, Layer.CRITICAL, Status.PASSED, said, reason=REASON)


def added(base: Source, now: Source, approved: Iterable[str]) -> tuple[str, ...]:
    """What was added and nobody approved; the repository's own packages and what only builds them left out. Pure."""
    own = own_packages(now) | BACKENDS
    return tuple(name for name in unapproved(base, now, approved) if name not in own and not _read_too(name, now))


def own_packages(source: Source) -> set[str]:
    """Names of the packages that the repository itself holds."""
    found = set()
    for path in source.paths:
        if path.rpartition("/")[2] == "package.json" and "node_modules/" not in path:
            found.add(plain(str(json_object(source.read(path)).get("name", ""))))
        elif path.rpartition("/")[2] == "pyproject.toml":
            project = toml(source.read(path)).get("project", {})
            found.add(plain(str(project.get("name", "")) if isinstance(project, dict) else ""))
    return found - {""}


def _read_too(line: str, now: Source) -> bool:
    """Whether this is `-r base.txt`, and that file was read as well; or `-e .`, the repository itself."""
    if _ITSELF.fullmatch(line):
        return True
    found = _FILE.fullmatch(line)
    places = (found[1], f"requirements/{found[1]}") if found else ()
    return any(path in now.paths and REQUIREMENTS.fullmatch(path) for path in places)
