"""All checks of a step, in order, stopping at the first critical failure; on the work tree and, as the last word, on
the commit.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from jobs.checks.programs import Programs
from jobs.checks.result import CheckResult
from jobs.checks.scene import Scene
from jobs.checks.table import run_checks
from jobs.checks.testplan import detect_tests
from jobs.checks.tests import Baseline
from jobs.git.hygiene import remove_tree
from jobs.git.mirror import Mirror
from jobs.git.workspace import checkout
from jobs.sandbox.box import Sandbox
from jobs.sandbox.limits import Limits
from jobs.setup.config import RepoConfig
from jobs.setup.environment import Environment
from jobs.setup.source import AtCommit
from state.plan.model import Condition, Plan, Step


@dataclass(frozen=True)
class Judge:
    """Everything that a step's checks need. `base` is the commit that the step started from, `task_base` the one that
    the plan was made for. `seen` keeps what was said of each tree.
    """

    mirror: Mirror
    config: RepoConfig
    environment: Environment
    base: str
    baseline: Baseline
    conditions: Sequence[Condition] = ()
    kind: str = "bwrap"
    limits: Limits = field(default_factory=Limits)
    cancel: Callable[[], bool] | None = None
    task_base: str = ""
    plan: Plan | None = None
    step: Step | None = None
    programs: Programs | None = None
    final: bool = False
    seen: dict[str, tuple[CheckResult, ...]] = field(default_factory=dict)

    def tree(self, box: Sandbox, tree: str) -> list[CheckResult]:
        """The checks on a work tree whose snapshot is `tree` (the files themselves are in the box)."""
        results = list(run_checks(self.scene(box, tree)))
        self.seen[tree] = tuple(results)
        return results

    def scene(self, box: Sandbox, tree: str) -> Scene:
        """What the checks see of a tree."""
        return Scene(
            box,
            self.mirror,
            self.task_base or self.base,
            self.base,
            tree,
            self.config,
            self.environment,
            detect_tests(AtCommit(self.mirror, tree), self.config),
            self.baseline,
            self.conditions,
            self.plan,
            self.step,
            self.programs,
            self.cancel,
            self.final,
        )

    def commit(self, commit: str, folder: Path) -> list[CheckResult]:
        """The last word: the same checks on a fresh checkout of exactly this commit in `folder`, which is removed."""
        checkout(self.mirror, commit, folder)
        try:
            with open_box(folder, self.environment, self.kind, self.limits) as box:
                return list(run_checks(replace(self.scene(box, commit), fresh=True)))
        finally:
            remove_tree(folder)


@contextlib.contextmanager
def open_box(folder: Path, environment: Environment, kind: str, limits: Limits) -> Iterator[Sandbox]:
    """A sandbox on `folder/tree` with the repository's environment; closed at the end."""
    mounts, env = environment.mounts, environment.env
    box = Sandbox(folder / "tree", folder / "scratch", kind=kind, mounts=mounts, env=env, limits=limits)
    try:
        yield box
    finally:
        box.close()
