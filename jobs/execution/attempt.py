"""One attempt: the executor's conversation in the sandbox, saved turn by turn so that the same host can go on."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ai.executor.agent import MAX_OUT, StepOutcome, StepRequest, run_step
from ai.executor.agent import outcome as outcome_of
from ai.executor.feedback import Feedback
from ai.limits import Exit, Limits
from ai.loop import Ended, finishing_call
from ai.port import Reply, Turn
from ai.trajectory import Trajectory, Used, complete_rows, load
from jobs.execution.authorship import authorship
from jobs.execution.toolbox import toolbox
from jobs.execution.work import Bench, Taken
from jobs.git.errors import GitError, Untrusted
from jobs.models import Payer, asker, begun_with, model_now, terms
from jobs.planning.changelog import changelog_of
from jobs.planning.request import conventions_text
from jobs.repomap.asked import executor_map
from jobs.setup.source import AtCommit
from state.db.engine import read, write
from state.failpoint import failpoint
from state.logs import get_log
from state.plan.model import Complexity
from state.store import leases, records, steps

CHANGING = frozenset({"edit_file", "replace_lines", "write_file", "delete_file", "move_file", "run", "run_tests"})
WIP = "wip: {title}"


def attempt(taken: Taken, bench: Bench, number: int, feedback: Feedback) -> tuple[StepOutcome, tuple[str, ...]]:
    """Let the executor work; how it ended, and the paths that its edit tools wrote.

    Raises ProviderError, BudgetReached: the trajectory and the wip ref then hold every complete turn.
    """
    runtime, settings = taken.runtime, taken.runtime.settings
    file = taken.trajectory(number)
    role = "executor_high" if taken.step.complexity is Complexity.HIGH else "executor"
    begun = begun_with(file)
    model = model_now(runtime, role, bench.config.models, begun)
    saver = Saver(taken, bench, file, number)
    if begun != model:
        saver.trees.unlink(missing_ok=True)
    saver.restore(fresh=number == 0 and not feedback.goes_on)
    limits = Limits(
        settings.max_turns, settings.max_execution_time, settings.budget_per_step, settings.max_tokens_per_step
    )
    tools = toolbox(taken, bench, number)
    payer = Payer(taken.task.id, taken.task.repo.id, taken.view.row_id, taken.task.budget)
    outcome = run_step(
        request(taken, bench, number, feedback),
        tools,
        asker(runtime, role, payer, taken.heart.stopped, model),
        Saved(file, lambda text: runtime.redactor.redact(text).text, saver.turn),
        terms(runtime, role, limits, MAX_OUT, model),
    )
    return outcome, tuple(sorted(tools.session.written))


class Saved(Trajectory):
    """A trajectory that has the work tree saved before a turn is written down."""

    def __init__(self, path: Path, redact: Callable[[str], str], save: Callable[[tuple[Turn, ...], int], None]) -> None:
        super().__init__(path, redact)
        self._save = save

    def turn(self, turns: tuple[Turn, ...], used: Used) -> None:
        """Save, then write: a crash in between repeats the turn on the tree of the one before it."""
        self._save(turns, used.turns)
        failpoint("exec.mid_write")
        super().turn(turns, used)
        failpoint("exec.turn")


@dataclass
class Saver:
    """Keeps the tree of every complete turn in the wip ref, and which tree belongs to which turn in a file beside."""

    taken: Taken
    bench: Bench
    trajectory: Path
    number: int
    checkpointed: float = field(default_factory=time.monotonic)

    @property
    def trees(self) -> Path:
        """Lines of [turn, commit]."""
        return self.trajectory.with_suffix(".trees")

    def turn(self, turns: tuple[Turn, ...], number: int) -> None:
        """After a complete turn: the tree if it may have changed, the lease's progress, a checkpoint now and then."""
        names = {call.name for turn in turns if isinstance(turn, Reply) for call in turn.calls}
        if names & CHANGING:
            self._save(number)
        with write(self.taken.runtime.engine) as session:
            leases.progressed(session, self.taken.lease)
        if time.monotonic() - self.checkpointed > self.taken.runtime.settings.checkpoint_interval:
            self.checkpointed = time.monotonic()
            checkpoint(self.taken, self.bench)

    def _save(self, number: int) -> None:
        who = authorship(self.taken)
        try:
            saved = self.bench.workspace.save(WIP.format(title=self.taken.step.title), who)
        except Untrusted as planted:
            # The tools tell the model; a crash before it is removed goes on from the tree of an earlier turn.
            get_log().warning("turn not saved", why=str(planted))
            return
        with self.trees.open("a") as file:
            file.write(json.dumps([number, saved]) + "\n")

    def restore(self, *, fresh: bool) -> None:
        """The tree as it was at the last complete turn of this attempt, if there is one; else as the attempt begins.

        A retry (not `fresh`) begins with the edits of the attempt before it.
        """
        complete = self._complete(self.trajectory)
        if complete:
            keep_rows(self.trees, complete)
            self._back_to(complete[-1][1])
        elif fresh:
            self.bench.workspace.reset(self.bench.parent)
        elif not self.bench.workspace.changed():
            self._inherit()

    def _inherit(self) -> None:
        """A crash between two attempts: the tree as the attempt before left it."""
        for number in reversed(range(self.number)):
            if complete := self._complete(self.taken.trajectory(number)):
                self._back_to(complete[-1][1])
                return

    def _complete(self, trajectory: Path) -> list[tuple[int, str | None]]:
        """Rows of turns that were written down; a tree whose turn was not is of no conversation."""
        past, trees = load(trajectory), trajectory.with_suffix(".trees")
        if past is None or not trees.exists():
            return []
        rows: list[Any] = list(complete_rows(trees))
        return [(turn, commit) for turn, commit in rows if past.used.turns >= turn]

    def _back_to(self, commit: str | None) -> None:
        workspace = self.bench.workspace
        try:
            workspace.reset(commit or self.bench.parent)
            if commit:
                workspace.git.run("read-tree", "--reset", self.bench.parent)
        except GitError:
            workspace.reset(self.bench.parent)
            self.trajectory.unlink(missing_ok=True)


