"""One comment in, one sort out. Whatever goes wrong is UNRELATED with no confidence, so that nothing happens."""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ai.asking import Asker
from ai.blocks import data_block
from ai.port import ProviderError, Request, Said, Stop
from ai.prompts import Prompts
from state.errors import BudgetReached
from state.plan.words import TaskType

MAX_OUT: Final = 2_048
LONGEST: Final = 8_000
TYPES: Final = tuple(kind.value for kind in TaskType)
NO_TYPE: Final = "none"  # not an empty text: one service refuses that in an enumeration


class IntentKind(StrEnum):
    """The closed set of spec 3.1."""

    QUERY = "QUERY"
    TASK_NEW = "TASK_NEW"
    TASK_CONTINUE = "TASK_CONTINUE"
    TASK_LIST = "TASK_LIST"
    TASK_ABORT = "TASK_ABORT"
    PLAN_APPROVE = "PLAN_APPROVE"
    PLAN_REVISE = "PLAN_REVISE"
    UNRELATED = "UNRELATED"


PLAN_ONLY: Final = frozenset({IntentKind.PLAN_APPROVE, IntentKind.PLAN_REVISE})


@dataclass(frozen=True)
class Situation:
    """Where the comment was made. `text` says it in one or two sentences of ours, without words of other people."""

    plan_waits: bool
    text: str


class Answer(BaseModel):
    """What the model answers; its JSON Schema goes with the request."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    intent: IntentKind
    task_type: Literal["feat", "fix", "refactor", "docs", "test", "chore", "none"]
    confidence: Annotated[float, Field(ge=0, le=1)]


@dataclass(frozen=True)
class Intent:
    """The sort, the type of work (empty if none) and the confidence from 0 to 1; `problem` says why it is a guess."""

    intent: IntentKind
    task_type: str = ""
    confidence: float = 0.0
    problem: str = ""


SCHEMA: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {
        "intent": {"type": "string", "enum": [kind.value for kind in IntentKind]},
        "task_type": {"type": "string", "enum": [*TYPES, NO_TYPE]},
        "confidence": {"type": "number"},
    },
    "required": ["intent", "task_type", "confidence"],
    "additionalProperties": False,
}


def classify(text: str, situation: Situation, asker: Asker, prompts: Prompts) -> Intent:
    """The sort of a comment. Never raises for a provider: no answer is UNRELATED."""
    system = prompts.render(("intent/role",), {"situation": situation.text})
    said = Said(data_block("the comment", text[:LONGEST]))
    request = Request(system.parts, (said,), (), MAX_OUT, system.hash, SCHEMA)
    try:
        reply = asker.ask(request)
    except (ProviderError, BudgetReached) as error:
        return Intent(IntentKind.UNRELATED, problem=str(error))
    if reply.stop is not Stop.END:
        return Intent(IntentKind.UNRELATED, problem=f"the reply was {reply.stop}")
    return read(reply.text, situation)


def read(text: str, situation: Situation) -> Intent:
    """The answer as an intent; prose around the JSON is tolerated, everything else is not."""
    try:
        answer = Answer.model_validate(json.loads(text[text.find("{") : text.rfind("}") + 1], object_pairs_hook=once))
    except (ValueError, ValidationError, RecursionError) as error:
        return Intent(IntentKind.UNRELATED, problem=f"the reply could not be read: {str(error)[:200]}")
    if answer.intent in PLAN_ONLY and not situation.plan_waits:
        return Intent(IntentKind.UNRELATED, problem=f"{answer.intent} without a waiting plan")
    return Intent(answer.intent, "" if answer.task_type == NO_TYPE else answer.task_type, answer.confidence)


def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A JSON object in which no key stands twice: which of two answers holds would be a guess."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice")
    return found
