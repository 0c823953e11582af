"""All tasks side by side on one stage: asked, approved as their plans come, followed to their ends, judged."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from cli.evaluation.judge import environment_of, hidden_checks
from cli.evaluation.minds import Minds
from cli.evaluation.results import Result, said
from cli.evaluation.samples import SPECIAL_CASE, Row, Sample, write
from cli.evaluation.usage import usage_of
from cli.stage import Stage

if TYPE_CHECKING:
    from sqlalchemy import Engine
    from sqlalchemy.orm import Session

    from state.settings import Settings
    from state.views import TaskView

OWNER, WRITER = "ana", "ben"
SCRIPTED_ENV = {"MAX_RETRIES": "0", "MAX_TURNS": "8"}
"""A script would only say the same again, and needs few turns."""
SCRIPTED_SECONDS, REAL_SECONDS = 600.0, 3 * 3600.0
POLL_SECONDS = 0.5
WAITING = frozenset({"PLANNING", "PLANNED", "EXECUTING"})
VERDICTS = {"COMPLETED": "done"}
REAL = "model"


@dataclass
class Case:
    """One task to be had: a script, or the real models where `script` is REAL. `expected` is the table's row."""

    sample: Sample
    script: str
    number: int
    expected: Row | None = None
    issue: int = 0
    approved: bool = False
    result: Result | None = None
    begun: float = field(default_factory=time.monotonic)

    @property
    def name(self) -> str:
        """For people."""
        return f"{self.sample.name} {self.script}-{self.number}"

    @property
    def account(self) -> str:
        """The owner of its repository, so an installation and its limits: of its own for each try of the models."""
        name = self.sample.name.replace("_", "-")
        return name if self.number == 1 else f"{name}-{self.number}"

    @property
    def repo(self) -> str:
        """All scripts on one sample share a repository, as tasks do in life."""
        return f"{self.account}/code"


@dataclass
class Play:
    """A running stage and where it keeps what is asked about."""

    stage: Stage
    settings: Settings
    engine: Engine
    out: Path
    say: Callable[[str], None]


def play(
    cases: Sequence[Case], out: Path, stage_folder: Path, say: Callable[[str], None], *, steps: int
) -> list[Result]:
    """Every case's result, in order; trajectories and a failing service's logs are kept in `out`."""
    scripted = all(case.script != REAL for case in cases)
    minds = Minds()
    with _stage(stage_folder, minds, scripted, steps, say) as stage, _looking(stage) as (settings, engine):
        now = Play(stage, settings, engine, out, say)
        for case in {case.repo: case for case in cases}.values():
            _make_repository(now, case)
        for place, case in enumerate(cases):
            _ask(now, case, minds, f"e{place}x" if scripted else "")
        _follow(now, cases, SCRIPTED_SECONDS if scripted else REAL_SECONDS)
        errors = stage.folder / "logs" / "error.log"
        if errors.exists():
            shutil.copy(errors, out / "error.log")
    return [case.result for case in cases if case.result is not None]


@contextmanager
def _stage(folder: Path, minds: Minds, scripted: bool, steps: int, say: Callable[[str], None]) -> Iterator[Stage]:
    from devkit.rig.script import Script

    scripts = [Script.from_callable(minds) if scripted else None for _ in range(2)]
    with Stage(folder, *scripts, steps=steps, env=SCRIPTED_ENV if scripted else None, say=say) as stage:
        for login in (OWNER, WRITER):
            stage.world.user(login)
        stage.world.tune(creates_per_minute=100_000, creates_per_hour=1_000_000)
        yield stage


@contextmanager
def _looking(stage: Stage) -> Iterator[tuple[Settings, Engine]]:
    from state.db.engine import make_engine
    from state.settings import Process, load_settings

    settings = load_settings(Process.TOOL, stage.env)
    engine = make_engine(settings.db_url)
    try:
        yield settings, engine
    finally:
        engine.dispose()


def _make_repository(now: Play, case: Case) -> None:
    """The sample as a repository with one commit on `main`."""
    tree = now.stage.folder / "samples" / case.repo
    write(case.sample.files(), tree)
    git = [
        "git",
        "-C",
        str(tree),
        "-c",
        "user.name=Ana",
        "-c",
        "user.email=ana@example.com",
        "-c",
        "core.autocrlf=false",
    ]
    for command in (["init", "-q", "-b", "main"], ["add", "-A", "-f"], ["commit", "-q", "-m", "First version"]):
        subprocess.run([*git, *command], check=True)
    world = now.stage.world
    world.user(case.account)
    world.repo(case.repo, from_bare=tree)
    world.install(case.account)
    world.role(case.repo, OWNER, "admin")
    world.role(case.repo, WRITER, "write")


