"""Everything that belongs to one take of one step."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from jobs.checks.testplan import TestPlan
from jobs.checks.tests import Baseline
from jobs.checks.verdict import Judge
from jobs.git.workspace import Workspace
from jobs.heart import Heart
from jobs.models import begun_with
from jobs.repository import Repository
from jobs.runtime import Runtime
from jobs.sandbox.box import Sandbox
from jobs.setup.config import RepoConfig
from jobs.setup.environment import Environment
from jobs.setup.protected import Guard
from state.plan.model import Plan, Step
from state.store.approvals import ApprovalView
from state.store.leases import Lease
from state.views import StepView, TaskView


@dataclass(frozen=True)
class Taken:
    """A step under its lease, with the approval that covers it; `task` is as it was when the step was taken."""

    runtime: Runtime
    task: TaskView
    view: StepView
    lease: Lease
    approval: ApprovalView
    heart: Heart
    started_at: datetime

    @property
    def plan(self) -> Plan:
        """The approved plan; there is no executing task without one."""
        assert self.task.plan is not None
        return self.task.plan.plan

    @property
    def step(self) -> Step:
        """The step as the plan has it."""
        found = self.plan.step(self.view.id)
        assert found is not None
        return found

    @property
    def base(self) -> str:
        """The commit that the plan was made for."""
        assert self.task.base_sha is not None
        return self.task.base_sha

    @property
    def model(self) -> str:
        """The `provider:model` of the newest attempt in this round."""
        attempts = range(self.runtime.settings.max_retries, -1, -1)
        found = (begun_with(self.trajectory(number)) for number in attempts)
        return next(filter(None, found), self.runtime.settings.models["executor"])

    def trajectory(self, attempt: int) -> Path:
        """The file of one attempt's conversation."""
        name = f"{self.view.id}-r{self.view.round}-a{attempt}.jsonl"
        return self.runtime.settings.data_path / "trajectories" / self.task.key / name


@dataclass(frozen=True)
class Bench:
    """A place where the step can be worked on: tree, sandbox, dependencies, and what the base commit's tests said."""

    repository: Repository
    config: RepoConfig
    workspace: Workspace
    environment: Environment
    box: Sandbox
    guard: Guard
    tests: TestPlan
    baseline: Baseline
    judge: Judge
    parent: str  # the commit that the step stands on
