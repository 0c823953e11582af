"""The comment of a plan version: rendered when it is stored, and again when it is approved, rejected or superseded."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from typing import Any

from sqlalchemy.orm import Session

from ghapp.say.facts import Estimate, PlanFacts, Standing
from ghapp.say.plan import plan_comment
from jobs.effects import comment, effect
from jobs.planning.whole import whole_name
from state.effects import Effect, EffectKind, Priority
from state.store import artifacts
from state.views import PlanView, TaskView

KIND = "plan_facts"


def keep_facts(session: Session, task: TaskView, version: PlanView, facts: PlanFacts) -> None:
    """Keep what was said beside the plan, so that the same comment can be rendered again."""
    artifacts.add(session, task.id, KIND, f"v{version.number}", json.dumps(asdict(facts), default=str))


def kept_facts(session: Session, task_id: str, number: int) -> PlanFacts:
    """What was said beside that version."""
    stored = [one for one in artifacts.of_task(session, task_id, KIND) if one.name == f"v{number}"]
    raw = artifacts.content(session, stored[-1].id) if stored else None
    return _facts(json.loads(raw)) if raw else PlanFacts()


def _facts(found: dict[str, Any]) -> PlanFacts:
    given = found.pop("estimate", None)
    found["standing"] = Standing(found["standing"])
    for name in ("conventions", "approvers"):
        found[name] = tuple(found[name])
    return PlanFacts(estimate=Estimate(**given) if given else None, **found)


def post(task: TaskView, version: PlanView, facts: PlanFacts) -> Effect:
    """The new comment of a version."""
    text, number = plan_comment(task, version, facts), version.number
    return comment(task, f"plan:v{number}", text, version=number, whole=whole_name(task, number, text))


def again(session: Session, task: TaskView, version: PlanView, standing: Standing, by: str = "") -> list[Effect]:
    """The comment written anew because the version no longer stands as it did; nothing where it was never posted."""
    if version.comment_id is None:
        return []
    facts = replace(kept_facts(session, task.id, version.number), standing=standing, approved_by=by)
    text = plan_comment(task, version, facts)
    return [
        effect(
            task,
            EffectKind.EDIT,
            f"plan:v{version.number}:{standing}:r{task.revision}",
            Priority.STATUS,
            target={"issue": task.issue_number, "comment_id": version.comment_id},
            body={"text": text, "whole": whole_name(task, version.number, text)},
            coalesce=f"edit:{task.repo.id}:{version.comment_id}",
        )
    ]