def keep_rows(trees: Path, rows: Sequence[tuple[int, str | None]]) -> None:
    """Forget the others, so that a later turn of the same number is not taken for them. In one piece."""
    half = trees.with_suffix(".half")
    half.write_text("".join(json.dumps(row) + "\n" for row in rows))
    half.replace(trees)


def last_tree(trajectory: Path) -> str | None:
    """The commit of the tree that an attempt last saved, if it changed anything."""
    trees = trajectory.with_suffix(".trees")
    rows: list[Any] = list(complete_rows(trees)) if trees.exists() else []
    return str(rows[-1][1]) if rows and rows[-1][1] else None


def ended(taken: Taken, number: int) -> StepOutcome | None:
    """What the executor said at the end of an attempt, out of its trajectory; None when it did not come to an end."""
    past = load(taken.trajectory(number))
    call = finishing_call(past.turns) if past else None
    return outcome_of(Ended(Exit.DONE, "", past.used, call)) if past and call else None


def request(taken: Taken, bench: Bench, number: int, feedback: Feedback) -> StepRequest:
    """What the executor is told."""
    titles = {step.id: step.title for step in taken.plan.steps()}
    with read(taken.runtime.engine) as session:
        notes = tuple((titles.get(key, key), note) for key, note in steps.handoffs(session, taken.task.id))
    return StepRequest(
        repo=taken.task.repo.full_name,
        base=bench.repository.base,
        plan=taken.plan,
        step=taken.step,
        commands=commands_of(bench),
        attempt=number + 1,
        attempts=taken.runtime.settings.max_retries + 1,
        conventions=conventions_text(bench.repository),
        repo_map=executor_map(bench.repository.mirror, bench.parent, taken.step, taken.runtime.settings.data_path),
        handoffs=notes,
        feedback=feedback,
        protected=bench.config.protected,
        changelog=changelog_of(AtCommit(bench.repository.mirror, bench.repository.base_sha)),
        blocking=bench.config.blocking,
    )


def commands_of(bench: Bench) -> dict[str, str]:
    """The repository's commands by purpose, as the checks will run them."""
    named = {"tests": bench.tests.command, "lint": bench.config.lint, "types": bench.config.typecheck}
    return {purpose: command for purpose, command in named.items() if command}


def checkpoint(taken: Taken, bench: Bench, tests: tuple[int, int] = (0, 0)) -> None:
    """Durable progress as a row and as a file on this machine."""
    changed = bench.workspace.changed()
    state = {
        "current_step": taken.view.number,
        "files_modified": changed,
        "tests_passed": tests[0],
        "tests_failed": tests[1],
    }
    git = {"branch": taken.task.branch, "last_commit": bench.workspace.head(), "uncommitted_changes": bool(changed)}
    with write(taken.runtime.engine) as session:
        made = records.add_checkpoint(session, taken.task.id, state, git, step_id=taken.view.row_id)
    folder = taken.runtime.settings.logs_path / taken.task.key / "checkpoints"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    values = {
        "checkpoint_id": made.id,
        "task_id": taken.task.id,
        "created_at": made.created_at.isoformat().replace("+00:00", "Z"),
        "state_snapshot": state,
        "git_status": git,
    }
    target = folder / f"{made.name}.json"
    target.touch(mode=0o600)
    target.write_text(json.dumps(values, indent=2) + "\n")
