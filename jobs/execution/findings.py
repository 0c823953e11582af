"""What the debug agent found about a step, as it is kept: analysis, suggestions, guidance that a person chose."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from ai.debug.agent import Suggested
from ai.debug.box import Analysis, Proposed
from ai.executor.feedback import Suggestion
from ghapp.say.facts import Proposal
from state.plan.model import Plan
from state.store import artifacts

ANALYSIS, SUGGESTIONS, GUIDANCE = "analysis", "suggestions", "guidance"


@dataclass(frozen=True)
class Found:
    """An analysis as kept: `plan_hash` names the plan that it was made for, `step` the failed step's id."""

    step: str
    plan_hash: str
    analysis: Analysis

    def proposal(self, number: int) -> Proposed | None:
        """A proposal by its number, from 1."""
        found = self.analysis.proposals
        return found[number - 1] if 0 < number <= len(found) else None


@dataclass(frozen=True)
class Debugged:
    """What the failure report gets: the analysis, or why there is none (`provider`, `budget`, `model`)."""

    analysis: Analysis | None = None
    missing: str = ""
    stopped: bool = field(default=False)


def analysis_name(step: str, step_round: int) -> str:
    """One analysis for each round of a step."""
    return f"{step}-r{step_round}"


def keep_analysis(session: Session, task_id: str, row_id: str, name: str, found: Found) -> None:
    """Keep it, with the plans that its proposals make."""
    proposals = [
        {**asdict(one), "plan": one.plan.model_dump(mode="json") if one.plan else None}
        for one in found.analysis.proposals
    ]
    values = {
        "step": found.step,
        "plan_hash": found.plan_hash,
        "analysis": {**asdict(found.analysis), "proposals": proposals},
    }
    _keep(session, task_id, ANALYSIS, name, values, row_id)


def kept_analysis(session: Session, task_id: str, name: str | None = None) -> Found | None:
    """The analysis of that name, or the newest."""
    values = _kept(session, task_id, ANALYSIS, name)
    if values is None:
        return None
    given = dict(values["analysis"])
    proposals = tuple(
        Proposed(**{**one, "plan": Plan.model_validate(one["plan"]) if one["plan"] else None})
        for one in given.pop("proposals")
    )
    given |= {name: tuple(given[name]) for name in ("symptoms", "why_retries_failed")}
    return Found(values["step"], values["plan_hash"], Analysis(**given, proposals=proposals))


def shown(analysis: Analysis) -> tuple[Proposal, ...]:
    """The proposals for the report."""
    return tuple(
        Proposal(number, one.title, one.description, one.action, one.success_probability, one.minutes, one.note)
        for number, one in enumerate(analysis.proposals, 1)
    )


def keep_suggestions(session: Session, task_id: str, row_id: str, name: str, found: Suggested) -> None:
    """Keep what the debugger suggested for an attempt."""
    _keep(session, task_id, SUGGESTIONS, name, asdict(found), row_id)


def kept_suggestions(session: Session, task_id: str, name: str) -> Suggested | None:
    """What the debugger suggested for that attempt, if it was asked."""
    values = _kept(session, task_id, SUGGESTIONS, name)
    if values is None:
        return None
    return Suggested(values["cause"], tuple(Suggestion(**one) for one in values["suggestions"]))


def keep_guidance(session: Session, task_id: str, row_id: str, name: str, text: str) -> None:
    """Keep what a person chose to tell the executor in a round."""
    _keep(session, task_id, GUIDANCE, name, {"text": text}, row_id)


def kept_guidance(session: Session, task_id: str, name: str) -> str:
    """What a person chose to tell the executor in that round; empty if nothing."""
    values = _kept(session, task_id, GUIDANCE, name)
    return str(values["text"]) if values else ""


def _keep(session: Session, task_id: str, kind: str, name: str, values: Mapping[str, Any], row_id: str) -> None:
    artifacts.add(session, task_id, kind, name, json.dumps(values), step_id=row_id, cap=LARGEST)


LARGEST = 8 * 1024 * 1024
"""Whole or not at all: a plan that lost its middle is none."""


def _kept(session: Session, task_id: str, kind: str, name: str | None) -> dict[str, Any] | None:
    stored = [one for one in artifacts.of_task(session, task_id, kind) if name in (None, one.name)]
    raw = artifacts.content(session, stored[-1].id) if stored else None
    found: dict[str, Any] | None = json.loads(raw) if raw else None
    return found
