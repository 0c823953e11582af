"""From edits to a commit that passed the last word: the checks on a fresh checkout of exactly that commit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from ai.executor.agent import StepOutcome
from jobs.checks.result import CheckResult, Status
from jobs.execution import secrets
from jobs.execution.authorship import authorship, is_mine, step_message
from jobs.execution.files import files_for, write_files
from jobs.execution.held import hold_if_named
from jobs.execution.work import Bench, Taken
from jobs.git.changes import Change, changed_files
from jobs.git.errors import Untrusted
from jobs.git.facts import tree_files
from jobs.git.workspace import Workspace, adopt
from jobs.setup.belongs import Choice, choose, junk, named
from state.db.engine import write
from state.failpoint import failpoint
from state.plan.branch_facts import FOLDER
from state.plan.model import Step
from state.store import leases

LAST_WORD = "last-word"


@dataclass(frozen=True)
class Candidate:
    """A commit of the step that has not had the last word yet, with what it took and what it left out.

    `extra`: path to the reason that `done` gave for a file that the plan does not name.
    """

    sha: str
    changes: tuple[Change, ...]
    left_out: tuple[str, ...] = ()
    extra: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Red:
    """Why there is no good commit: `reason` is a key of failure.reason, `feedback` is for the executor."""

    reason: str
    feedback: str
    results: tuple[CheckResult, ...] = ()


def adopted(taken: Taken, bench: Bench) -> Candidate | None:
    """After a crash: the step's own commit that was made but not recorded."""
    sha = left_behind(taken, bench.workspace)
    return Candidate(sha, changes_of(taken, bench, sha)) if sha else None


def reasoned(candidate: Candidate, step: Step, outcome: StepOutcome | None) -> Candidate:
    """An adopted commit with the reasons that its `done` gave; what was left out of it is known no more."""
    given = {file.path: file.reason.strip() for file in outcome.extra_files} if outcome else {}
    plan, new = named(step), {change.path for change in candidate.changes if change.what == "created"}
    paths = [change.path for change in candidate.changes if not plan.takes(change.path, new=change.path in new)]
    return replace(candidate, extra={path: given[path] for path in paths if given.get(path)})


def left_behind(taken: Taken, workspace: Workspace) -> str | None:
    """The step's own commit that was made but not recorded, if the task's ref is at one.

    It stands on the last commit that the database knows, which is unfinished work of this step after a limit.
    """
    return adopt(workspace, taken.task.head_sha or taken.base, lambda found: is_mine(taken, found))


def bench_parent(taken: Taken) -> str:
    """Where the step begins: the last finished step's commit, or the base. Unfinished work on the branch is no step."""
    return taken.task.finished_last or taken.base


def commit(taken: Taken, bench: Bench, number: int, outcome: StepOutcome, written: tuple[str, ...]) -> Candidate | Red:
    """Commit what the edit tools wrote, what the plan names, what `done` took with a reason; the rest is left out.

    Raises held.Held where the step needs a protected path that nobody has allowed yet.
    """
    workspace = bench.workspace
    hold_if_named(taken, bench, number, outcome)
    chosen = chosen_of(taken, bench, outcome, written)
    if not chosen.taken:
        return Red("no_edit", nothing_taken(chosen))
    try:
        snapshot = workspace.snapshot()
        own = write_files(bench, files_for(taken, bench, snapshot))
        sha = workspace.commit([*chosen.taken, *own], step_message(taken, bench, number, outcome), authorship(taken))
    except Untrusted as refused:
        return Red("protected_path", f"The change cannot be committed: {refused}")
    if sha is None:
        return Red("no_edit", "The tree is the same as before the step, so there is nothing to commit.")
    failpoint("step.after_commit")
    with write(taken.runtime.engine) as session:
        leases.progressed(session, taken.lease)
    return Candidate(sha, changes_of(taken, bench, sha), chosen.left, chosen.extra)