def _ask(now: Play, case: Case, minds: Minds, word: str) -> None:
    asked = case.sample.asked
    if word:
        minds.add(word, case.sample, case.script)
    world = now.stage.world
    case.issue = world.issue(case.repo, OWNER, asked.title, asked.body)
    world.comment(case.repo, case.issue, WRITER, f"/task {asked.request} {word}".rstrip())
    case.begun = time.monotonic()


def _follow(now: Play, cases: Sequence[Case], seconds: float) -> None:
    """Approve plans as they come, judge tasks as they end, until none is left or the time is up."""
    from state.db.engine import read
    from state.store import tasks

    deadline = time.monotonic() + seconds
    by_place = {(case.repo, case.issue): case for case in cases}
    while any(case.result is None for case in cases):
        late = time.monotonic() > deadline
        with read(now.engine) as session:
            for task in tasks.recent(session, limit=2 * len(cases)):
                case = by_place.get((task.repo.full_name, task.issue_number))
                if case is not None and case.result is None:
                    _look(now, session, case, task, late=late)
        if late:
            return
        time.sleep(POLL_SECONDS)


def _look(now: Play, session: Session, case: Case, task: TaskView, *, late: bool) -> None:
    """One look at one task."""
    if not case.approved:
        _approve(now, case, task)
    going_on = task.status in WAITING or (task.status == "PAUSED" and task.resume_at is not None)
    if late or not going_on:
        case.result = _result(now, session, case, task, late=late and going_on)
        one = case.result
        now.say(f"{one.seconds:6.1f} s  {case.name:<38} {said(one.verdict, one.reason):<22} {one.mark()}")
        if one.why and one.as_expected is False:
            now.say(f"          {one.why}")


def _approve(now: Play, case: Case, task: TaskView) -> None:
    """As soon as the plan can be read."""
    if task.status == "PLANNED" and task.plan is not None and task.plan.posted_at:
        case.approved = True
        now.stage.world.comment(case.repo, case.issue, WRITER, f"/approve {task.plan.plan_hash[:4]}")


def _result(now: Play, session: Session, case: Case, task: TaskView, *, late: bool) -> Result:
    verdict = "late" if late else VERDICTS.get(task.status.value, task.status.value.lower())
    reason, why = _reason(session, task)
    if verdict == "done":
        environment = environment_of(now.settings.repos_path, task.repo.id)
        bare = now.stage.world.bare(case.repo)
        kind = "none" if now.settings.sandbox == "none" else "bwrap"
        why = hidden_checks(case.sample, bare, task.branch or "", environment, kind)
    kept = now.out / case.sample.name / f"{case.script}-{case.number}"
    used = usage_of(task, now.settings.data_path / "trajectories" / task.key, kept)
    return Result(
        repository=case.sample.name,
        script=case.script,
        number=case.number,
        verdict=verdict,
        reason=reason,
        resolved=verdict == "done" and not why,
        why=why,
        branch=task.branch or "",
        turns=used.turns,
        tokens=used.tokens,
        cached=used.cached,
        dollars=round(used.dollars, 6),
        seconds=round(time.monotonic() - case.begun, 1),
        exits=used.exits,
        trajectories=str(kept),
        expected=case.expected,
    )


def _reason(session: Session, task: TaskView) -> tuple[str, str]:
    """The code of the failure, of the pause or of what the report points out, and the sentence beside it."""
    from jobs.facts import failure_facts, found_by

    facts = failure_facts(session, task.id) if task.status == "FAILED" else None
    if facts is not None:
        return facts.reason, facts.tail[-600:]
    found = found_by(session, task.id) if task.status == "COMPLETED" else ()
    suspected = next((one for one in found if one.title.endswith(f": {SPECIAL_CASE}")), None)
    if suspected is not None:
        return SPECIAL_CASE, suspected.message
    code = task.pause_reason or task.fail_reason
    return (code.value if code else ""), task.status_reason or ""
