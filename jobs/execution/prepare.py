"""The bench of a step: mirror, work tree, dependencies, sandbox, baseline. Made at each take from what is kept."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from jobs.checks.baseline import Ground, baseline_of
from jobs.checks.programs import programs as our_programs
from jobs.checks.testplan import detect_tests
from jobs.checks.tests import Baseline
from jobs.checks.verdict import Judge, open_box
from jobs.execution.commit import bench_parent, left_behind
from jobs.execution.held import allowed
from jobs.execution.wip import set_aside
from jobs.execution.work import Bench, Taken
from jobs.facts import BASELINE, SETUP, keep, kept
from jobs.git.facts import branch_commit
from jobs.git.mirror import Mirror
from jobs.git.workspace import Workspace
from jobs.repository import Repository, remote_for
from jobs.runtime import Runtime
from jobs.sandbox.limits import Limits
from jobs.sandbox.probe import probe
from jobs.sandbox.shim import make_throwaway
from jobs.setup.additions import unapproved
from jobs.setup.by_hand import by_hand
from jobs.setup.config import RepoConfig, read_config
from jobs.setup.detect import SetupPlan, Wanted, detect_setup
from jobs.setup.environment import Builder, Environment
from jobs.setup.indexes import host_indexes
from jobs.setup.protected import Guard
from jobs.setup.source import AtCommit
from state.db.engine import read, write
from state.errors import Told
from state.lifecycle import StepStatus
from state.logs import get_log
from state.store import tasks

_working: set[str] = set()


@contextmanager
def bench(taken: Taken) -> Iterator[Bench]:
    """All that the step needs, closed at the end. Raises Told, GitError, the errors of `ghapp.clients.errors`."""
    runtime, task = taken.runtime, taken.task
    kind = sandbox_kind(runtime)
    repository = mirrored(taken)
    mirror = repository.mirror
    say(taken, "activity.setup")
    config, environment = installed(taken, repository, kind)
    programs = our_programs(runtime.settings.repos_path)
    environment = replace(environment, mounts=(*environment.mounts, programs.mount))
    workspace = Workspace(mirror, task.key)
    set_aside(taken, workspace)
    head = workspace.open(taken.base)
    parent = begins_at(taken, workspace, head)
    plan = detect_tests(AtCommit(mirror, parent), config)
    say(taken, "activity.baseline")
    ground = Ground(mirror, taken.base, config, environment, kind, programs, taken.heart.stopped)
    baseline = measured(taken, ground)
    judge = Judge(
        mirror,
        config,
        environment,
        parent,
        baseline,
        taken.step.postconditions,
        kind,
        cancel=taken.heart.stopped,
        task_base=taken.base,
        plan=taken.plan,
        step=taken.step,
        programs=programs,
        final=is_last(taken),
    )
    with open_box(workspace.root, environment, kind, Limits()) as box:
        make_throwaway(mirror.git, parent, workspace.scratch / "git")
        yield Bench(
            repository,
            config,
            workspace,
            environment,
            box,
            Guard(config.protected, allowed(taken)),
            plan,
            baseline,
            judge,
            parent,
        )


def is_last(taken: Taken) -> bool:
    """Whether no other step is still to be done."""
    over = (StepStatus.DONE, StepStatus.SKIPPED, StepStatus.CANCELLED)
    return all(step.status in over for step in taken.task.steps if step.id != taken.view.id)


def begins_at(taken: Taken, workspace: Workspace, head: str) -> str:
    """The commit that the step stands on. What a limit kept of it on the branch is its own work, not its beginning."""
    if left_behind(taken, workspace):
        return bench_parent(taken)
    if head != taken.task.head_sha:
        return head
    start = bench_parent(taken)
    if start != head:
        workspace.git.run("read-tree", "--reset", start)
    return start


def sandbox_kind(runtime: Runtime) -> str:
    """`bwrap`, or `none` where a person chose it. Raises Told: without a working sandbox nothing is executed.

    One that was seen to work is not tried again by this process and those that are forked from it.
    """
    if runtime.settings.sandbox == "none":
        return "none"
    if "bwrap" not in _working:
        found = probe("bwrap")
        if not found.ok:
            raise Told("sandbox.missing", "sandbox.missing.hint", reason=found.reason, mend=found.mend)
        _working.add("bwrap")
    return "bwrap"


def mirrored(taken: Taken) -> Repository:
    """The repository with the base commit in its mirror; nothing is fetched when it is there."""
    runtime, ref = taken.runtime, taken.task.repo
    facts = runtime.github.talk(ref).repo_facts()
    mirror = Mirror(runtime.settings.repos_path, ref.id)
    mirror.sync(remote_for(runtime, ref, facts, "read"), taken.base)
    return Repository(ref, facts, mirror, taken.task.base_branch or facts.default_branch, taken.base)


def installed(taken: Taken, repository: Repository, kind: str) -> tuple[RepoConfig, Environment]:
    """The configuration and the repository's own dependencies, from the cache or installed now.

    What is installed is what the step's start asks for, so that a package that an earlier step declared is there; but
    nothing that was neither there at the base nor approved with the plan. Where something has to be installed, the
    configuration is the base branch's of now: a person may have mended it after a setup that failed.
    """
    mirror, commit = repository.mirror, asked_for(taken, repository.mirror)
    config = read_config(mirror, taken.base)
    builder, setup = builder_of(taken, mirror, commit, config, kind)
    if not builder.ready(setup):
        mirror.sync(remote_for(taken.runtime, repository.ref, repository.facts, "read"))
        newest = branch_commit(mirror, repository.base)
        config = mended(config, read_config(mirror, newest)) if newest else config
        builder, setup = builder_of(taken, mirror, commit, config, kind)
    environment = builder.prepare(setup, commit, taken.heart.stopped)
    remember_setup(taken, setup)
    return config, environment


def remember_setup(taken: Taken, setup: SetupPlan) -> None:
    """Keep the setup as a person types it, for the reports; once, unless it is another now."""
    lines = list(by_hand(setup))
    with read(taken.runtime.engine) as session:
        known = kept(session, taken.task.id, SETUP).get("commands", [])
    if known != lines:
        with write(taken.runtime.engine) as session:
            keep(session, taken.task.id, SETUP, {"commands": lines})


def mended(config: RepoConfig, newest: RepoConfig) -> RepoConfig:
    """The configuration of the base commit with the newest setup: how the work is judged stays as it was."""
    return config.model_copy(update={name: getattr(newest, name) for name in ("setup", "setup_seconds", "network")})


def builder_of(taken: Taken, mirror: Mirror, commit: str, config: RepoConfig, kind: str) -> tuple[Builder, SetupPlan]:
    """What installs, and what would be installed."""
    source = AtCommit(mirror, commit)
    tests = detect_tests(source, config)
    wanted = [Wanted(one.package, one.constraint) for one in taken.plan.dependencies if one.new]
    setup = detect_setup(
        source, config, pytest_wanted=tests.kind == "pytest", pytest_welcome=tests.kind == "none", wanted=wanted
    )
    indexes = host_indexes(os.environ)
    return Builder(mirror, indexes, kind, float(config.setup_seconds), config.network), setup


def asked_for(taken: Taken, mirror: Mirror) -> str:
    """The commit whose manifests count: the step's start, or the base where it asks for what nobody approved."""
    start = bench_parent(taken)
    if start == taken.base or not mirror.has(start):
        return taken.base
    approved = [one.package for one in taken.plan.dependencies if one.new]
    held = unapproved(AtCommit(mirror, taken.base), AtCommit(mirror, start), approved)
    if held:
        say(taken, "activity.setup_held", names=", ".join(held[:5]))
    return taken.base if held else start


def measured(taken: Taken, ground: Ground) -> Baseline:
    """How tests and checks stood at the base commit; asked once per task."""
    with read(taken.runtime.engine) as session:
        known = kept(session, taken.task.id, BASELINE)
    folder = taken.runtime.settings.repos_path / "trees" / taken.task.key / "baseline"
    baseline, values = baseline_of(ground, folder, known)
    if values is not None:
        with write(taken.runtime.engine) as session:
            keep(session, taken.task.id, BASELINE, values)
    return baseline


def say(taken: Taken, key: str, **params: object) -> None:
    """What runs now, for the status comment (shown at its next edit)."""
    from ghapp.say.messages import plain

    get_log().info(plain("en", key, **params), task_key=taken.task.key, step=taken.view.id)
    with write(taken.runtime.engine) as session:
        tasks.set_fields(session, taken.task.id, activity=plain(taken.task.language, key, **params))


__all__ = ["bench", "sandbox_kind", "say"]