def chosen_of(taken: Taken, bench: Bench, outcome: StepOutcome, written: tuple[str, ...]) -> Choice:
    """What the commit takes of the tree as it is."""
    changed = [path for path in bench.workspace.changed() if not path.startswith(f"{FOLDER}/")]
    before = {file.path for file in tree_files(bench.repository.mirror, bench.parent)}
    new = {path for path in changed if path not in before}
    barred = {path for path in changed if bench.guard.reason(path) is not None}
    extra = {file.path: file.reason for file in outcome.extra_files}
    return choose(changed, new, named(taken.step), written, extra, barred)


def nothing_taken(chosen: Choice) -> str:
    """Feedback: nothing was changed, or nothing that may go into the commit."""
    if not chosen.left:
        return "Nothing that belongs to this step was changed, so there is nothing to commit."
    return (
        "Nothing that belongs to this step was changed. These files were, but neither the edit tools wrote them nor "
        f"the plan names them: {', '.join(chosen.left[:10])}. Name those that belong to the step in `extra_files` of "
        "`done`, each with the reason."
    )


def changes_of(taken: Taken, bench: Bench, sha: str) -> tuple[Change, ...]:
    """What the commit changes, our own files aside."""
    found = changed_files(bench.repository.mirror, bench_parent(taken), sha)
    return tuple(change for change in found if not change.path.startswith(f"{FOLDER}/"))


def last_word(taken: Taken, bench: Bench, candidate: Candidate) -> tuple[CheckResult, ...] | Red:
    """The checks on a fresh checkout of the commit, and the look for secrets in what would leave."""
    mirror, redactor = bench.repository.mirror, taken.runtime.redactor
    found = secrets.leaks(mirror, bench_parent(taken), candidate.sha, redactor, taken.task.branch or "")
    if found:
        return Red("secret", secrets.feedback(found))
    results = tuple(bench.judge.commit(candidate.sha, bench.workspace.root / LAST_WORD))
    stopped = next((one for one in results if one.stops), None)
    return Red(stopped.reason, feedback_of(results), results) if stopped else results


def unfinished(taken: Taken, bench: Bench, reason: str, said: str) -> Red:
    """An attempt that ended without `done`: what the checks say of the tree as it was left, for the next one."""
    try:
        tree = bench.workspace.snapshot(junk)
        changed = changed_files(bench.repository.mirror, bench.parent, tree)
        results = tuple(bench.judge.tree(bench.box, tree)) if changed else ()
    except Untrusted as planted:
        return Red(reason, f"{said}\n\nNo commit can hold this, so remove it: {planted}")
    if not results:
        return Red(reason, f"{said}\n\nNothing has been changed so far.")
    found = feedback_of(results)
    if not found:
        return Red(reason, f"{said}\n\nThe checks find nothing wrong with the tree as it is.", results)
    stopped = next((one for one in results if one.stops), None)
    return Red(stopped.reason if stopped and reason == "same_call" else reason, f"{said}\n\n{found}", results)


def feedback_of(results: tuple[CheckResult, ...]) -> str:
    """What the next attempt is told: each failed check with its command and the end of its output."""
    parts = []
    for result in results:
        if result.status is Status.FAILED:
            command = f" (`{result.command}` ended with {result.exit_code})" if result.command else ""
            parts.append(f"{result.name}: {result.summary}{command}\n{failures(result)}")
    return "\n\n".join(parts)


def failures(result: CheckResult, most: int = 5) -> str:
    """Failing tests with their assertion first; without a report the end of the output."""
    bad = [case for case in result.tests.cases if case.bad] if result.tests else []
    if not any(case.message or case.detail for case in bad):
        # a runner without a report names its failures in the output only
        return "\n".join([*(f"- {case.id}" for case in bad[:most]), result.tail[-3000:]])
    shown = "\n".join(f"- {case.id}\n{case.message}\n{case.detail[-1200:]}" for case in bad[:most])
    return shown + (f"\nand {len(bad) - most} more" if len(bad) > most else "")


def undo(taken: Taken, bench: Bench, candidate: Candidate) -> None:
    """The commit did not stand the last word: the task's ref and index go back, the edits stay in the tree."""
    bench.workspace.undo(candidate.sha, taken.task.head_sha, bench_parent(taken))
    failpoint("step.after_undo")
