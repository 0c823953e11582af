"""The plan's measurable criteria (spec 5), judged with the last step: comparisons over what the checks before measured,
typed conditions on the tree. Time is known to the report only.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from jobs.checks.conditions import Ground, Verdict, verdict
from jobs.checks.result import CheckResult, Layer, Status
from jobs.checks.scene import Scene
from state.plan.measurable import CRITERIA, OPERATORS, Comparison, named, parse
from state.plan.model import Condition

IN_THE_REPORT = "duration.seconds"


def judge(scene: Scene) -> Iterator[CheckResult]:
    """One result for each criterion that a machine can judge now; nothing before the last step."""
    ground = Ground(scene.box, scene.tests, scene.cancel)
    for text in dict.fromkeys(one.measurable for one in scene.plan.criteria) if scene.plan and scene.final else ():
        measure = parse(text)
        if isinstance(measure, Condition):
            yield _told(text, verdict(measure, ground))
        elif measure is not None and measure.name != IN_THE_REPORT:
            yield compare(text, measure, scene.so_far)


def _told(text: str, found: Verdict) -> CheckResult:
    said = named(text, found.summary)
    shown = (found.command, found.exit_code, found.seconds, found.tail)
    return CheckResult(CRITERIA, Layer.IMPORTANT, found.status, said, *shown, reason=CRITERIA)


def compare(text: str, measure: Comparison, results: Sequence[CheckResult]) -> CheckResult:
    """The comparison with the number that a check measured, and that check's command as its evidence. Pure."""
    source = next((one for one in results if measure.name in numbers(one)), None)
    if source is None:
        return CheckResult(CRITERIA, Layer.IMPORTANT, Status.NOT_RUN, named(text, f"{measure.name} was not measured"))
    number = numbers(source)[measure.name]
    holds = OPERATORS[measure.operator](number, measure.number)
    return CheckResult(
        CRITERIA,
        Layer.NICE if not holds and _as_before(source) else Layer.IMPORTANT,
        Status.PASSED if holds else Status.FAILED,
        named(text, f"it is {number:g}"),
        source.command,
        source.exit_code,
        source.seconds,
        tail="" if holds else source.tail,
        reason=CRITERIA,
        measured={measure.name: number},
    )


def _as_before(source: CheckResult) -> bool:
    """Tests that failed at the base too are no fault of this task: told as not met, and no reason to try again."""
    return source.name == "tests" and source.status is Status.PASSED


def numbers(result: CheckResult) -> dict[str, float]:
    """What a check measured, by the names of criteria."""
    found = dict(result.measured)
    if result.name == "tests" and result.tests is not None:
        found.setdefault("tests.failed", float(result.tests.failed))
        if result.exit_code is not None:
            found.setdefault("test_suite.exit_code", float(result.exit_code))
    return found
