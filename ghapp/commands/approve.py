"""`/approve 7f3a 1-3,5` -> eyes, rocket: exactly that plan, in that scope, is approved and carried out.

`budget=3` says what it may cost; where that is used up, the same word allows more (`ghapp.commands.allowance`).
Whatever changed since the plan was shown (plan, its comment, the issue, this comment) stops the approval and is told.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from ghapp.changes import ApprovePlan, Note, Transition
from ghapp.commands import allowance
from ghapp.commands.model import Command
from ghapp.decision import CommandComment, Context, Decision, PlanComment, SourceKind, Who
from ghapp.emit.inert import Md, code, fence
from ghapp.replies import ROCKET, accept, answer, cannot, put_back, react, state_word, told
from ghapp.say.buttons import button
from ghapp.say.messages import say
from state.effects import Effect
from state.lifecycle import PauseReason, TaskEvent, TaskStatus
from state.plan.overlap import files_of, overlaps
from state.plan.select import Asked, Refused, Selection, fits, parse, resolve
from state.views import PlanView, TaskView

NAME = "approve"
SPANISH = ("aprobar", "apruebo")
HELP = "commands.help.approve"
WHO = Who.APPROVER
WHEN = frozenset((TaskStatus.PLANNED,))
PAUSES = frozenset((PauseReason.BUDGET,))
USAGE = "[hash] [1-3,5] [budget=3]"
ANYWAY = re.compile(r"anyway=([0-9a-f]{8,64})")
LONGEST_DIFF = 40
MOST_OVERLAPS, MOST_FILES = 5, 5


@dataclass(frozen=True)
class Wanted:
    """The argument: which plan and steps, or why that cannot be read, and the issue accepted as changed."""

    asked: Asked | Refused
    anyway: str | None = None
    budget: allowance.Amount | None = None

    @property
    def hash(self) -> str | None:
        """The plan's hash or the start of it, if one was typed."""
        return self.asked.plan_hash if isinstance(self.asked, Asked) else None


def decide(command: Command, ctx: Context) -> Decision:
    """Approve the shown plan, or say in one answer what stands in the way."""
    task = ctx.task
    if task is None:
        return told(ctx, command.index, "commands.no_task")
    if task.status is TaskStatus.PAUSED and task.pause_reason is PauseReason.BUDGET:
        return allowance.decide(command, ctx, task)
    if task.plan is None or task.status is not TaskStatus.PLANNED:
        return _nothing_to_approve(command, ctx, task)
    wanted = read_argument(command.argument)
    for guard in GUARDS:
        stopped = guard(command, ctx, task, task.plan, wanted)
        if stopped is not None:
            return stopped
    return _approve(command, ctx, task, task.plan, wanted)


def read_argument(argument: str) -> Wanted:
    """The first line: `anyway=...`, `budget=...` wherever they stand; `state.plan.select` reads the rest. Pure."""
    budget, words = allowance.amount(argument.split("\n", 1)[0].lower().split())
    anyway = [found[1] for word in words if (found := ANYWAY.fullmatch(word))]
    rest = " ".join(word for word in words if not ANYWAY.fullmatch(word))
    return Wanted(parse(rest), anyway[0] if anyway else None, budget)


def short(plan: PlanView) -> str:
    """The four digits of the hash that people see."""
    return plan.plan_hash[:4]


def shown(plan: PlanView) -> Md:
    """The short hash as code."""
    return Md(f"`{short(plan)}`")


def _nothing_to_approve(command: Command, ctx: Context, task: TaskView) -> Decision:
    if task.status is TaskStatus.PLANNING:
        return told(ctx, command.index, "commands.approve.planning")
    if task.plan is not None and task.plan.approved:
        if ctx.live.approved_by is None:
            return told(ctx, command.index, "commands.approve.already", hash=shown(task.plan))
        by = ctx.live.approved_by
        return told(ctx, command.index, "commands.approve.already_by", hash=shown(task.plan), login=by)
    return told(ctx, command.index, "commands.approve.nothing", state=state_word(ctx, task.status))


def _understood(command: Command, ctx: Context, task: TaskView, plan: PlanView, wanted: Wanted) -> Decision | None:
    if isinstance(wanted.asked, Refused):
        return _refused(command, ctx, plan, wanted.asked)
    return allowance.unfit(command, ctx, task, wanted.budget) if wanted.budget else None


def _refused(command: Command, ctx: Context, plan: PlanView, refused: Refused) -> Decision:
    said = refused.params
    if refused.key == "select.unknown_step":
        return told(ctx, command.index, "commands.approve.no_step", numbers=said["step"], last=said["last"])
    word = said.get("part") or f"{said['first']}-{said['last']}"
    return told(ctx, command.index, "commands.approve.unclear", word=word, hash=shown(plan))


def _comment_stands(command: Command, ctx: Context, task: TaskView, plan: PlanView, wanted: Wanted) -> Decision | None:
    """A comment that was deleted or rewritten is no approval; ticks and labels are no comments of people."""
    seen = ctx.live.command_comment
    if ctx.source.kind is not SourceKind.COMMENT or seen is CommandComment.SAME:
        return None
    return cannot(ctx, command.index, say(ctx.language, f"commands.approve.comment_{seen}"))


def _current(command: Command, ctx: Context, task: TaskView, plan: PlanView, wanted: Wanted) -> Decision | None:
    if wanted.hash is not None and not fits(Asked(wanted.hash), plan.plan_hash):
        return told(ctx, command.index, "commands.approve.stale", given=wanted.hash[:12], hash=shown(plan))
    if wanted.hash is None and not _shown_before(plan.posted_at, ctx.source.created_at):
        return told(ctx, command.index, "commands.approve.not_seen", hash=shown(plan))
    return None


