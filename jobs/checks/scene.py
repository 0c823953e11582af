"""What a check sees: a tree with its sandbox, what it is compared with, what the approved plan says of the step."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from jobs.checks.programs import Programs
from jobs.checks.result import CheckResult
from jobs.checks.testplan import TestPlan
from jobs.checks.tests import Baseline
from jobs.git.changes import Change, changed_files
from jobs.git.facts import file_at
from jobs.git.mirror import Mirror
from jobs.sandbox.box import Sandbox
from jobs.setup.config import RepoConfig
from jobs.setup.environment import Environment
from jobs.setup.source import AtCommit
from state.plan.branch_facts import FOLDER
from state.plan.model import Condition, Plan, Step


@dataclass(frozen=True)
class Scene:
    """`tree` is what is judged: a commit or a tree, whose files lie in the box. `base` is the commit that the plan was
    made for: what was wrong there is not new. `start` is the commit that the step stands on.

    `plan` and `step` are those that were approved; None while the base itself is looked at. `final`: no other step
    of the task is still to be done. `fresh`: the tree is the checkout of a commit, where the last word is spoken.
    `so_far` is what the checks before this one said.
    """

    box: Sandbox
    mirror: Mirror
    base: str
    start: str
    tree: str
    config: RepoConfig
    environment: Environment
    tests: TestPlan
    baseline: Baseline
    conditions: Sequence[Condition] = ()
    plan: Plan | None = None
    step: Step | None = None
    programs: Programs | None = None
    cancel: Callable[[], bool] | None = None
    final: bool = False
    fresh: bool = False
    so_far: list[CheckResult] = field(default_factory=list)

    @cached_property
    def changes(self) -> tuple[Change, ...]:
        """What the step changes, our own files aside."""
        return _changes(self.mirror, self.start, self.tree)

    @cached_property
    def since_base(self) -> tuple[Change, ...]:
        """What the task has changed so far."""
        return _changes(self.mirror, self.base, self.tree)

    @cached_property
    def now(self) -> AtCommit:
        """The files that are judged, read from git: what a test run does to the work tree has no say."""
        return AtCommit(self.mirror, self.tree)

    @cached_property
    def before(self) -> AtCommit:
        """The files at the base commit."""
        return AtCommit(self.mirror, self.base)

    def bytes_now(self, path: str) -> bytes | None:
        """A file's bytes in the judged tree."""
        return file_at(self.mirror, self.tree, path)


def _changes(mirror: Mirror, base: str, tree: str) -> tuple[Change, ...]:
    return tuple(one for one in changed_files(mirror, base, tree) if not one.path.startswith(f"{FOLDER}/"))
