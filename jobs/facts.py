"""What reports are made from, gathered out of the database: never a model's claim."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy.orm import Session

from ghapp.say.facts import (
    BudgetShare,
    CommitFact,
    FailureFacts,
    FinalFacts,
    Finding,
    Proposal,
    SkippedStep,
    StandIn,
    TestCounts,
)
from jobs import dod
from jobs.planning.estimate import estimate
from state.clock import clock
from state.lifecycle import StepStatus
from state.plan.dod import DoneItem, from_json
from state.store import artifacts, steps
from state.store.steps import StepRecord
from state.views import TaskView

BASELINE, FAILURE, BUDGET, STAND_IN, SETUP = "baseline", "failure", "budget_warning", "stand_in", "setup"


def final_facts(session: Session, task: TaskView) -> FinalFacts:
    """What the task left behind."""
    records = finished(session, task.id)
    results = records[-1].test_results if records else {}
    ended = task.completed_at or clock()
    seconds = (ended - (task.approved_at or task.created_at or ended)).total_seconds()
    created, modified, deleted = files_of(records)
    return FinalFacts(
        branch=task.branch or "",
        base=task.base_branch or "",
        created=created,
        modified=modified,
        deleted=deleted,
        left_out=_touched(records, "left_out"),
        extra={path: str(why) for one in records for path, why in one.output.get("extra", {}).items()},
        tests_before=counts(kept(session, task.id, BASELINE)),
        tests_after=counts(results),
        seconds=seconds,
        spent=task.spent,
        estimate=estimate(task.plan.plan) if task.plan else None,
        commits=commits(records),
        held_ci=bool(task.options.get("ci_hold", True)),
        warnings=warnings(session, task.id),
        stand_ins=stand_ins(session, task.id),
        skipped=skipped(session, task.id),
        **_shown(task, records, seconds, setup_of(session, task.id)),
    )


def finished(session: Session, task_id: str) -> list[StepRecord]:
    """The steps that are done, in the order in which they were: the last one saw the work of all."""
    done = [one for one in steps.records(session, task_id) if one.status is StepStatus.DONE]
    return sorted(done, key=lambda one: (one.completed_at is not None, one.completed_at))


def _shown(task: TaskView, records: list[StepRecord], seconds: float, setup: tuple[str, ...]) -> dict[str, Any]:
    """What the checks of the finished steps show."""
    checks = records[-1].validation_results if records else []
    items = dod.items_of(records, task.branch or "")
    criteria = dod.criteria_of(task.plan.plan.criteria if task.plan else (), checks, seconds)
    proofs = [*(proof for item in items for proof in item.proofs), *(one.proof for one in criteria)]
    return {
        "done_items": items,
        "criteria": criteria,
        "coverage": dod.measured(checks, dod.COVERAGE),
        "setup": (*setup, *dod.tools_of(proofs, setup)),
        "verify": dod.commands_of(proofs),
        "fixed": dod.fixed_of(items),
        "suspicions": dod.suspicions_of(checks),
        "notes": dod.notes_of(checks),
        "flaky": tuple(str(one) for one in (records[-1].test_results if records else {}).get("flaky", ())),
    }


def found_by(session: Session, task_id: str) -> tuple[Finding, ...]:
    """The new problems that the finished task leaves, for annotations."""
    records = finished(session, task_id)
    checks = records[-1].validation_results if records else []
    return tuple(dict.fromkeys((*dod.suspicions_of(checks), *dod.findings_of(checks))))


def failed_findings(session: Session, task: TaskView) -> tuple[Finding, ...]:
    """The new problems that the last attempt of the failed step ended with."""
    failed = [one for one in task.steps if one.status is StepStatus.FAILED]
    tried = steps.attempts(session, failed[-1].row_id) if failed else []
    return tuple(dod.findings_of(tried[-1].checks)) if tried else ()


def setup_of(session: Session, task_id: str) -> tuple[str, ...]:
    """The commands that make a clone ready."""
    return tuple(kept(session, task_id, SETUP).get("commands", ()))


def ready(setup: tuple[str, ...], items: Iterable[DoneItem]) -> tuple[str, ...]:
    """The setup with what the commands of these items need besides."""
    return (*setup, *dod.tools_of([proof for item in items for proof in item.proofs], setup))


def files_of(records: list[StepRecord]) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Paths that the task created, modified and deleted, as they stand at the end: step by step, the later one wins."""
    now: dict[str, str] = {}
    for record in records:
        for kind in ("created", "modified", "deleted"):
            for path in record.output.get(kind, ()):
                now[path] = _after(now.get(path, ""), kind)
    created, modified, deleted = (
        [p for p, kind in now.items() if kind == what] for what in ("created", "modified", "deleted")
    )
    return tuple(created), tuple(modified), tuple(deleted)


def _after(before: str, kind: str) -> str:
    """A file that the task made and took away again was never there; one taken away and made again was changed."""
    if before == "created":
        return "" if kind == "deleted" else "created"
    return "modified" if before == "deleted" and kind == "created" else kind


def warnings(session: Session, task_id: str) -> tuple[BudgetShare, ...]:
    """What was told of budgets that were nearly spent."""
    return tuple(BudgetShare(**values) for values in _all_kept(session, task_id, BUDGET))


def stand_ins(session: Session, task_id: str) -> tuple[StandIn, ...]:
    """Which models stood in for others."""
    return tuple(StandIn(**values) for values in _all_kept(session, task_id, STAND_IN))


def skipped(session: Session, task_id: str) -> tuple[SkippedStep, ...]:
    """The steps that people left out, in plan order, each with who said so."""
    left = (one for one in steps.records(session, task_id) if one.status is StepStatus.SKIPPED)
    return tuple(SkippedStep(one.number, one.title, one.skipped_by or "") for one in left)


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
    found["setup"] = tuple(found.get("setup", ()))
    found["done_items"] = tuple(from_json(one) for one in found.get("done_items", ()))
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


def _touched(records: list[StepRecord], kind: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(path for one in records for path in one.output.get(kind, ())))
