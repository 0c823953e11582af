"""Known vulnerabilities of what the task added or moved to another version; nothing is asked where it added nothing."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence

from jobs.checks.audit_indexes import Advisory, Silent, ask_npm, ask_pypi
from jobs.checks.audit_versions import Package, added_packages, resolved
from jobs.checks.result import CheckResult, Finding, Layer, Status
from jobs.checks.scene import Scene
from jobs.setup.indexes import host_indexes
from state.errors import Told

NAME = "audit"
MOST = 300
Ask = Callable[[Sequence[Package]], Mapping[Package, Sequence[Advisory]]]


def judge(scene: Scene) -> Iterator[CheckResult]:
    """The task's own additions; nothing where the base itself is looked at."""
    if scene.plan is None:
        return
    named = added_packages(scene.before, scene.now, [change.path for change in scene.since_base])
    if not named:
        yield _result(Status.PASSED, "no new dependency")
        return
    packages, unknown = resolved(named, scene)
    yield audited(packages, unknown, adapters())


def adapters() -> Mapping[str, Ask]:
    """Who is asked for which kind of package: only the indexes of this machine's settings."""
    try:
        indexes = host_indexes(os.environ)
    except Told:
        return {}
    return {
        "python": lambda packages: ask_pypi(indexes, packages),
        "npm": lambda packages: ask_npm(indexes, packages),
    }


def audited(packages: Sequence[Package], unknown: Sequence[str], ask: Mapping[str, Ask]) -> CheckResult:
    """The verdict on packages of known versions. A package that nobody answers for makes it `not run`, unless another
    one is known to be bad.
    """
    silent = [f"which version of {', '.join(unknown[:5])} is used is written nowhere"] if unknown else []
    if len(packages) > MOST:
        silent.append(f"{len(packages) - MOST} of {len(packages)} packages were not asked for")
    found: list[Finding] = []
    for kind in dict.fromkeys(one.kind for one in packages):
        try:
            found += _asked(kind, [one for one in packages[:MOST] if one.kind == kind], ask)
        except Silent as why:
            silent.append(str(why))
    if found:
        said = f"{len(found)} known vulnerabilities in new dependencies: take a version that has none"
        tail = "\n".join(map(str, found[:20]))
        return _result(Status.FAILED, "; ".join([said, *silent]), tail, tuple(found))
    if silent:
        return _result(Status.NOT_RUN, "; ".join(silent))
    return _result(Status.PASSED, f"{len(packages)} new or changed packages, no known vulnerability")


def _asked(kind: str, packages: Sequence[Package], ask: Mapping[str, Ask]) -> list[Finding]:
    """What is known against packages of one kind. Raises Silent."""
    if kind not in ask:
        raise Silent(f"there is nobody to ask about {kind} packages ({', '.join(one.name for one in packages[:5])})")
    answers = ask[kind](packages)
    return [_finding(one, advisory) for one in packages for advisory in answers.get(one, ())]


def _finding(package: Package, advisory: Advisory) -> Finding:
    mended = f"; mended in {advisory.mended}" if advisory.mended else ""
    message = f"{package.name} {package.version}: {advisory.summary}{mended}"
    return Finding(package.path, package.line, advisory.id, message)


def _result(status: Status, summary: str, tail: str = "", findings: tuple[Finding, ...] = ()) -> CheckResult:
    measured = {} if status is Status.NOT_RUN else {"audit.new": float(len(findings))}
    return CheckResult(NAME, Layer.IMPORTANT, status, summary, tail=tail, findings=findings, measured=measured)
