"""A step that needs a protected path: the task waits with the path named, and goes on when a writer allows exactly it.

The executor names the path in `extra_files` of `done`. What it did besides goes to the branch as a `wip:` commit, the
conversation that ended is put aside, and after `/allow-path` the next one begins with the tree as it was. No verdict is
written, so no attempt is used up.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ai.executor.agent import StepOutcome
from ai.executor.agent import outcome as outcome_of
from ai.limits import Exit
from ai.loop import Ended, finishing_call
from ai.trajectory import complete_rows, load
from ghapp.emit.inert import Md, code
from jobs.execution.wip import push_wip
from jobs.execution.work import Bench, Taken
from jobs.git.errors import GitError
from jobs.setup.belongs import named
from jobs.tools.memory import ToolSession
from state.db.engine import write
from state.errors import Told
from state.store import tasks
from state.views import ALLOWED, HELD

MOST = 10
"""Paths that one step may wait for; a step that wants more is none."""


class Held(Told):
    """The step waits for a person's word on these paths; what was done is kept."""

    def __init__(self, paths: Iterable[str]) -> None:
        super().__init__("paused.by_held", paths=Md(", ".join(code(path) for path in paths)))


def hold_if_named(taken: Taken, bench: Bench, number: int, outcome: StepOutcome) -> None:
    """Raises Held where `done` names protected paths: the rest of the work is kept on the branch first."""
    wanted = held_of(bench, outcome)
    if not wanted:
        return
    head = push_wip(taken, bench, number, f"waits for {', '.join(wanted)}")
    if head is not None:
        with write(taken.runtime.engine) as session:
            tasks.set_fields(session, taken.task.id, head_sha=head)
    hold(taken, wanted)


def hold(taken: Taken, paths: list[str]) -> None:
    """Write down what the task waits for. Always raises Held."""
    with write(taken.runtime.engine) as session:
        options = {**tasks.by_id(session, taken.task.id).options, HELD: paths}
        tasks.set_fields(session, taken.task.id, options=options)
    raise Held(paths)


def held_of(bench: Bench, outcome: StepOutcome) -> list[str]:
    """The protected paths that `done` asks for and nobody has allowed."""
    asked = (file.path for file in outcome.extra_files if file.reason.strip())
    return [path for path in dict.fromkeys(asked) if bench.guard.held(path)][:MOST]


def before_attempt(taken: Taken, bench: Bench, number: int) -> str:
    """Before a model is asked: feedback for an attempt that goes on after `/allow-path`; empty for any other.

    Raises Held where the approved step names a path that is protected and that nobody has allowed.
    """
    waiting = sorted(path for path in named(taken.step).files if bench.guard.held(path))
    if waiting:
        hold(taken, waiting[:MOST])
    past = load(taken.trajectory(number))
    call = finishing_call(past.turns) if past else None
    if past is None or call is None:
        return ""
    outcome = outcome_of(Ended(Exit.DONE, "", past.used, call))
    asked = [file.path for file in outcome.extra_files if file.path in allowed(taken)]
    if not asked or held_of(bench, outcome):
        return ""
    _put_aside(taken, bench, number)
    return (
        f"A person has allowed what the step waited for: {', '.join(asked)} may be written now. Your other changes are "
        f"in the work tree. Make the change there, then call done.\nYou said before: {outcome.summary}"
    )


def allowed(taken: Taken) -> list[str]:
    """The exact paths that writers opened for this task."""
    return [str(one["path"]) for one in taken.task.options.get(ALLOWED, ())]


def _put_aside(taken: Taken, bench: Bench, number: int) -> None:
    """The ended conversation gets another name, its last tree is put back; a model that begins anew reads anew."""
    file = taken.trajectory(number)
    trees = file.with_suffix(".trees")
    rows: list[Any] = list(complete_rows(trees)) if trees.exists() else []
    if rows:
        _back_to(bench, str(rows[-1][1]))
    session = ToolSession.open(file.with_suffix(".session"))
    session.seen.clear()
    session.save()
    times = len(list(file.parent.glob(f"{file.stem}.held*.jsonl"))) + 1
    file.rename(file.with_suffix(f".held{times}.jsonl"))


def _back_to(bench: Bench, commit: str) -> None:
    """The tree with everything that the ended conversation left; where this machine has it no more, the branch's."""
    workspace = bench.workspace
    try:
        workspace.reset(commit)
    except GitError:
        workspace.reset(workspace.head())
    workspace.git.run("read-tree", "--reset", bench.parent)
