"""The executor's tools bound to one bench: the tests and checks behind them are those of the last word."""

from __future__ import annotations

from dataclasses import dataclass

from jobs.checks.result import CheckResult, Layer, Status
from jobs.execution.commit import failures
from jobs.execution.work import Bench, Taken
from jobs.setup.belongs import junk, named
from jobs.tools.executor import ExecutorTools
from jobs.tools.memory import ToolSession
from jobs.tools.suite import SECONDS, SandboxTests
from state.plan.model import Step


def toolbox(taken: Taken, bench: Bench, number: int) -> ExecutorTools:
    """The tools of one attempt; what they remember survives this process."""
    plan = named(taken.step)
    declared = (*sorted(plan.files), *(f"{folder}/" for folder in plan.folders))
    session = ToolSession.open(taken.trajectory(number).with_suffix(".session"), declared)
    session.inherit(kept(taken, earlier) for earlier in range(number))
    return ExecutorTools(
        session,
        bench.workspace,
        bench.box,
        SandboxTests(
            bench.box,
            bench.tests,
            bench.baseline,
            seconds=min(SECONDS, bench.config.test_seconds),
            cancel=taken.heart.stopped,
        ),
        StepChecks(taken, bench, session),
        bench.guard,
        base=bench.parent,
        cancel=taken.heart.stopped,
    )


def kept(taken: Taken, number: int) -> ToolSession:
    """What an attempt's tools remember."""
    return ToolSession.open(taken.trajectory(number).with_suffix(".session"))


@dataclass
class StepChecks:
    """The checks on the work tree as it stands, run once for each state of it."""

    taken: Taken
    bench: Bench
    session: ToolSession
    _there: str = ""
    _results: tuple[CheckResult, ...] = ()

    def red(self) -> list[str]:
        """Critical checks that are red."""
        return [said(one) for one in self._checked() if one.red]

    def failing(self) -> list[str]:
        """Checks that fail without being critical; important ones have to pass all the same."""
        failed = [one for one in self._checked() if one.status is Status.FAILED and not one.red]
        return [f"{WEIGHT[one.layer]}: {said(one)}" for one in failed]

    def acceptance(self) -> list[str]:
        """What must be true at the end, as the plan says it."""
        return acceptance(self.taken.step)

    def _checked(self) -> tuple[CheckResult, ...]:
        there = self.bench.workspace.snapshot(junk)  # what tests and commands see counts too
        if there != self._there:
            tree = self.bench.workspace.snapshot(self._left_out)
            self._results = tuple(self.bench.judge.tree(self.bench.box, tree))
            self._there = there
        return self._results

    def _left_out(self, path: str) -> bool:
        """Whether no commit takes the path unasked, so that it would not be pushed."""
        own = path in self.session.written or named(self.taken.step).takes(path, new=True)
        return junk(path) or not own


WEIGHT = {Layer.CRITICAL: "must pass", Layer.IMPORTANT: "must pass", Layer.NICE: "nice to have"}


def said(result: CheckResult) -> str:
    """A failed check in words, with its evidence."""
    return f"{result.name}: {result.summary}\n{failures(result)}".strip()


def acceptance(step: Step) -> list[str]:
    """The step's criteria, conditions and tests, one sentence each."""
    conditions = [f"{one.type.value} {one.target} {one.value}".strip() for one in step.postconditions]
    tests = [f"the test {name} passes" for name in step.tests]
    return [*step.acceptance_criteria, *conditions, *tests]
