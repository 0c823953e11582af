"""`/allow-path .github/workflows/ci.yml` -> eyes, and that this one protected file may be changed in this task."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ghapp.changes import AllowPath, Transition
from ghapp.commands.model import Command
from ghapp.decision import Context, Decision, Who
from ghapp.emit.inert import Md, code
from ghapp.replies import ROCKET, accept, answer, react, state_word, told
from ghapp.say.buttons import Button
from ghapp.say.messages import say
from ghapp.say.turn import allow_buttons, held_paths
from state.lifecycle import PauseReason, TaskEvent, TaskStatus
from state.plan.check_files import outside
from state.views import ALLOWED, TaskView

NAME = "allow-path"
SPANISH = ("permitir-ruta",)
HELP = "commands.help.allow-path"
WHO = Who.WRITE
WHEN = frozenset(TaskStatus) - {TaskStatus.COMPLETED, TaskStatus.ABORTED}
USAGE = "<path>"
LONGEST = 300
_NAME = re.compile(r"/(?:devtask[ \t]+)?[\w-]+[:.,;!]*[ \t]*", re.IGNORECASE)


def decide(command: Command, ctx: Context) -> Decision:
    """Exactly the path as it is typed, for this task only. A step that waited for nothing else goes on."""
    task = ctx.task
    if task is None:
        return told(ctx, command.index, "commands.no_task")
    if task.status not in WHEN:
        return told(ctx, command.index, "commands.allow_path.over", state=state_word(ctx, task.status))
    path, waits = typed(command), held_paths(task)
    if not path:
        return told(ctx, command.index, "commands.allow_path.which", allow_buttons(ctx.language, waits))
    if outside(path) is not None or len(path) > LONGEST or "`" in path:
        return told(ctx, command.index, "commands.allow_path.impossible", path=Md(code(path[:LONGEST])))
    known = next((one for one in task.options.get(ALLOWED, ()) if one["path"] == path), None)
    if known is not None:
        return told(ctx, command.index, "commands.allow_path.already", path=Md(code(path)), login=known["login"])
    return _allow(command, ctx, task, path, [one for one in waits if one != path])


def typed(command: Command) -> str:
    """The first line as it stands in the source, for a reader's eyes lose the underscores of a name."""
    first = command.raw.split("\n", 1)[0]
    rest = _NAME.sub("", first, count=1) if first else command.argument.split("\n", 1)[0]
    return rest.strip().strip("`").strip().removeprefix("./")


def _allow(command: Command, ctx: Context, task: TaskView, path: str, left: Sequence[str]) -> Decision:
    waited = path in held_paths(task)
    paused = task.status is TaskStatus.PAUSED and task.pause_reason is PauseReason.DECISION and waited
    goes_on = paused and not left
    key = "goes_on" if goes_on else "others" if left else "stored"
    more = {"others": Md(", ".join(code(one) for one in left))} if left else {}
    text = say(ctx.language, f"commands.allow_path.{key}", path=Md(code(path)), **more)
    buttons: Sequence[Button] = allow_buttons(ctx.language, left)
    said = answer(ctx, command.index, text, buttons)
    change = AllowPath(path, ctx.actor.id, ctx.actor.login, tuple(left))
    if not goes_on:
        return accept(ctx, command.index, change, effects=(said,))
    resume = Transition(TaskEvent.RESUME, {"status_reason": None})
    return accept(ctx, command.index, change, resume, effects=(said, react(ctx, command.index, ROCKET)))
