"""From edits to a commit that passed the last word: the checks on a fresh checkout of exactly that commit."""

from __future__ import annotations

from dataclasses import dataclass

from ai.executor.agent import StepOutcome
from jobs.checks.result import CheckResult, Status
from jobs.execution.authorship import authorship, is_mine, step_message
from jobs.execution.files import files_for, tests_of, write_files
from jobs.execution.work import Bench, Taken
from jobs.git.changes import Change, changed_files, diff_text
from jobs.git.errors import Untrusted
from jobs.git.facts import file_at
from jobs.git.workspace import Workspace, adopt
from state.db.engine import write
from state.failpoint import failpoint
from state.plan.branch_facts import FOLDER
from state.store import leases

LAST_WORD = "last-word"


@dataclass(frozen=True)
class Candidate:
    """A commit of the step that has not had the last word yet, with what it took and what it left out."""

    sha: str
    changes: tuple[Change, ...]
    left_out: tuple[str, ...] = ()


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


def left_behind(taken: Taken, workspace: Workspace) -> str | None:
    """The step's own commit that was made but not recorded, if the task's ref is at one.

    It stands on the last commit that the database knows, which is unfinished work of this step after a limit.
    """
    return adopt(workspace, taken.task.head_sha or taken.base, lambda found: is_mine(taken, found))


def bench_parent(taken: Taken) -> str:
    """Where the step begins: the last finished step's commit, or the base. Unfinished work on the branch is no step."""
    done = [step.commit_sha for step in taken.task.steps if step.commit_sha]
    return done[-1] if done else taken.base


def commit(taken: Taken, bench: Bench, number: int, outcome: StepOutcome, written: tuple[str, ...]) -> Candidate | Red:
    """Commit what the edit tools wrote, what the plan names, what `done` took with a reason; the rest is left out."""
    workspace = bench.workspace
    planned = {file.path for file in taken.step.files}
    extra = {file.path for file in outcome.extra_files if file.reason}
    changed = [path for path in workspace.changed() if not path.startswith(f"{FOLDER}/")]
    chosen = [path for path in changed if path in planned | extra | set(written) and bench.guard.reason(path) is None]
    if not chosen:
        return Red("no_edit", "Nothing that belongs to this step was changed, so there is nothing to commit.")
    try:
        snapshot = workspace.snapshot()
        own = write_files(bench, files_for(taken, bench, snapshot, tests_of(0, 0, 0)))
        sha = workspace.commit([*chosen, *own], step_message(taken, bench, number, outcome), authorship(taken))
    except Untrusted as refused:
        return Red("protected_path", f"The change cannot be committed: {refused}")
    if sha is None:
        return Red("no_edit", "The tree is the same as before the step, so there is nothing to commit.")
    failpoint("step.after_commit")
    with write(taken.runtime.engine) as session:
        leases.progressed(session, taken.lease)
    left = tuple(path for path in changed if path not in chosen)
    return Candidate(sha, changes_of(taken, bench, sha), left)


def changes_of(taken: Taken, bench: Bench, sha: str) -> tuple[Change, ...]:
    """What the commit changes, our own files aside."""
    found = changed_files(bench.repository.mirror, bench_parent(taken), sha)
    return tuple(change for change in found if not change.path.startswith(f"{FOLDER}/"))


def last_word(taken: Taken, bench: Bench, candidate: Candidate) -> tuple[CheckResult, ...] | Red:
    """The checks on a fresh checkout of the commit, and the look for secrets in what would leave."""
    if leaks(taken, bench, bench_parent(taken), candidate.sha):
        return Red("secret", "The change holds something that looks like a secret. Take it out.")
    results = tuple(bench.judge.commit(candidate.sha, bench.workspace.root / LAST_WORD))
    stopped = next((one for one in results if one.stops), None)
    return Red(stopped.reason, feedback_of(results), results) if stopped else results


def leaks(taken: Taken, bench: Bench, base: str, commit: str) -> bool:
    """Whether the commit brings a secret that was not there before; to take one out is no leak."""
    mirror, redact = bench.repository.mirror, taken.runtime.redactor.redact
    diff, cut = diff_text(mirror, base, commit)
    if redact(added(diff)).count:
        return True
    changes = changed_files(mirror, base, commit) if cut else []
    blobs = (file_at(mirror, commit, change.path) or b"" for change in changes if change.what != "deleted")
    return any(redact(blob.decode("utf-8", "replace")).count for blob in blobs)


def added(diff: str) -> str:
    """The lines that a diff adds, and the paths that it names."""
    return "\n".join(line[1:] for line in diff.split("\n") if line.startswith("+"))


def unfinished(taken: Taken, bench: Bench, reason: str, said: str) -> Red:
    """An attempt that ended without `done`: what the checks say of the tree as it was left, for the next one."""
    try:
        tree = bench.workspace.snapshot()
        changed = changed_files(bench.repository.mirror, bench.parent, tree)
        results = tuple(bench.judge.tree(bench.box, tree)) if changed else ()
    except Untrusted as planted:
        return Red(reason, f"{said}\n\nNo commit can hold this, so remove it: {planted}")
    if not results:
        return Red(reason, f"{said}\n\nNothing has been changed so far.")
    found = feedback_of(results)
    if not found:
        return Red(reason, f"{said}\n\nThe checks find nothing wrong with the tree as it is.", results)
    return Red("checks" if reason == "same_call" else reason, f"{said}\n\n{found}", results)


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
