"""run_tests: failures first, with assertion and place, then the counts."""

from __future__ import annotations

import re

from ai.tools.limits import OUTPUT_CHARS
from jobs.checks.result import Case, CaseStatus, CheckResult, Status
from jobs.checks.tests import run_tests as check
from jobs.tools.paths import Mistake
from jobs.tools.session import ToolSession

_PLACE = re.compile(r"^(\S+\.\w+):(\d+): ", re.M)
_SHOWN = 10
_DETAIL = 1_200


def run_tests(session: ToolSession, selection: object = None) -> str:
    """Runs the selection, or everything, as the checks do. Raises Mistake."""
    if selection is not None and not isinstance(selection, str):
        raise Mistake("`selection` has to be a text such as tests/test_a.py::test_b; leave it out for the whole suite.")
    plan = session.tests()
    if plan.kind == "none":
        raise Mistake("This repository has no tests that could be found. Use run to check your work, or write tests.")
    chosen = (selection or "").strip()
    if chosen.startswith("-"):
        raise Mistake("`selection` names tests, not options. Use run for a command with options.")
    result = check(session.box, plan, selection=chosen, cancel=session.cancel)
    session.workspace.purge()
    return answer(result, chosen)


def answer(result: CheckResult, selection: str = "") -> str:
    """The text for the model. Pure."""
    report = result.tests
    parts = []
    if report:
        bad = [case for case in report.cases if case.bad]
        parts += [_case(case) for case in bad[:_SHOWN]]
        if len(bad) > _SHOWN:
            parts.append("also failing: " + ", ".join(case.id for case in bad[_SHOWN : _SHOWN + 40]))
    if not report or (report.failed and not report.cases) or (result.status is Status.FAILED and not report.failed):
        parts.append(_cut(result.tail))
    state = "PASSED" if result.status is Status.PASSED else "FAILED"
    parts.append(f"{state}: {result.summary} (exit status {result.exit_code}, {result.seconds:.1f} s)")
    parts.append(f"command: {result.command}" + ("" if selection else " (the whole suite)"))
    return "\n".join(part for part in parts if part)


def _case(case: Case) -> str:
    place = _PLACE.findall(case.detail)
    where = f" at {place[-1][0]}:{place[-1][1]}" if place else ""
    word = "ERROR" if case.status is CaseStatus.ERROR else "FAIL"
    detail = case.detail.strip() or case.message.strip()
    return f"{word} {case.id}{where}\n{case.message.strip()}\n{_tail(detail)}\n"


def _tail(text: str) -> str:
    return text if len(text) <= _DETAIL else f"[...]\n{text[-_DETAIL:]}"


def _cut(text: str) -> str:
    return text.strip()[-OUTPUT_CHARS // 2 :]