def _shown_before(posted_at: datetime | None, written_at: datetime) -> bool:
    """GitHub's times have whole seconds, so the same second proves nothing."""
    return posted_at is not None and posted_at.replace(microsecond=0) < written_at.replace(microsecond=0)


def _plan_comment_intact(
    command: Command, ctx: Context, task: TaskView, plan: PlanView, wanted: Wanted
) -> Decision | None:
    seen = ctx.live.plan_comment
    if seen is PlanComment.INTACT:
        return None
    stopped = cannot(ctx, command.index, say(ctx.language, f"commands.approve.plan_{seen}", hash=shown(plan)))
    more: tuple[Effect, ...] = ()
    if ctx.live.plan_text is not None and seen is PlanComment.MISSING:
        more = (answer(ctx, command.index, ctx.live.plan_text, purpose="plan", version=plan.number),)
    elif ctx.live.plan_text is not None and seen is PlanComment.EDITED and plan.comment_id is not None:
        more = (put_back(ctx, command.index, plan.comment_id, ctx.live.plan_text),)
    return Decision(effects=(*stopped.effects, *more), failed=True)


def _issue_unchanged(command: Command, ctx: Context, task: TaskView, plan: PlanView, wanted: Wanted) -> Decision | None:
    """The tick "approve anyway" names the issue text that was shown with it, so a further edit is asked again."""
    now = ctx.issue.hash
    if task.issue_hash == now or (wanted.anyway is not None and now.startswith(wanted.anyway)):
        return None
    steps = wanted.asked.written if isinstance(wanted.asked, Asked) else ""
    again = " ".join(word for word in (f"/approve {short(plan)}", steps, f"anyway={now[:12]}") if word)
    anyway = button(ctx.language, "approve_anyway", again)
    text = say(ctx.language, "commands.approve.issue_edited", difference=_difference(ctx))
    return cannot(ctx, command.index, text, [anyway])


def _difference(ctx: Context) -> Md:
    if ctx.live.issue_then is None:
        return Md("")
    before = ctx.live.issue_then.replace("\r\n", "\n").split("\n")
    after = f"{ctx.issue.title}\n\n{ctx.issue.body}".replace("\r\n", "\n").split("\n")
    lines = list(difflib.unified_diff(before, after, "then", "now", lineterm="", n=1))[2:]
    if len(lines) > LONGEST_DIFF:
        lines = [*lines[:LONGEST_DIFF], "..."]
    return fence("\n".join(lines), "diff")


def _selection(plan: PlanView, wanted: Wanted) -> Selection | Refused:
    return wanted.asked if isinstance(wanted.asked, Refused) else resolve(plan.plan, wanted.asked)


Guard = Callable[[Command, Context, TaskView, PlanView, Wanted], Decision | None]
GUARDS: tuple[Guard, ...] = (
    _understood,
    _comment_stands,
    _current,
    _plan_comment_intact,
    _issue_unchanged,
)


def _approve(command: Command, ctx: Context, task: TaskView, plan: PlanView, wanted: Wanted) -> Decision:
    found = _selection(plan, wanted)
    if isinstance(found, Refused):
        return _refused(command, ctx, plan, found)
    scope = found.scope
    approval = ApprovePlan(
        plan_hash=plan.plan_hash,
        scope=scope,
        step_ids=found.steps,
        budget=_budget(ctx, task, wanted),
        user_id=ctx.actor.id,
        login=ctx.actor.login,
        role=ctx.actor.role or "",
        comment_id=ctx.source.comment_id,
        comment_hash=ctx.source.body_hash,
        issue_hash=ctx.issue.hash,
        base_sha=task.base_sha,
    )
    ready = ctx.live.dependencies_done
    event = TaskEvent.APPROVE if ready else TaskEvent.APPROVE_WAITING
    note = Note("PLAN_APPROVED", f"{short(plan)} {scope}", ctx.actor.login, {"plan": plan.number, "scope": scope})
    effects = (react(ctx, command.index, ROCKET),) if ready else ()
    told_too = _overlaps(command, ctx, plan, found)
    return accept(ctx, command.index, approval, Transition(event), note, effects=(*effects, *told_too))


def _overlaps(command: Command, ctx: Context, plan: PlanView, found: Selection) -> tuple[Effect, ...]:
    """Other approved plans that change the same files: said, never forbidden."""
    both = overlaps(files_of(plan.plan, found.steps), ctx.others)
    if not both:
        return ()
    lines = [say(ctx.language, "commands.approve.overlap"), ""]
    for one in both[:MOST_OVERLAPS]:
        files = Md(", ".join(code(path) for path in one.files[:MOST_FILES]))
        more = len(one.files) - MOST_FILES
        if more > 0:
            files = Md(say(ctx.language, "commands.approve.overlap_more", files=files, n=more))
        number, key = Md(str(one.task.issue_number)), one.task.key
        lines.append(say(ctx.language, "commands.approve.overlap_line", issue=number, task=key, files=files))
    return (answer(ctx, command.index, "\n".join(lines)),)


def _budget(ctx: Context, task: TaskView, wanted: Wanted) -> float:
    """What the plan may cost: as typed here, as the task has it, or as the installation grants."""
    if wanted.budget and wanted.budget.dollars is not None:
        return wanted.budget.dollars
    return task.budget if task.budget is not None else ctx.limits.budget
