"""The name of a plan: sha256 over the canonical JSON of everything that the plan comment shows (spec section 2)."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from state.plan.model import Plan

# How it went, when, and what was learned: none of it changes what was approved.
NOT_HASHED = frozenset({"status", "started_at", "completed_at", "actual_hours", "actual_minutes", "lessons"})
SHOWN_DIGITS = 4


def canonical(plan: Plan) -> str:
    """JSON with sorted keys and no blanks; texts stand as they are (no Unicode normalisation)."""
    shown = _without(plan.model_dump(mode="json"))
    return json.dumps(shown, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def plan_hash(plan: Plan) -> str:
    """The full hex digest; people see and type its first four digits."""
    return hashlib.sha256(canonical(plan).encode("utf-8")).hexdigest()


def _without(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without(part) for key, part in value.items() if key not in NOT_HASHED}
    if isinstance(value, list):
        return [_without(part) for part in value]
    return value
