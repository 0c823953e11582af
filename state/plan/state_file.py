"""`state.json`: the task's state for programs. Its JSON Schema is published beside this module, `state.schema.json`."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

from state.plan.branch_facts import BranchFacts, Item, current, duration, instant, shown_steps
from state.statuses import SubstepStatus, TestCaseStatus
from state.views import PlanView, StepView, TaskView

VERSION = "1.0"
LONGEST_ERROR = 2000
DONE = frozenset({SubstepStatus.COMPLETED, TestCaseStatus.PASSED})


def state_schema() -> dict[str, Any]:
    """The published JSON Schema of `state.json`."""
    text = files("state.plan").joinpath("state.schema.json").read_text("utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema


def state_json(task: TaskView, version: PlanView, facts: BranchFacts) -> str:
    """The whole file: UTF-8 JSON with two blanks of indentation."""
    return json.dumps(_state(task, version, facts), ensure_ascii=False, indent=2) + "\n"


def _state(task: TaskView, version: PlanView, facts: BranchFacts) -> dict[str, Any]:
    steps = shown_steps(task)
    running = current(steps)
    descriptions = {step.id: step.description for step in version.plan.steps()}
    return {
        "version": VERSION,
        "task_id": task.id,
        "key": task.key,
        "type": version.plan.type.value,
        "title": task.title,
        "status": task.status.value,
        "repo": task.repo.full_name,
        "issue": task.issue_number,
        "branch": task.branch,
        "base": task.base_branch,
        "created_at": instant(task.created_at),
        "updated_at": instant(facts.now),
        "plan_version": version.number,
        "plan_hash": version.plan_hash,
        "current_step": running.number if running else None,
        "total_steps": len(steps),
        "steps": [_step(step, descriptions.get(step.id, ""), facts) for step in steps],
        "files": {
            "created": list(facts.created),
            "modified": list(facts.modified),
            "deleted": list(facts.deleted),
        },
        "tests": _tests(facts),
        "execution": {
            "started_at": instant(facts.started_at),
            "elapsed_seconds": facts.elapsed_seconds,
            "retries": facts.retries,
            "max_retries": facts.max_retries,
        },
        "last_error": facts.last_error[:LONGEST_ERROR] if facts.last_error else None,
        "last_checkpoint": facts.last_checkpoint,
        "can_continue": facts.can_continue,
    }


def _step(step: StepView, description: str, facts: BranchFacts) -> dict[str, Any]:
    items = facts.items.get(step.id, ())
    return {
        "id": step.number,
        "key": step.id,
        "title": step.title,
        "description": description,
        "status": step.status.value,
        "started_at": instant(step.started_at),
        "completed_at": instant(step.completed_at),
        "duration_seconds": duration(step),
        "commit": None if step.id == facts.own_step else step.commit_sha,
        "substeps": {
            "done": sum(item.status in DONE for item in items),
            "total": len(items),
            "items": [_item(item) for item in items],
        },
    }


def _item(item: Item) -> dict[str, str]:
    return {"name": item.name, "status": item.status.value}


def _tests(facts: BranchFacts) -> dict[str, Any]:
    tests = facts.tests
    return {
        "total": tests.total,
        "passed": tests.passed,
        "failed": tests.failed,
        "pending": tests.pending,
        "last_run": instant(tests.last_run),
    }
