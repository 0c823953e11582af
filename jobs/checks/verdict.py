"""All checks of a step, in order, stopping at the first critical failure; on the work tree and, as the last word, on
the commit.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from jobs.checks.conditions import Ground, check_condition, text_of
from jobs.checks.result import CheckResult, Layer, Status
from jobs.checks.syntax import check_syntax
from jobs.checks.testplan import TestPlan, detect_tests
from jobs.checks.tests import Baseline, run_tests, take_baseline
from jobs.git.changes import changed_files
from jobs.git.facts import file_at
from jobs.git.hygiene import remove_tree
from jobs.git.mirror import Mirror
from jobs.git.workspace import checkout
from jobs.sandbox.box import Sandbox
from jobs.sandbox.limits import Limits
from jobs.setup.config import RepoConfig
from jobs.setup.environment import Environment
from jobs.setup.source import AtCommit
from state.plan.model import Condition

LINT_SECONDS = 300.0


@dataclass(frozen=True)
class Judge:
    """Everything that a step's checks need. `base` is the commit that the step started from."""

    mirror: Mirror
    config: RepoConfig
    environment: Environment
    base: str
    baseline: Baseline
    conditions: Sequence[Condition] = ()
    kind: str = "bwrap"
    limits: Limits = field(default_factory=Limits)
    cancel: Callable[[], bool] | None = None

    def tree(self, box: Sandbox, tree: str) -> list[CheckResult]:
        """The checks on a work tree whose snapshot is `tree` (the files themselves are in the box)."""
        plan = detect_tests(AtCommit(self.mirror, tree), self.config)
        return list(self._results(box, tree, plan))

    def commit(self, commit: str, folder: Path) -> list[CheckResult]:
        """The last word: the same checks on a fresh checkout of exactly this commit in `folder`, which is removed."""
        checkout(self.mirror, commit, folder)
        try:
            with open_box(folder, self.environment, self.kind, self.limits) as box:
                return self.tree(box, commit)
        finally:
            remove_tree(folder)

    def _results(self, box: Sandbox, tree: str, plan: TestPlan) -> Iterator[CheckResult]:
        changed = [change.path for change in changed_files(self.mirror, self.base, tree)]
        yield (syntax := check_syntax(changed, self._before, lambda path: text_of(box.tree, path)))
        if syntax.red:
            return
        ground = Ground(box, plan, self.cancel)
        red = False
        for condition in self.conditions:
            found = check_condition(condition, ground)
            red = red or found.red
            yield found
        if red:
            return
        yield (tests := self._tests(box, plan))
        if not tests.red:
            yield from self._commands(box)

    def _tests(self, box: Sandbox, plan: TestPlan) -> CheckResult:
        seconds = self.config.test_seconds
        return run_tests(box, plan, baseline=self.baseline, seconds=seconds, cancel=self.cancel)

    def _commands(self, box: Sandbox) -> Iterator[CheckResult]:
        """The repository's own type checker and linter, where it configures them."""
        for name, command, layer in (
            ("types", self.config.typecheck, Layer.CRITICAL),
            ("lint", self.config.lint, Layer.IMPORTANT),
        ):
            if command:
                yield run_command(box, name, command, layer, self.cancel)

    def _before(self, path: str) -> str | None:
        data = file_at(self.mirror, self.base, path)
        return None if data is None else data.decode("utf-8-sig", "replace")


def run_command(
    box: Sandbox, name: str, command: str, layer: Layer, cancel: Callable[[], bool] | None = None
) -> CheckResult:
    """A configured command as a check: it has to end with 0."""
    result = box.run(command, timeout=LINT_SECONDS, cancel=cancel)
    status = Status.PASSED if result.exit_code == 0 else Status.FAILED
    summary = f"killed after {result.seconds:.0f} s" if result.timed_out else f"ended with {result.exit_code}"
    found = CheckResult(name, layer, status, summary, command, result.exit_code, result.seconds)
    return replace(found, tail=result.output)


def baseline_at(
    mirror: Mirror, commit: str, folder: Path, config: RepoConfig, environment: Environment, kind: str = "bwrap"
) -> tuple[Baseline, CheckResult]:
    """The tests at the base commit, on a fresh checkout in `folder`, which is removed."""
    checkout(mirror, commit, folder)
    try:
        with open_box(folder, environment, kind, Limits()) as box:
            return take_baseline(box, detect_tests(AtCommit(mirror, commit), config), config.test_seconds)
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
