"""What an attempt is told about those before it, gathered from the verdicts, the repository and the debug agent."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from ai.executor.agent import claim
from ai.executor.feedback import AVOID, AVOID_RED, SAID_NOTHING, Example, Feedback, Mistake, cut, shortened
from jobs.checks.tests import Baseline
from jobs.execution.brakes import LAST, Rung
from jobs.execution.debug import suggested
from jobs.execution.findings import analysis_name, kept_guidance
from jobs.execution.tried import diff_of, tree_now
from jobs.execution.work import Bench, Taken
from jobs.git.facts import file_at, tree_files
from state.db.engine import read
from state.lifecycle import StepStatus
from state.plan.flat import is_test
from state.store import steps
from state.store.steps import AttemptView

MISTAKES, TESTS_SHOWN, EXAMPLE_LINES, EXAMPLE_BYTES, DIFF_BYTES = 2, 2, 60, 2_500, 12_000
WITH_EXAMPLES = 2
PASSED_AT_BASE = "its tests pass"
PASSED_CHECKS = "it passed every check of this plan"


def feedback_for(taken: Taken, place: Bench, rung: Rung) -> Feedback:
    """The feedback of a rung; the first attempt of a new round is told what the last round came to."""
    with read(taken.runtime.engine) as session:
        verdicts = [one for one in steps.attempts(session, taken.view.row_id) if one.result == "failed"]
        guidance = kept_guidance(session, taken.task.id, analysis_name(taken.view.id, taken.view.round))
    mine = [one for one in verdicts if one.round == taken.view.round]
    if not verdicts:
        return Feedback(guidance=guidance, anew=bool(guidance))
    told = Feedback(errors=verdicts[-1].feedback, guidance=guidance, anew=not mine, last=rung.last and bool(mine))
    if mine and rung.level < WITH_EXAMPLES:
        return told
    if rung.level >= LAST:
        told = _studied(taken, place, told, len(mine))
    return replace(
        told,
        examples=tuple(examples(taken, place)) if mine else (),
        mistakes=mistakes(taken, verdicts),
    )


def _studied(taken: Taken, place: Bench, told: Feedback, attempts: int) -> Feedback:
    """With what the debug agent finds, and the diff that it speaks of."""
    found = suggested(taken, place, attempts)
    tree = tree_now(taken, place)
    diff = cut(diff_of(place, tree), DIFF_BYTES) if tree else ""
    return replace(told, diff=diff, cause=found.cause, suggestions=found.suggestions)


def mistakes(taken: Taken, verdicts: Sequence[AttemptView]) -> tuple[Mistake, ...]:
    """The newest failed attempts before the last one, whose errors are told in full; with what to do instead."""
    newest = verdicts[-1 - MISTAKES : -1] or verdicts[-1:]
    return tuple(_mistake(taken, one) for one in newest)


def _mistake(taken: Taken, one: AttemptView) -> Mistake:
    file = taken.trajectory(one.number)
    file = file.with_name(f"{taken.view.id}-r{one.round}-a{one.number}.jsonl")
    error = one.fingerprints[0] if one.fingerprints else one.feedback.split("\n", 1)[0]
    did, came = shortened([claim(file) or SAID_NOTHING, str(error)], 400)
    return Mistake(did, came, AVOID.get(one.reason, AVOID_RED))


def examples(taken: Taken, place: Bench) -> Iterator[Example]:
    """At most three: what the last finished step changed, and tests of this repository that pass, the closest first."""
    yield from _of_last_step(taken, place)
    for path in close_tests(taken, place)[:TESTS_SHOWN]:
        raw = file_at(place.repository.mirror, place.parent, path) or b""
        if b"\0" not in raw and raw.strip():
            yield Example(path, PASSED_AT_BASE, head(raw))


def _of_last_step(taken: Taken, place: Bench) -> Iterator[Example]:
    done = [one for one in taken.task.steps if one.status is StepStatus.DONE and one.commit_sha]
    if not done or not done[-1].files:
        return
    last, path = done[-1], _main(done[-1].files)
    raw = file_at(place.repository.mirror, last.commit_sha or "", path)
    if raw is not None and b"\0" not in raw:
        yield Example(f"{path}, step {last.number} of this plan", PASSED_CHECKS, head(raw))


def _main(paths: Sequence[str]) -> str:
    """The first file that is no test."""
    return next((path for path in paths if not is_test(path) and not path.startswith(".")), paths[0])


def head(raw: bytes) -> str:
    """The beginning of a file."""
    lines = raw.decode("utf-8", "replace").split("\n")[:EXAMPLE_LINES]
    return cut("\n".join(lines), EXAMPLE_BYTES)


def close_tests(taken: Taken, place: Bench) -> list[str]:
    """Test files whose tests pass at the base, those that share the most with the step's paths first."""
    wanted = {part for file in taken.step.files for part in _words(file.path)}
    own = {file.path for file in taken.step.files}
    found = [file.path for file in tree_files(place.repository.mirror, place.parent) if is_test(file.path)]
    fine = [path for path in found if path not in own and "conftest" not in path and passes(path, place.baseline)]
    return sorted(fine, key=lambda path: (-len(wanted & _words(path)), path))


def _words(path: str) -> frozenset[str]:
    stem = path.rsplit(".", 1)[0]
    return frozenset(word for word in stem.replace("/", "_").replace("-", "_").lower().split("_") if len(word) > 2)


def passes(path: str, baseline: Baseline) -> bool:
    """Whether the base's run names tests of that file and none of them failed."""
    if baseline.report is None:
        return False
    dotted = path.rsplit(".", 1)[0].replace("/", ".")
    mine = [case for case in baseline.report.cases if path in case.id or dotted in case.id]
    return bool(mine) and not any(case.bad for case in mine)
