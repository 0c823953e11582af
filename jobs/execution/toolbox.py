"""The executor's tools bound to one bench: the tests and checks behind them are those of the last word."""

from __future__ import annotations

from dataclasses import dataclass

from jobs.checks.result import CheckResult, Layer, Status
from jobs.checks.tests import run_tests
from jobs.execution.commit import failures
from jobs.execution.work import Bench, Taken
from jobs.tools.executor import ExecutorTools
from jobs.tools.memory import ToolSession
from jobs.tools.ports import TestsSaid
from state.plan.model import Step

TEST_SECONDS = 600.0


def toolbox(taken: Taken, bench: Bench, number: int) -> ExecutorTools:
    """The tools of one attempt; what they remember survives this process."""
    declared = (file.path for file in taken.step.files)
    session = ToolSession.open(taken.trajectory(number).with_suffix(".session"), declared)
    return ExecutorTools(
        session,
        bench.workspace,
        bench.box,
        Suite(taken, bench),
        StepChecks(taken, bench),
        bench.guard,
        base=bench.parent,
        cancel=taken.heart.stopped,
    )


@dataclass(frozen=True)
class Suite:
    """The repository's tests, run on the work tree as the checks will run them."""

    taken: Taken
    bench: Bench

    def run(self, selection: str | None) -> TestsSaid:
        """Failures first, then the counts."""
        found = run_tests(
            self.bench.box,
            self.bench.tests,
            selection=selection or "",
            baseline=self.bench.baseline,
            seconds=TEST_SECONDS,
            cancel=self.taken.heart.stopped,
        )
        shown = failures(found) if found.status is Status.FAILED else ""
        command = f"`{found.command}` ended with {found.exit_code}" if found.command else ""
        text = "\n".join(part for part in (shown, found.summary, command) if part)
        return TestsSaid(text, found.status is not Status.FAILED)


@dataclass
class StepChecks:
    """The checks on the work tree as it stands, run once for each state of it."""

    taken: Taken
    bench: Bench
    _tree: str = ""
    _results: tuple[CheckResult, ...] = ()

    def red(self) -> list[str]:
        """Critical checks that are red."""
        return [said(one) for one in self._checked() if one.red]

    def failing(self) -> list[str]:
        """Checks that fail without being critical."""
        return [said(one) for one in self._checked() if one.status is Status.FAILED and one.layer is not Layer.CRITICAL]

    def acceptance(self) -> list[str]:
        """What must be true at the end, as the plan says it."""
        return acceptance(self.taken.step)

    def _checked(self) -> tuple[CheckResult, ...]:
        tree = self.bench.workspace.snapshot()
        if tree != self._tree:
            self._results = tuple(self.bench.judge.tree(self.bench.box, tree))
            self._tree = tree
        return self._results


def said(result: CheckResult) -> str:
    """A failed check in words, with its evidence."""
    return f"{result.name}: {result.summary}\n{failures(result)}".strip()


def acceptance(step: Step) -> list[str]:
    """The step's criteria, conditions and tests, one sentence each."""
    conditions = [f"{one.type.value} {one.target} {one.value}".strip() for one in step.postconditions]
    tests = [f"the test {name} passes" for name in step.tests]
    return [*step.acceptance_criteria, *conditions, *tests]
