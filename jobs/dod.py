"""What the stored checks show: Definition of Done, criteria, new and fixed problems, the commands to see it again. Pure
functions of stored JSON; texts come from `ghapp.say`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib.metadata import version
from typing import Any

from ghapp.say.facts import CriterionResult, Finding
from jobs.setup.by_hand import ACTIVATE, VENV
from state.lifecycle import StepStatus
from state.plan.dod import DoneItem, Evidence, Proof, Verdict, done_items, proof
from state.plan.dod_table import CRITICAL, IMPORTANT
from state.plan.measurable import CRITERIA, OPERATORS, Comparison, named, parse
from state.plan.model import Criterion
from state.store.steps import StepRecord

TIME = "duration.seconds"
SPECIAL = "special_case"
COVERAGE = "coverage.percent"
Checks = Sequence[Mapping[str, Any]]


def items_of(records: Sequence[StepRecord], branch: str) -> tuple[DoneItem, ...]:
    """The Definition of Done of finished steps, oldest first; of one step with a list of one."""
    return done_items([evidence(one, branch) for one in records])


def evidence(record: StepRecord, branch: str) -> Evidence:
    """What a finished step left in its row."""
    stored = record.status is StepStatus.DONE and bool(record.validation_results)
    return Evidence(record.validation_results, record.commit_sha or "", record.pushed_sha or "", stored, branch)


def criteria_of(asked: Iterable[Criterion], checks: Checks, seconds: float) -> tuple[CriterionResult, ...]:
    """Each criterion with what the last step's check said of it; what nothing answered is for a person."""
    return tuple(_criterion(one, checks, seconds) for one in asked)


def _criterion(asked: Criterion, checks: Checks, seconds: float) -> CriterionResult:
    measure = parse(asked.measurable)
    if isinstance(measure, Comparison) and measure.name == TIME:
        holds = OPERATORS[measure.operator](seconds, measure.number)
        verdict = Verdict.MET if holds else Verdict.NOT_MET
        return CriterionResult(asked.criterion, verdict, asked.measurable, f"{seconds:.0f}")
    begin = named(asked.measurable, "")
    told = (one for one in checks if one["name"] == CRITERIA and str(one["summary"]).startswith(begin))
    check = next(told, None) if measure is not None else None
    if check is None:
        return CriterionResult(asked.criterion, Verdict.YOU_CHECK, asked.measurable)
    verdict = {"passed": Verdict.MET, "failed": Verdict.NOT_MET}.get(str(check["status"]), Verdict.YOU_CHECK)
    number = next(iter(dict(check.get("measured") or {}).values()), None)
    found = "" if number is None else f"{number:g}"
    return CriterionResult(asked.criterion, verdict, asked.measurable, found, proof(check))


def findings_of(checks: Checks) -> Iterator[Finding]:
    """The new problems, what stops a step first; the level says how much the check weighs."""
    weight = {CRITICAL: 0, IMPORTANT: 1}
    for check in sorted(checks, key=lambda one: (one["status"] != "failed", weight.get(str(one["layer"]), 2))):
        stops = check["status"] == "failed" and check["layer"] in weight
        for one in check.get("findings") or ():
            level = "failure" if stops else "warning" if check["status"] == "failed" or suspicious(one) else "notice"
            yield Finding(one["path"], int(one["line"]), level, one["message"], f"{check['name']}: {one['code']}")


def suspicious(finding: Mapping[str, Any]) -> bool:
    """Whether green tests may mean nothing here."""
    return bool(finding["code"] == SPECIAL)


def suspicions_of(checks: Checks) -> tuple[Finding, ...]:
    """What looks made for the tests only."""
    return tuple(dict.fromkeys(one for one in findings_of(checks) if one.title.endswith(f": {SPECIAL}")))


def notes_of(checks: Checks) -> tuple[Finding, ...]:
    """What is new and stopped nothing."""
    return tuple(
        one for one in findings_of(checks) if one.level != "failure" and not one.title.endswith(f": {SPECIAL}")
    )


def fixed_of(items: Iterable[DoneItem]) -> tuple[tuple[str, int], ...]:
    """How many problems of the base are gone, by item."""
    sums = ((one.item, sum(proof.fixed for proof in one.proofs)) for one in items)
    return tuple((item, count) for item, count in sums if count)


def measured(checks: Checks, name: str) -> float | None:
    """A number that a check measured."""
    found = (dict(check.get("measured") or {}).get(name) for check in checks)
    return next((float(number) for number in found if number is not None), None)


def commands_of(proofs: Iterable[Proof]) -> tuple[str, ...]:
    """What a person types to see it again, each once."""
    return tuple(dict.fromkeys(one.command for one in proofs if one.command))


def tools_of(proofs: Iterable[Proof], setup: Sequence[str]) -> tuple[str, ...]:
    """The installation of those programs that the clone lacks after its own `setup`, in the version that was used."""
    names = sorted({one.tool for one in proofs if one.tool})
    own = () if not names or ACTIVATE in setup else (f"python3 -m venv {VENV}", ACTIVATE)
    return (*own, *(_had(name) for name in names))


def _had(program: str) -> str:
    name = program.split()[-1]
    return f"{program} --version >/dev/null 2>&1 || python -m pip install {name}=={version(name)}"
