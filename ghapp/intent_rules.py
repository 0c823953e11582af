"""Plain words as commands: the clear cases, in English and Spanish, without a model.

Only whole messages count ("looks good, go"), never a phrase within one: "looks good, but drop step 2" is for the model.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from ghapp.commands.options import fold
from ghapp.markdown import quote_free


class Intent(StrEnum):
    """What a comment without a command means (spec 3.1)."""

    QUERY = "QUERY"
    TASK_NEW = "TASK_NEW"
    TASK_CONTINUE = "TASK_CONTINUE"
    TASK_LIST = "TASK_LIST"
    TASK_ABORT = "TASK_ABORT"
    PLAN_APPROVE = "PLAN_APPROVE"
    PLAN_REVISE = "PLAN_REVISE"
    UNRELATED = "UNRELATED"


HIGH = 0.9  # below it an approval or an abort is asked back


@dataclass(frozen=True)
class Ruled:
    """An intent with its confidence from 0 to 1; `text` is what was said, without mention, quotes and code."""

    intent: Intent
    confidence: float
    text: str
    task_type: str | None = None


@dataclass(frozen=True)
class NeedsModel:
    """No rule is sure: the classifier is asked with this text."""

    text: str


Reading: TypeAlias = Ruled | NeedsModel

YES = r"(?:yes|yep|yeah|ok|okay|sure|perfect|great|fine|si|vale|perfecto|genial|claro|de acuerdo|estupendo|adelante)"
GOOD = (
    r"(?:looks? (?:very |really )?(?:good|great|fine|perfect)(?: to me)?|lgtm"
    r"|(?:this|it|the plan) looks (?:good|great|fine)|i like (?:it|the plan)"
    r"|se ve (?:bien|genial|perfecto)|me parece (?:bien|perfecto|genial)|(?:esta|todo) (?:bien|perfecto)"
    r"|me gusta(?: el plan)?)"
)
APPROVAL = (
    r"(?:approved?|i approve(?: (?:it|this|the plan))?|approve (?:it|this|the plan)|plan approved"
    r"|ship it|go(?: ahead)?(?: with it)?|do it|start|proceed|please (?:go ahead|proceed|start)|let'?s (?:go|do it)"
    r"|you can (?:start|go ahead|proceed)|apruebo(?: el plan)?|aprobado|(?:lo|queda) (?:apruebo|aprobado)|plan aprobado"
    r"|dale|hazlo|adelante(?: con (?:ello|el plan))?|procede|empieza|puedes (?:empezar|proceder))"
)
POLITE = r"(?:thanks|thank you|thx|please|gracias|muchas gracias|por favor|bot|team|equipo)"
PIECE = rf"(?:{YES}|{GOOD}|{APPROVAL}|{POLITE})"
AGREES = re.compile(rf"{PIECE}(?:\s+(?:and|y|so|then|entonces)?\s*{PIECE}){{0,4}}")
HAS_APPROVAL = re.compile(rf"\b{APPROVAL}\b")
ABORTS = re.compile(
    r"(?:please |por favor )?(?:abort|cancel|aborta|cancela|abortar|cancelar|deten|stop|para)"
    r"(?: (?:it|this|the task|everything|la tarea|esto|esta tarea|todo|la))?"
    r"(?: (?:please|now|por favor|ya|ahora|thanks|gracias))*"
)
LISTS = re.compile(
    r"(?:please )?(?:list|show|which|what|lista|muestra|que|cuales)(?: me)?"
    r"(?: (?:are|all|my|the|open|son|las|mis|todas))* (?:tasks|tareas)(?: (?:are open|abiertas|hay|are there|open))?"
)
CONTINUES = re.compile(
    r"(?:please )?(?:continue|resume|go on|continua|reanuda|sigue)(?: (?:the task|la tarea|it|por favor|please))*"
)
THANKS = re.compile(rf"(?:{POLITE}|nice|cool|wow|bien hecho|good job|great work|buen trabajo)(?:\s+{POLITE})*")
CHATTER = re.compile(r"[\W\d_]*")
LONGEST = 120


def classify(body: str, *, bot: str, plan_waits: bool) -> Reading:
    """Read a comment that mentions the bot, or a plain one by the requester; `bot` is the App's slug."""
    text = without_mention(quote_free(body), bot)
    words = " ".join(re.sub(r"[^\w\s']", " ", fold(text)).split())
    if not words or CHATTER.fullmatch(words):
        return Ruled(Intent.UNRELATED, 1.0, text)
    if len(words) > LONGEST or "?" in text or "¿" in text:
        return NeedsModel(text)
    return _clear(words, text, plan_waits) or NeedsModel(text)


def _clear(words: str, text: str, plan_waits: bool) -> Ruled | None:
    if ABORTS.fullmatch(words):
        # "stop" or "para" alone may mean less than the end of the task.
        sure = re.search(r"\b(?:abort|cancel)", words) is not None
        return Ruled(Intent.TASK_ABORT, 0.95 if sure else 0.7, text)
    if plan_waits and AGREES.fullmatch(words):
        return _agreement(words, text)
    if LISTS.fullmatch(words):
        return Ruled(Intent.TASK_LIST, 0.95, text)
    if CONTINUES.fullmatch(words) and not plan_waits:
        return Ruled(Intent.TASK_CONTINUE, 0.95, text)
    if THANKS.fullmatch(words):
        return Ruled(Intent.UNRELATED, 0.95, text)
    return None


def _agreement(words: str, text: str) -> Ruled:
    """Saying go is an approval; liking the plan is one that is asked back; thanks alone is nothing."""
    if HAS_APPROVAL.search(words):
        return Ruled(Intent.PLAN_APPROVE, 0.95, text)
    if THANKS.fullmatch(words):
        return Ruled(Intent.UNRELATED, 0.95, text)
    return Ruled(Intent.PLAN_APPROVE, 0.7, text)


def mentions(body: str, bot: str) -> bool:
    """Whether the writer's own words (no quotes, no code) mention `@slug` or `@slug[bot]`."""
    return _mention(bot).search(quote_free(body)) is not None


def without_mention(text: str, bot: str) -> str:
    """The text without the bot's name and the comma after it."""
    return _mention(bot).sub("", text).strip()


def _mention(bot: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w/@.-])@{re.escape(bot)}(?:\[bot\])?(?![\w-])[,:]?", re.IGNORECASE)
