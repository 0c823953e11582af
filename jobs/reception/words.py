"""Comments without a command: a mention of the bot, or the requester's words while a plan waits."""

from __future__ import annotations

from ghapp.decide import decide_intent
from ghapp.intent_rules import Intent, NeedsModel, Ruled, classify, mentions
from jobs.reception.command import settle
from jobs.reception.context import Spoken
from state.effects import Effect
from state.lifecycle import TaskStatus
from state.views import TaskView

APPROVE = "approve"
WAITING = (TaskStatus.PLANNED, TaskStatus.DISCOVERY)


def plain_words(spoken: Spoken, body: str, task: TaskView | None) -> list[Effect]:
    """Act on what was meant, as far as it is certain; silence otherwise."""
    bot = spoken.runtime.github.identity(spoken.repo)
    waits = task is not None and task.status in WAITING
    from_requester = waits and task is not None and task.requester_id == spoken.sender.id
    if not mentions(body, bot.slug) and not from_requester:
        return []
    reading = classify(body, bot=bot.slug, plan_waits=waits)
    ruled = _ask_model(spoken, reading, waits, task) if isinstance(reading, NeedsModel) else reading
    if ruled is None or ruled.intent is Intent.UNRELATED:
        return []
    name = APPROVE if ruled.intent is Intent.PLAN_APPROVE else ruled.intent.value
    return settle(spoken, 0, lambda ctx: decide_intent(ruled, ctx), name=name)


def _ask_model(spoken: Spoken, reading: NeedsModel, waits: bool, task: TaskView | None) -> Ruled | None:
    """The classifier's word, asked for people who may write only: a stranger's comment never reaches a model."""
    from ai.intent.agent import Situation
    from ai.intent.agent import classify as ask
    from jobs.models import Payer, asker, prompts

    if not _may_write(spoken):
        return None
    text = "A plan waits for approval in this thread." if waits else "No plan waits in this thread."
    found = ask(
        reading.text,
        Situation(waits, text),
        asker(spoken.runtime, "intent", Payer(task.id if task else None, spoken.repo.id)),
        prompts(spoken.runtime),
    )
    return Ruled(Intent(found.intent.value), found.confidence, reading.text, found.task_type or None)


def _may_write(spoken: Spoken) -> bool:
    from jobs.reception.people import actor

    return actor(spoken.runtime, spoken.talk, spoken.sender, None).at_least("write")
