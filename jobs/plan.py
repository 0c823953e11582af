"""`plan`: studies the repository, read-only, and stores a plan version, or says why there is none."""

from __future__ import annotations

from ai.limits import Exit
from ai.planner.agent import LIMITS, MAX_OUT, PlanOutcome, make_plan
from ai.trajectory import Trajectory
from jobs.checks.testplan import detect_tests
from jobs.choices import settled
from jobs.heart import Heart
from jobs.models import Payer, asker, begun_with, model_now, terms
from jobs.parking import Parking, parked
from jobs.planning.assume import base_said, with_base
from jobs.planning.publish import approver_ids, observe, publish
from jobs.planning.request import conversation_text, plan_request
from jobs.planning.validate import ground, validator
from jobs.repository import Repository, open_repository
from jobs.ringing import ring_now
from jobs.runner import job
from jobs.runtime import Runtime
from jobs.setup.config import RepoConfig, read_config
from jobs.setup.protected import PROTECTED
from jobs.setup.source import AtCommit
from jobs.tools.planner import PlannerTools
from state.db.engine import read, write
from state.errors import Told
from state.failpoint import failpoint
from state.lifecycle import TaskStatus
from state.logs import get_log
from state.plan.check_habits import TESTS
from state.store import leases, plans, tasks
from state.store.leases import Lease
from state.views import ALLOWED, TaskView

ROLE = "planner"
LINE = 8
"""Tasks that one bell tries to take before it is silent: the others of its length are being planned already."""
UNTESTED = frozenset({TESTS})


@job("plan")
def run(runtime: Runtime, seq: int) -> None:
    """Plan the task whose turn it is; the number only names the bell that rang (promises G14)."""
    failpoint("plan.before_take")
    with read(runtime.engine) as session:
        line = tasks.to_plan(session, LINE)
    for chosen in line if seq in line else (*line, seq):
        if _one(runtime, chosen):
            return


def _one(runtime: Runtime, seq: int) -> bool:
    """Plan one task under its lease; what goes wrong outside parks the task or waits, and uses nothing up. False:
    nobody has to plan it, or somebody does.
    """
    parking = Parking(runtime, seq)
    with parking.poison(), write(runtime.engine) as session:
        lease = tasks.take(session, seq, runtime.owner)
    if parking.ended or lease is None:
        return parking.ended
    with read(runtime.engine) as session:
        task = tasks.by_seq(session, seq)
    with Heart(runtime.engine, lease, task.id, TaskStatus.PLANNING) as heart, parked(parking, lease, heart):
        _plan(runtime, task, lease, heart)
    return True


def _plan(runtime: Runtime, task: TaskView, lease: Lease, heart: Heart) -> None:
    repository, config = configured(runtime, task)
    task = settled(runtime, task, repository, config)
    outcome = _ask(runtime, task, repository, config, heart)
    failpoint("plan.before_store")
    if outcome.exit is Exit.CANCELLED or heart.stopped():
        return
    if outcome.plan is None:
        raise _why(outcome)
    plan = (
        outcome.plan if base_said(task, repository, config) else with_base(outcome.plan, repository.base, task.language)
    )
    seen = observe(runtime, repository, config)
    approvers = approver_ids(runtime, repository, config)
    with write(runtime.engine) as session:
        leases.guard(session, lease)
        effects = publish(session, runtime, task, repository, config, plan, seen, approvers)
        leases.release(session, lease)
    get_log().info("plan stored", task_key=task.key, steps=sum(1 for _ in plan.steps()))
    failpoint("plan.after_store")
    ring_now(runtime, effects, deliver=task.seq)


def configured(runtime: Runtime, task: TaskView) -> tuple[Repository, RepoConfig]:
    """The repository at the branch that the task starts from: asked for, else configured, else the usual one."""
    asked = task.options.get("base")
    repository = open_repository(runtime, task.repo, asked)
    config = read_config(repository.mirror, repository.base_sha)
    if asked is None and config.base is not None and config.base != repository.base:
        repository = open_repository(runtime, task.repo, config.base)
        config = read_config(repository.mirror, repository.base_sha)
    return repository, config


def _ask(runtime: Runtime, task: TaskView, repository: Repository, config: RepoConfig, heart: Heart) -> PlanOutcome:
    with read(runtime.engine) as session:
        conversation = conversation_text(session, task)
        used = [step.id for version in plans.versions(session, task.id) for step in version.plan.steps()]
    opened = (f"!/{one['path']}" for one in task.options.get(ALLOWED, ()))
    protected = (*PROTECTED, *config.protected, *opened)
    commands = commands_of(repository, config)
    said, data = base_said(task, repository, config), runtime.settings.data_path
    request = plan_request(task, repository, conversation, commands, protected, said, data=data)
    previous = task.plan.plan if task.plan else None
    base = ground(repository, protected, task.request, frozenset() if "tests" in commands else UNTESTED)
    file = runtime.settings.data_path / "trajectories" / task.key / f"plan-r{task.rounds}-{task.revision}.jsonl"
    model = model_now(runtime, ROLE, config.models, begun_with(file))
    return make_plan(
        request,
        PlannerTools(repository.mirror, repository.base_sha, commands),
        asker(runtime, ROLE, Payer(task.id, task.repo.id, None, task.budget), heart.stopped, model),
        validator(base, previous, used),
        Trajectory(file, lambda text: runtime.redactor.redact(text).text),
        terms(runtime, ROLE, LIMITS, MAX_OUT, model),
    )


def commands_of(repository: Repository, config: RepoConfig) -> dict[str, str]:
    """The repository's commands by purpose, as the checks will run them."""
    tests = detect_tests(AtCommit(repository.mirror, repository.base_sha), config).command
    named = {"tests": tests, "lint": config.lint, "types": config.typecheck}
    return {purpose: command for purpose, command in named.items() if command}


def _why(outcome: PlanOutcome) -> Told:
    """No plan, as an error for people."""
    if outcome.cannot is not None:
        return Told(f"plan.cannot.{outcome.cannot.kind}", "plan.failed.hint", reason=outcome.cannot.reason)
    if outcome.problems:
        detail = "; ".join(str(problem) for problem in outcome.problems[:5])
        return Told("plan.failed.invalid", "plan.failed.hint", detail=detail)
    return Told("plan.failed.stopped", "plan.failed.hint", exit=outcome.exit.value, detail=outcome.detail or "-")
