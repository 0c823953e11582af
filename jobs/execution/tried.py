"""What is known of a step's failed attempts, gathered for the debug agent: verdicts, diffs, claims, files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ai.debug.agent import DONE_STEPS, DebugRequest, Tried
from ai.executor.agent import claim
from jobs.checks.stored import check_json
from jobs.execution.attempt import last_tree
from jobs.execution.commit import Red
from jobs.execution.work import Bench, Taken
from jobs.git.changes import changed_files, diff_text
from jobs.git.errors import GitError, Untrusted
from jobs.git.facts import file_at
from state.db.engine import read
from state.lifecycle import StepStatus
from state.plan.branch_facts import FOLDER
from state.store import steps
from state.store.steps import AttemptView

FILES, EARLIER, TAIL_BYTES = 6, 4, 40_000


def request_of(taken: Taken, place: Bench, red: Red | None) -> DebugRequest:
    """Everything for the debugger; `red` is the verdict on the attempt at hand, which is not stored yet."""
    with read(taken.runtime.engine) as session:
        verdicts = steps.attempts(session, taken.view.row_id)
    done = [one for one in taken.task.steps if one.status is StepStatus.DONE][-DONE_STEPS:]
    closed = (StepStatus.DONE, StepStatus.SKIPPED, StepStatus.CANCELLED)
    return DebugRequest(
        repo=taken.task.repo.full_name,
        plan=taken.plan,
        step=taken.step,
        tried=tuple(tried(taken, place, verdicts, red)),
        done=tuple((f"{one.number}. {one.title}", one.handoff or "") for one in done),
        files=tuple(files(taken, place)),
        open_steps=tuple((one.id, one.title) for one in taken.task.steps if one.status not in closed),
        protected=place.config.protected,
        language=taken.task.language,
    )


def tried(taken: Taken, place: Bench, verdicts: Sequence[AttemptView], red: Red | None) -> Iterator[Tried]:
    """The attempts of this round with their diffs, after the verdicts of earlier rounds."""
    earlier = [one for one in verdicts if one.round < taken.view.round and one.result == "failed"][-EARLIER:]
    for one in earlier:
        yield Tried(f"round {one.round + 1}, attempt {one.number + 1}", one.reason, _checks(one.checks), one.feedback)
    mine = [one for one in verdicts if one.round == taken.view.round and one.result == "failed"]
    for one in mine:
        yield _tried(taken, place, one.number, one.reason, _checks(one.checks), one.feedback)
    if red is not None:
        checks = _checks([check_json(one) for one in red.results])
        yield _tried(taken, place, len(mine), red.reason, checks, red.feedback)


def _tried(taken: Taken, place: Bench, number: int, reason: str, checks: tuple[str, ...], feedback: str) -> Tried:
    tree = last_tree(taken.trajectory(number))
    diff = diff_of(place, tree) if tree else ""
    return Tried(f"attempt {number + 1}", reason, checks, feedback, diff, claim(taken.trajectory(number)))


def _checks(stored: Sequence[dict[str, object]]) -> tuple[str, ...]:
    return tuple(f"{one['name']}: {one['status']}" for one in stored)


def diff_of(place: Bench, tree: str, limit: int = TAIL_BYTES) -> str:
    """What a tree changes against the step's beginning, our own files aside; empty where git cannot say."""
    mirror = place.repository.mirror
    try:
        text, _ = diff_text(mirror, place.parent, tree, None, limit)
    except GitError:
        return ""
    parts = ("\n" + text).split("\ndiff --git ")[1:]
    return "\n".join(f"diff --git {part}" for part in parts if not part.startswith((f"a/{FOLDER}/", f'"a/{FOLDER}/')))


def tree_now(taken: Taken, place: Bench) -> str | None:
    """The work of the round's attempts so far, as an object: the work tree, or what was saved of it before a crash or
    before it was committed. None where there is none, or it holds what no tree may.
    """
    try:
        if place.workspace.changed():
            return place.workspace.snapshot()
    except (Untrusted, GitError):
        return None
    numbers = range(taken.runtime.settings.max_retries, -1, -1)
    return next((tree for number in numbers if (tree := last_tree(taken.trajectory(number)))), None)


def files(taken: Taken, place: Bench) -> Iterator[tuple[str, str]]:
    """The files of the step and those that were changed, as they are now; binary ones are left out."""
    tree, mirror = tree_now(taken, place) or place.parent, place.repository.mirror
    changed = [one.path for one in changed_files(mirror, place.parent, tree) if one.what != "deleted"]
    wanted = dict.fromkeys([*(file.path for file in taken.step.files), *changed])
    for path in [one for one in wanted if not one.startswith(f"{FOLDER}/")][:FILES]:
        raw = file_at(mirror, tree, path)
        if raw is not None and b"\0" not in raw and len(raw) <= TAIL_BYTES:
            yield path, raw.decode("utf-8", "replace").rstrip("\n")
