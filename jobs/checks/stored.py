"""Verdicts of checks as they are stored with steps and attempts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from jobs.checks.result import CheckResult

FINDINGS, TAIL = 50, 2000


def check_json(result: CheckResult) -> dict[str, object]:
    """A check's verdict as it is stored: without the cases, with the first findings and the end of the output."""
    cut = {"tests": None, "tail": result.tail[-TAIL:], "detail": result.summary}
    return asdict(result) | cut | {"findings": [asdict(one) for one in result.findings[:FINDINGS]]}


def counts_json(results: Sequence[CheckResult]) -> dict[str, object]:
    """Counts of the test run among the results; empty where no test ran."""
    found = next((one for one in results if one.name == "tests" and one.tests is not None), None)
    if found is None or found.tests is None:
        return {}
    report_ = found.tests
    counted = {name: getattr(report_, name) for name in ("total", "passed", "failed", "skipped")}
    counted |= {"flaky": list(found.flaky)} if found.flaky else {}
    return {**counted, "command": found.command, "exit_code": found.exit_code, "seconds": round(found.seconds, 2)}
