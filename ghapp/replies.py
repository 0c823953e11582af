"""Effects that answer a command. Their dedupe keys come from the command, so that a retry adds none."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from ghapp.changes import Change
from ghapp.decision import Context, Decision, SourceKind, text_hash
from ghapp.say.buttons import Button, render_all
from ghapp.say.messages import say
from state.effects import Effect, EffectKind, Priority
from state.lifecycle import TaskStatus

LONGEST_ID = 100
EYES, ROCKET, DONE, CONFUSED, REFUSED = "eyes", "rocket", "+1", "confused", "-1"


def react(ctx: Context, index: int, content: str) -> Effect:
    """A reaction on the comment (or, without one, on the issue) that carries the command."""
    return Effect(
        EffectKind.REACTION,
        _dedupe(ctx, index, content),
        ctx.repo.id,
        ctx.repo.installation_id,
        target=_target(ctx, comment_id=ctx.source.comment_id),
        body={"content": content},
        task_id=ctx.task.id if ctx.task else None,
        priority=Priority.QUIET if content in (DONE, ROCKET) else Priority.ANSWER,
    )


def answer(
    ctx: Context, index: int, text: str, buttons: Iterable[Button] = (), purpose: str = "answer", **more: object
) -> Effect:
    """A new comment in the thread; buttons stand at its end. `more` is kept beside the text."""
    listed = render_all(buttons)
    return Effect(
        EffectKind.COMMENT,
        _dedupe(ctx, index, purpose),
        ctx.repo.id,
        ctx.repo.installation_id,
        target=_target(ctx),
        body={"text": f"{text}\n\n{listed}" if listed else text, "purpose": purpose, **more},
        task_id=ctx.task.id if ctx.task else None,
    )


def put_back(ctx: Context, index: int, comment_id: int, text: str) -> Effect:
    """Writes our own last text over a comment of ours: a ticked box is unticked, a changed text restored."""
    return Effect(
        EffectKind.EDIT,
        _dedupe(ctx, index, "restore"),
        ctx.repo.id,
        ctx.repo.installation_id,
        target=_target(ctx, comment_id=comment_id),
        body={"text": text},
        task_id=ctx.task.id if ctx.task else None,
        priority=Priority.STATUS,
        coalesce=f"edit:{ctx.repo.id}:{comment_id}",
    )


def status_again(ctx: Context, index: int) -> tuple[Effect, ...]:
    """The one status comment, rendered anew when it is sent."""
    if ctx.task is None:
        return ()
    return (
        Effect(
            EffectKind.STATUS,
            _dedupe(ctx, index, "status"),
            ctx.repo.id,
            ctx.repo.installation_id,
            target=_target(ctx),
            task_id=ctx.task.id,
            priority=Priority.STATUS,
            coalesce=f"status:{ctx.task.id}",
        ),
    )


def state_word(ctx: Context, status: TaskStatus) -> str:
    """The state's name in the thread's language."""
    return say(ctx.language, f"commands.state.{status}")


def accept(ctx: Context, index: int, *changes: Change, effects: Iterable[Effect] = ()) -> Decision:
    """The command is carried out: eyes first, then what it brings about."""
    return Decision(changes, (react(ctx, index, EYES), *effects))


def told(ctx: Context, index: int, key: str, buttons: Iterable[Button] = (), **params: object) -> Decision:
    """The command is understood, but cannot be carried out now: confused, and one answer that says why."""
    return cannot(ctx, index, say(ctx.language, key, **params), buttons)


def cannot(ctx: Context, index: int, text: str, buttons: Iterable[Button] = ()) -> Decision:
    """Like `told`, with a text already rendered."""
    return Decision(effects=(react(ctx, index, CONFUSED), answer(ctx, index, text, buttons)), failed=True)


def refuse(ctx: Context, index: int) -> Decision:
    """Not permitted: one reaction and no text; not even that for a stranger who had one within the hour."""
    return Decision(effects=(react(ctx, index, REFUSED),) if ctx.may_react else (), refused=True)


def untick(ctx: Context, index: int, decision: Decision) -> Decision:
    """After a tick, whatever came of it, the box is empty again."""
    source = ctx.source
    if source.kind is not SourceKind.TICK or source.restore is None or source.comment_id is None:
        return decision
    if any(
        effect.target.get("comment_id") == source.comment_id and effect.kind is EffectKind.EDIT
        for effect in decision.effects
    ):
        return decision
    return replace(decision, effects=(*decision.effects, put_back(ctx, index, source.comment_id, source.restore)))


def _target(ctx: Context, **more: object) -> dict[str, object]:
    """Where the effect goes; the repository's name is the task's, where there is one."""
    named = {} if ctx.task else {"repo": ctx.repo.full_name}
    return {"issue": ctx.issue.number, **more, **named}


def _dedupe(ctx: Context, index: int, what: str) -> str:
    source = ctx.source
    named = source.id if len(source.id) <= LONGEST_ID else text_hash(source.id)
    return f"{what}:{ctx.repo.id}:{source.kind}:{named}:{index}"
