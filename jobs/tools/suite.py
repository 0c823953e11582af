"""The run_tests tool, and a run of the tests as text: failures first, then counts."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from ai.port import Json
from ai.tools.limits import OUTPUT_CHARS
from jobs.checks.result import Case, CheckResult, Status
from jobs.checks.testplan import TestPlan
from jobs.checks.tests import Baseline, run_tests
from jobs.sandbox.box import Sandbox
from jobs.tools.content import showable
from jobs.tools.errors import Refused
from jobs.tools.names import clean
from jobs.tools.nearest import missing
from jobs.tools.ports import TestRunner, TestsSaid
from jobs.tools.trees import Tree

FAILURES: Final = 10
DETAIL: Final = 1_200
NAMED: Final = 30
TAIL: Final = 3_000
SECONDS: Final = 600.0
_PLACE = re.compile(r"^(?:File \")?([\w./-]+\.\w+)[:\",](?: line )?\s?(\d+)", re.M)
_FILE = re.compile(r"[\w./-]+\.(?:py|js|mjs|cjs|ts|tsx|jsx)")


def tests(tree: Tree, runner: TestRunner, args: Json) -> str:
    """Runs the selection, or everything."""
    selection = " ".join(str(args.get("selection") or "").split())
    if selection:
        _sensible(tree, selection)
    said = runner.run(selection or None)
    return capped(said.text)


def _sensible(tree: Tree, selection: str) -> None:
    """Raises Refused for options, and for a file that is not there."""
    if selection.startswith("-") or " -" in selection:
        raise Refused(
            f"`{selection}` holds an option. Give only test files, folders or ids, such as `tests/test_a.py::test_b`; "
            "for other options use run."
        )
    for each in selection.split():
        name = each.partition("::")[0]
        if "/" not in name and not _FILE.fullmatch(name):
            continue
        path = clean(name)
        if tree.kind(path) is None:
            raise Refused(missing(path, tree.paths()))


def capped(text: str) -> str:
    """Head and tail, so that failures and counts both stay."""
    if len(text) <= OUTPUT_CHARS:
        return text
    half = OUTPUT_CHARS // 2
    left = f"[... {len(text) - 2 * half} characters left out; select one test to see all of it ...]"
    return f"{text[:half]}\n{left}\n{text[-half:]}"


@dataclass(frozen=True)
class SandboxTests:
    """The tests as `jobs.checks` runs them. `baseline`: how they stood before, so that old failures are named."""

    box: Sandbox
    plan: TestPlan
    baseline: Baseline | None = None
    seconds: float = SECONDS
    cancel: Callable[[], bool] | None = None

    def run(self, selection: str | None) -> TestsSaid:
        found = run_tests(
            self.box,
            self.plan,
            selection=selection or "",
            baseline=self.baseline,
            seconds=self.seconds,
            cancel=self.cancel,
        )
        known = self.baseline.failing if self.baseline else frozenset()
        return TestsSaid(run_text(found, known), found.status is not Status.FAILED)


def run_text(found: CheckResult, known: frozenset[str] = frozenset()) -> str:
    """Failures with assertion and place, new ones first, then counts and how it was run. Pure."""
    cases = [case for case in found.tests.cases if case.bad] if found.tests else []
    ordered = sorted(cases, key=lambda case: case.id in known)
    parts = [_case(case, case.id in known) for case in ordered[:FAILURES]]
    parts += _also_failed([case.id for case in ordered[FAILURES:]])
    if found.status is not Status.PASSED and found.tail and not any(map(_says_why, cases)):
        parts.append(f"The end of the output:\n{found.tail[-TAIL:].rstrip()}")
    parts.append(_counts(found))
    if found.command:
        parts.append(f"Run as: {found.command}")
    return "\n\n".join(parts)


def _says_why(case: Case) -> bool:
    return bool(case.message or case.detail)


def _also_failed(ids: list[str]) -> list[str]:
    more = f" and {len(ids) - NAMED} more" if len(ids) > NAMED else ""
    return [f"Also failed: {', '.join(ids[:NAMED])}{more}."] if ids else []


def _counts(found: CheckResult) -> str:
    words = {Status.PASSED: "passed", Status.FAILED: "FAILED", Status.NOT_RUN: "not run"}
    code = f", exit status {found.exit_code}" if found.exit_code is not None else ""
    return f"Tests {words[found.status]}: {found.summary}{code}, {found.seconds:.1f} s."


def _case(case: Case, known: bool) -> str:
    place = _place(case)
    head = f"FAILED {case.id}{f' at {place}' if place else ''}{' (it failed before this task too)' if known else ''}"
    message = showable(case.message.strip(), DETAIL)
    detail = case.detail.strip()
    if len(detail) > DETAIL:
        detail = f"[...]\n{detail[-DETAIL:]}"
    return "\n".join(part for part in (head, message, "" if detail == message else detail) if part)


def _place(case: Case) -> str:
    found = _PLACE.findall(case.detail)
    return f"{found[-1][0]}:{found[-1][1]}" if found else ""
