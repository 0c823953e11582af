"""A check as a table row: its own verdict, or findings of which only the new ones count."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from jobs.checks.result import CheckResult, Finding, Found, Layer, Status
from jobs.checks.scene import Scene
from jobs.git.changes import Change

TOLD = 20


@dataclass(frozen=True)
class Check:
    """One row. Exactly one of three is given:

    `judge` compares for itself. `find` looks at a whole tree with a program; it is asked once at the base commit too.
    `look` reads the changed files in both states, and gives both: what is there now, and what was there.
    """

    name: str
    layer: Layer
    judge: Callable[[Scene], Iterable[CheckResult]] | None = None
    find: Callable[[Scene], Found] | None = None
    look: Callable[[Scene], tuple[Found, Sequence[Finding]]] | None = None

    def results(self, scene: Scene) -> Iterator[CheckResult]:
        """What it says of a scene."""
        if self.judge is not None:
            yield from self.judge(scene)
        elif self.find is not None:
            yield compared(self, self.find(scene), moved(_known(self, scene), scene.since_base))
        elif self.look is not None:
            yield compared(self, *self.look(scene))


def compared(check: Check, found: Found, known: Sequence[Finding]) -> CheckResult:
    """The verdict on findings: only those that the base commit does not have count."""
    if found.not_run:
        return _result(check, Status.NOT_RUN, found.not_run, found)
    new, fixed = new_findings(found.findings, known), len(new_findings(known, found.findings))
    status = Status.FAILED if new else Status.PASSED
    gone = f"; {fixed} that were there before are gone" if fixed else ""
    old = len(found.findings) - len(new)
    before = f"; {old} were there before" if old else ""
    said = f"{len(new)} new problem{'s' * (len(new) > 1)}" if new else "no new problem"
    return _result(check, status, f"{said}{before}{gone}", found, tuple(new), fixed)


def moved(known: Sequence[Finding], changes: Iterable[Change]) -> Sequence[Finding]:
    """What is known of a deleted file is known of the one that its content went to: the same name elsewhere, or the
    only one that was created.
    """
    changes = tuple(changes)
    created = [one.path for one in changes if one.what == "created"]
    places = {}
    for gone in (one.path for one in changes if one.what == "deleted"):
        name = gone.rpartition("/")[2]
        there = [path for path in created if path.rpartition("/")[2] == name] or created
        if len(there) == 1:
            places[gone] = there[0]
    return [replace(one, path=places.get(one.path, one.path)) for one in known]


def new_findings(now: Iterable[Finding], before: Iterable[Finding]) -> list[Finding]:
    """Those of `now` that `before` does not hold as often."""
    left = Counter(one.identity for one in before)
    found = []
    for one in now:
        if left[one.identity]:
            left[one.identity] -= 1
        else:
            found.append(one)
    return found


def _known(check: Check, scene: Scene) -> Sequence[Finding]:
    return scene.baseline.findings.get(check.name, ())


def _result(
    check: Check, status: Status, summary: str, found: Found, new: tuple[Finding, ...] = (), fixed: int = 0
) -> CheckResult:
    shown = "\n".join(str(one) for one in new[:TOLD])
    return CheckResult(
        check.name,
        check.layer,
        status,
        summary,
        command=found.command,
        exit_code=found.exit_code,
        seconds=found.seconds,
        tail=shown or found.tail,
        findings=new,
        fixed=fixed,
        measured={**found.measured, f"{check.name}.new": float(len(new))} if status is not Status.NOT_RUN else {},
    )
