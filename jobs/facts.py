"""What reports are made from, gathered out of the database: never a model's claim."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from ghapp.say.facts import (
    BudgetShare,
    CommitFact,
    CriterionResult,
    DoneItem,
    FailureFacts,
    FinalFacts,
    Proposal,
    StandIn,
    TestCounts,
    Verdict,
)
from jobs.planning.estimate import estimate
from state.clock import clock
from state.lifecycle import StepStatus
from state.plan.measurable import Comparison, met, parse
from state.store import artifacts, steps
from state.store.steps import StepRecord
from state.views import TaskView

BASELINE, FAILURE, BUDGET, STAND_IN = "baseline", "failure", "budget_warning", "stand_in"
GROUPS = {
    "syntax": "code",
    "imports": "code",
    "types": "code",
    "postconditions": "functionality",
    "expected_outputs": "functionality",
    "tests": "testing",
    "commit": "integration",
    "push": "integration",
    "stored": "persistence",
}


def final_facts(session: Session, task: TaskView) -> FinalFacts:
    """What the task left behind."""
    records = [one for one in steps.records(session, task.id) if one.status is StepStatus.DONE]
    touched = {kind: _touched(records, kind) for kind in ("created", "modified", "deleted", "left_out")}
    created = tuple(path for path in touched["created"] if path not in touched["deleted"])
    results = records[-1].test_results if records else {}
    ended = task.completed_at or clock()
    seconds = (ended - (task.approved_at or task.created_at or ended)).total_seconds()
    return FinalFacts(
        branch=task.branch or "",
        base=task.base_branch or "",
        created=created,
        modified=tuple(path for path in touched["modified"] if path not in (*created, *touched["deleted"])),
        deleted=touched["deleted"],
        left_out=touched["left_out"],
        tests_before=counts(kept(session, task.id, BASELINE)),
        tests_after=counts(results),
        coverage=None,
        done_items=tuple(item for record in records[-1:] for item in done_items(record)),
        criteria=criteria(task, results, seconds),
        seconds=seconds,
        spent=task.spent,
        estimate=estimate(task.plan.plan) if task.plan else None,
        commits=commits(records),
        verify=tuple(filter(None, [str(results.get("command", ""))])),
        held_ci=bool(task.options.get("ci_hold", True)),
        warnings=warnings(session, task.id),
        stand_ins=stand_ins(session, task.id),
    )


def warnings(session: Session, task_id: str) -> tuple[BudgetShare, ...]:
    """What was told of budgets that were nearly spent."""
    return tuple(BudgetShare(**values) for values in _all_kept(session, task_id, BUDGET))


def stand_ins(session: Session, task_id: str) -> tuple[StandIn, ...]:
    """Which models stood in for others."""
    return tuple(StandIn(**values) for values in _all_kept(session, task_id, STAND_IN))


def _all_kept(session: Session, task_id: str, kind: str) -> list[dict[str, Any]]:
    raws = (artifacts.content(session, one.id) for one in artifacts.of_task(session, task_id, kind))
    return [json.loads(raw) for raw in raws if raw]


def failure_facts(session: Session, task_id: str) -> FailureFacts | None:
    """What was told of the last failure."""
    found = kept(session, task_id, FAILURE)
    if not found:
        return None
    found["safe"] = tuple(CommitFact(**one) for one in found.get("safe", ()))
    found["blocked"] = tuple(found.get("blocked", ()))
    found["symptoms"] = tuple(found.get("symptoms", ()))
    found["proposals"] = tuple(Proposal(**one) for one in found.get("proposals", ()))
    return FailureFacts(**found)


def kept(session: Session, task_id: str, kind: str) -> dict[str, Any]:
    """The newest JSON artifact of a kind; empty where there is none."""
    stored = artifacts.of_task(session, task_id, kind)
    raw = artifacts.content(session, stored[-1].id) if stored else None
    found: dict[str, Any] = json.loads(raw) if raw else {}
    return found


def keep(session: Session, task_id: str, kind: str, values: Mapping[str, Any]) -> None:
    """Keep a JSON artifact."""
    artifacts.add(session, task_id, kind, kind, json.dumps(values, default=str))


def commits(records: list[StepRecord]) -> tuple[CommitFact, ...]:
    """The commits of finished steps, oldest first."""
    found = [one for one in records if one.commit_sha]
    return tuple(CommitFact(one.commit_sha or "", str(one.output.get("subject", one.title))) for one in found)


def counts(results: Mapping[str, Any]) -> TestCounts | None:
    """One run of the suite, if there was one."""
    if "total" not in results:
        return None
    return TestCounts(
        total=int(results["total"]),
        passed=int(results["passed"]),
        failed=int(results["failed"]),
        skipped=int(results.get("skipped", 0)),
    )


def done_items(record: StepRecord) -> list[DoneItem]:
    """The Definition of Done of a step from its stored checks, and from the commit and the push themselves."""
    items = [
        DoneItem(GROUPS.get(one["name"], "quality"), one["name"], one["layer"], _verdict(one), _evidence(one))
        for one in record.validation_results
    ]
    if record.commit_sha:
        items.append(DoneItem("integration", "commit", "critical", Verdict.MET, record.commit_sha[:12]))
    return items


def _verdict(check: Mapping[str, Any]) -> Verdict:
    return {"passed": Verdict.MET, "failed": Verdict.NOT_MET}.get(str(check["status"]), Verdict.YOU_CHECK)


def _evidence(check: Mapping[str, Any]) -> str:
    command = str(check.get("command") or "")
    code = check.get("exit_code")
    return f"{command} → {code}" if command and code is not None else command or str(check.get("detail") or "")


def criteria(task: TaskView, results: Mapping[str, Any], seconds: float) -> tuple[CriterionResult, ...]:
    """Each criterion of the plan against stored numbers; what no number answers is for a person."""
    numbers = {"duration.seconds": seconds}
    if "total" in results:
        numbers |= {"tests.failed": float(results["failed"]), "test_suite.exit_code": float(results["exit_code"])}
    held = dict(results.get("conditions") or {})
    found = []
    for one in task.plan.plan.criteria if task.plan else ():
        measure = parse(one.measurable)
        answer = None if measure is None else met(measure, numbers, lambda condition: held.get(_name(condition)))
        shown = numbers.get(measure.name) if isinstance(measure, Comparison) else None
        evidence = f"{one.measurable} ({shown:g})" if shown is not None else one.measurable
        found.append(CriterionResult(one.criterion, evidence if answer is not None else "", _met(answer)))
    return tuple(found)


def _name(condition: object) -> str:
    return str(condition)


def _met(answer: bool | None) -> Verdict:
    return Verdict.YOU_CHECK if answer is None else Verdict.MET if answer else Verdict.NOT_MET


def _touched(records: list[StepRecord], kind: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(path for one in records for path in one.output.get(kind, ())))
